import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelVault

/// Consent by a code that a person enters on another device (RFC 8628).
extension Authorizer {
    /// Asks the provider for a code, and keeps it in the vault until it expires.
    package func beginDevice(_ request: ConsentRequest) async throws(StepFailure) -> BegunDevice {
        let terms = try await terms(of: request)
        guard let endpoint = terms.endpoints.deviceAuthorization else {
            throw explanation.endpointMissing(.deviceAuthorization, of: terms.contact, request.work.profile)
        }
        let profile = request.work.profile
        let asked = DeviceFlow.request(
            try explanation.client(of: terms.grant, profile, at: time.now), endpoint: endpoint,
            scopes: request.client.scopes,
            additional: terms.grant.additional)
        let response = try await tokens.response(
            to: asked, trust: terms.grant.trust, for: profile, field: "endpoints.deviceAuthorization")
        let flow: DeviceFlow
        do throws(OAuthFailure) {
            flow = try DeviceFlow(
                answer: response, scopes: request.client.scopes, at: time.now,
                withholding: terms.grant.credentials.withheld)
        } catch {
            throw tokens.refusal(error, by: endpoint, for: profile)
        }
        let lifetime = max(1, flow.prompt.expiresAt.seconds - time.now.seconds)
        let kept = try await inVault { vault throws(VaultFailure) in
            try await vault.keep(draft(.device, request, lifetime), payload: flow.record)
        }
        return BegunDevice(consent: begun(request, flow), flow: flow, id: kept.id, terms: terms, isResumed: false)
    }

    /// What another process began for the slot; nil if nothing waits.
    package func resumeDevice(_ request: ConsentRequest) async throws(StepFailure) -> BegunDevice? {
        guard let opened = try await opened(.device, request) else { return nil }
        guard let flow = try? DeviceFlow(record: opened.payload) else {
            throw StepFailure(.local(VaultFailure(.corrupt, "the pending consent is not of a form known here")))
        }
        try checkAsked(flow.scopes, request)
        return BegunDevice(
            consent: begun(request, flow), flow: flow, id: opened.flow.id, terms: try await terms(of: request),
            isResumed: true)
    }

    /// Asks the provider, as often as it allows, until the person has decided, the code has expired, or the patience of
    /// whoever waits here is at its end. Then the code stays good, for another process to go on with.
    ///
    /// Only the waiting can be cut off: what a code gives is issued once, so from the question to the storing of its answer
    /// nothing is.
    package func finish(
        _ begun: BegunDevice, patience: Duration? = nil
    ) async throws(StepFailure) -> GivenConsent {
        let limit = patience.map { time.now.seconds + $0.components.seconds }
        var flow = begun.flow
        var unreached: StepFailure?
        while true {
            guard !Task.isCancelled else { throw interrupted(begun.consent) }
            if case .wait(let moment) = flow.next(at: time.now) {
                if let limit, moment.seconds > limit { throw nobodyEntered(begun.consent) }
                do {
                    try await sleep(.seconds(max(1, moment.seconds - time.now.seconds)))
                } catch {
                    throw interrupted(begun.consent)
                }
                continue
            }
            let (asked, earlier) = (flow, unreached)
            let progress = try await uninterrupted { () async throws(StepFailure) in
                try await goOn(asked, begun, unreached: earlier)
            }
            switch progress {
            case .waiting(let next, let reason): (flow, unreached) = (next, reason)
            case .given(let given): return given
            }
        }
    }

    private enum Progress: Sendable {
        /// With why the last question did not reach the provider, if it did not.
        case waiting(DeviceFlow, unreached: StepFailure?)
        case given(GivenConsent)
    }

    /// One question, and all that follows from its answer.
    private func goOn(
        _ flow: DeviceFlow, _ begun: BegunDevice, unreached: StepFailure?
    ) async throws(StepFailure) -> Progress {
        var (flow, unreached) = (flow, unreached)
        if case .poll = flow.next(at: time.now) { unreached = try await poll(&flow, begun) }
        switch flow.next(at: time.now) {
        case .wait, .poll: return .waiting(flow, unreached: unreached)
        case .finished(let issued): return .given(try await finish(begun, issued))
        case .failed(let failure):
            _ = try await keepsRescued(failure, flow.scopes, begun.terms, begun.consent.request, nil)
            try await inVault { vault throws(VaultFailure) in try await vault.drop(begun.id) }
            throw ended(failure, begun, unreached: unreached)
        }
    }

    private func ended(_ failure: OAuthFailure, _ begun: BegunDevice, unreached: StepFailure?) -> StepFailure {
        var ended = tokens.refusal(
            failure, by: begun.terms.grant.tokenEndpoint, for: begun.consent.request.work.profile, grant: .deviceCode)
        if let unreached {
            ended.diagnostic.notes.append(
                Diagnostic.Note("the provider could not be asked to the end: \(unreached.diagnostic.message)"))
        }
        if begun.isResumed, failure.mayBeOfSpentCode {
            ended.diagnostic.notes.append(
                Diagnostic.Note(
                    "if a process ended while it asked, it may have been given the tokens and not have stored them; the provider then holds a consent that nobody has, and a new one takes its place"
                ))
        }
        return ended
    }

    /// Asks once; returns why the provider was not reached, where that may pass.
    private func poll(_ flow: inout DeviceFlow, _ begun: BegunDevice) async throws(StepFailure) -> StepFailure? {
        var unreached: StepFailure?
        let terms = begun.terms.grant
        let profile = begun.consent.request.work.profile
        let question = flow.poll(
            try explanation.client(of: terms, profile, at: time.now), additional: terms.additional)
        let interval = flow.interval
        do throws(StepFailure) {
            let response = try await tokens.response(
                to: question, trust: terms.trust, for: profile, field: "endpoints.token")
            _ = flow.receive(response, at: time.now, withholding: terms.credentials.withheld)
        } catch {
            // What RFC 8628 section 3.5 lets pass is time and the network; what somebody must mend is said while there is time.
            guard case .unreached(let reason)? = error.provider, reason.mayPass else { throw error }
            unreached = error
            _ = flow.connectionFailed(at: time.now)
        }
        // Whoever resumes it must be no more hasty than this process was told to be.
        if flow.interval != interval {
            let record = flow.record
            try await inVault { vault throws(VaultFailure) in
                try await vault.replacePayload(of: begun.id, with: record)
            }
        }
        return unreached
    }

    private func finish(
        _ begun: BegunDevice, _ issued: KeelOAuth.IssuedTokens
    ) async throws(StepFailure) -> GivenConsent {
        // Nil when the code expired meanwhile; what was issued is kept all the same.
        let taken = try await inVault { vault throws(VaultFailure) in try await vault.redeem(begun.id, run: run) }
        return try await keep(issued, begun.terms, begun.consent.request, redeeming: taken?.intent.id)
    }

    private func begun(_ request: ConsentRequest, _ flow: DeviceFlow) -> BegunConsent {
        let prompt = flow.prompt
        return BegunConsent(
            request: request, expires: prompt.expiresAt,
            ask: .code(prompt.userCode, at: prompt.verificationURI, complete: prompt.verificationURIComplete))
    }
}

/// A consent by device code that was begun here or elsewhere.
package struct BegunDevice: Sendable {
    package let consent: BegunConsent
    let flow: DeviceFlow
    let id: FlowID
    let terms: ConsentTerms
    /// Whether another process may have asked with it before.
    let isResumed: Bool
}

extension OAuthFailure {
    /// Whether the provider no longer knows the device code: it was used up, or has expired there.
    fileprivate var mayBeOfSpentCode: Bool {
        switch kind {
        case .invalidGrant, .badVerificationCode, .expiredToken: true
        default: false
        }
    }
}

extension ConnectionFailure {
    /// Whether asking again later may help, without anybody doing anything here.
    fileprivate var mayPass: Bool {
        switch self {
        case .tls, .injected, .trustUnusable: false
        case .proxy(let proxy):
            switch proxy.trouble {
            case .unusable, .authenticationWanted: false
            case .unreached(let reason), .beyond(let reason): reason.mayPass
            case .refused, .replied: true
            }
        case .nameNotResolved, .refused, .unreachable, .timedOut, .closed, .other: true
        }
    }
}

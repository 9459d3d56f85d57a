import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelVault

/// Consent by a link that a person opens in a browser (RFC 6749 section 4.1 with RFC 7636).
extension Authorizer {
    /// Begins a consent whose answer comes to `redirectURI`, and keeps it in the vault for `lifetime` seconds.
    package func beginCode(
        _ request: ConsentRequest, redirectURI: RedirectURI, lifetime: Int64
    ) async throws(StepFailure) -> BegunCode {
        let terms = try await terms(of: request)
        guard let endpoint = terms.endpoints.authorization else {
            throw explanation.endpointMissing(.authorization, of: terms.contact, request.work.profile)
        }
        let flow = AuthorizationCodeFlow(
            AuthorizationRequest(
                endpoint: endpoint, clientID: request.client.clientID, redirectURI: redirectURI,
                scopes: request.client.scopes, loginHint: request.work.subject, additional: terms.grant.additional,
                issuer: terms.metadata?.issuer ?? request.client.expectedIssuer,
                announcesIssuer: terms.metadata?.announcesIssuer ?? false))
        let kept = try await inVault { vault throws(VaultFailure) in
            try await vault.keep(draft(.code, request, lifetime), payload: flow.record)
        }
        return BegunCode(
            consent: BegunConsent(request: request, expires: kept.draft.expires, ask: .link(flow.url)), flow: flow,
            id: kept.id, terms: terms)
    }

    /// What another process began for the slot; nil if nothing waits.
    package func resumeCode(_ request: ConsentRequest) async throws(StepFailure) -> BegunCode? {
        guard let opened = try await opened(.code, request) else { return nil }
        guard let flow = try? AuthorizationCodeFlow(record: opened.payload) else {
            throw StepFailure(.local(VaultFailure(.corrupt, "the pending consent is not of a form known here")))
        }
        try checkAsked(flow.scopes, request)
        return BegunCode(
            consent: BegunConsent(request: request, expires: opened.flow.draft.expires, ask: .link(flow.url)),
            flow: flow, id: opened.flow.id, terms: try await terms(of: request))
    }

    /// Redeems what the browser brought.
    package func redeem(_ begun: BegunCode, _ answer: RedirectAnswer) async throws(StepFailure) -> GivenConsent {
        let request = begun.consent.request
        let code: Secret
        do throws(OAuthFailure) {
            code = try begun.flow.answer(to: answer)
        } catch {
            let refusal = tokens.refusal(error, by: begun.endpoint, for: request.work.profile)
            guard error.endsConsent else { throw stillGood(refusal, error, begun.consent) }
            try await inVault { vault throws(VaultFailure) in try await vault.drop(begun.id) }
            throw refusal
        }
        return try await uninterrupted { () async throws(StepFailure) in
            let taken = try await inVault { vault throws(VaultFailure) in try await vault.redeem(begun.id, run: run) }
            guard let taken else { throw finishedElsewhere(request) }
            let issued = try await exchange(begun, code, taken.intent)
            return try await keep(issued, begun.terms, request, nonce: begun.flow.nonce, redeeming: taken.intent.id)
        }
    }

    /// What was brought is no whole answer, so the link waits for that still.
    private func stillGood(_ refusal: StepFailure, _ error: OAuthFailure, _ consent: BegunConsent) -> StepFailure {
        var refusal = refusal
        if error.isOfPart {
            refusal.diagnostic.notes.append(
                Diagnostic.Note(
                    "the address seems to be cut off: it goes on behind each &, where a shell ends a command unless the address stands in quotes"
                ))
        }
        refusal.diagnostic.help =
            "the link is good until \(consent.expires): `\(command(consent.request, "--resume"))` takes the whole address that the browser ended at"
        refusal.diagnostic.responsible = .operatorHere
        return refusal
    }

    /// A code is never sent twice: whether a request that got no answer was heard is not known, and a second one may make the
    /// provider revoke what it issued for the first (RFC 6749 section 4.1.2).
    private func exchange(
        _ begun: BegunCode, _ code: Secret, _ intent: Intent
    ) async throws(StepFailure) -> KeelOAuth.IssuedTokens {
        let terms = begun.terms.grant
        let profile = begun.consent.request.work.profile
        let request: HTTPRequest
        do throws(CredentialFailure) {
            request = begun.flow.redemption(code, try terms.client(at: time.now), additional: terms.additional)
        } catch {
            try await inVault { vault throws(VaultFailure) in try await vault.abandon(intent.id) }
            throw StepFailure(explanation.credentialUnusable(error, profile))
        }
        do throws(StepFailure) {
            return try await tokens.send(
                request, scopes: begun.flow.scopes, withholding: terms.credentials.withheld + [code],
                trust: terms.trust,
                for: profile, grant: .authorizationCode)
        } catch {
            var failure = error
            if case .answered(let answer)? = error.provider {
                guard
                    try await !keepsRescued(
                        answer, begun.flow.scopes, begun.terms, begun.consent.request, intent.id)
                else {
                    throw error
                }
                try await inVault { vault throws(VaultFailure) in try await vault.abandon(intent.id) }
            } else {
                failure.diagnostic.notes.append(
                    Diagnostic.Note(
                        "the code was sent, and may have been redeemed: a consent that nobody holds may be left at the provider"
                    ))
            }
            throw failure
        }
    }
}

/// A consent by link that was begun here or elsewhere.
package struct BegunCode: Sendable {
    package let consent: BegunConsent
    let flow: AuthorizationCodeFlow
    let id: FlowID
    let terms: ConsentTerms

    /// Where the person was sent.
    var endpoint: EndpointURL { terms.endpoints.authorization ?? terms.grant.tokenEndpoint }

    /// Whether a query answers this request: it brings its `state`.
    func recognizes(_ query: Secret) -> Bool {
        guard let answer = try? RedirectAnswer(query: query) else { return false }
        do throws(OAuthFailure) {
            _ = try flow.answer(to: answer)
            return true
        } catch {
            return !error.provesNothing
        }
    }
}

extension OAuthFailure {
    /// Whether an answer does not show that it is one to our request: anybody could have made it.
    fileprivate var provesNothing: Bool {
        switch kind {
        case .answerUnusable(.stateMissing), .answerUnusable(.stateMismatch): true
        default: false
        }
    }

    /// Whether the person or the provider said no, or another provider answered. Whatever else cannot be used may be a part of
    /// the answer, or nobody's.
    fileprivate var endsConsent: Bool {
        guard case .answerUnusable(let fault) = kind else { return true }
        return fault == .issuerMismatch
    }

    /// Whether the answer lacks what each has.
    fileprivate var isOfPart: Bool {
        switch kind {
        case .answerUnusable(.stateMissing), .answerUnusable(.codeMissing), .answerUnusable(.issuerMissing): true
        default: false
        }
    }
}

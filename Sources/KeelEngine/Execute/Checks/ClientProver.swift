import KeelBase
import KeelOAuth
import KeelPlan
import KeelProviders

/// Sees whether a provider accepts a client where no token can be had without a person.
///
/// The requests cost nobody anything: what they start lapses by itself.
package struct ClientProver: Sendable {
    private let tokens: TokenObtainer
    private let explanation: FailureExplanation
    private let time: any TimeSource

    package init(tokens: TokenObtainer, explanation: FailureExplanation, time: any TimeSource) {
        self.tokens = tokens
        self.explanation = explanation
        self.time = time
    }

    /// What came of it, and by which request.
    package struct Finding: Sendable {
        package let probe: KeelPlan.ClientProbe
        package let verdict: KeelOAuth.ClientProbe.Verdict
        package let endpoint: EndpointURL
    }

    /// The first verdict that tells, else the last that does not; nil if the provider offers none of the requests.
    package func prove(
        _ client: ClientWork, _ terms: GrantTerms, _ contact: ProfileContact, by probes: [KeelPlan.ClientProbe],
        of profile: ResourceAddress
    ) async throws(StepFailure) -> Finding? {
        var last: Finding?
        for probe in probes {
            guard let finding = try await prove(probe, client, terms, contact, profile) else { continue }
            last = finding
            if case .ambiguous = finding.verdict { continue }
            break
        }
        return last
    }

    private func prove(
        _ probe: KeelPlan.ClientProbe, _ work: ClientWork, _ terms: GrantTerms, _ contact: ProfileContact,
        _ profile: ResourceAddress
    ) async throws(StepFailure) -> Finding? {
        let shown = try explanation.client(of: terms, profile, at: time.now)
        func ask(
            _ request: HTTPRequest, at endpoint: EndpointURL, _ field: String, reading verdict: Reading
        ) async throws(StepFailure) -> Finding {
            let response = try await tokens.response(to: request, trust: terms.trust, for: profile, field: field)
            return Finding(
                probe: probe,
                verdict: verdict(response, time.now, terms.credentials.withheld, ErrorCatalogue.failureClass),
                endpoint: endpoint)
        }
        switch probe {
        case .pushedAuthorization:
            guard let endpoint = contact.endpoints.pushedAuthorization,
                let request = authorizationRequest(work, terms, contact)
            else { return nil }
            return try await ask(
                KeelOAuth.ClientProbe.pushedRequest(shown, endpoint: endpoint, request), at: endpoint,
                "endpoints.pushedAuthorization", reading: KeelOAuth.ClientProbe.pushedVerdict)
        case .deviceAuthorization:
            guard let endpoint = contact.endpoints.deviceAuthorization else { return nil }
            return try await ask(
                DeviceFlow.request(shown, endpoint: endpoint, scopes: terms.scopes, additional: terms.additional),
                at: endpoint, "endpoints.deviceAuthorization", reading: KeelOAuth.ClientProbe.deviceVerdict)
        case .refresh:
            return try await ask(
                KeelOAuth.ClientProbe.refreshRequest(shown, scopes: terms.scopes, additional: terms.additional),
                at: terms.tokenEndpoint, "endpoints.token", reading: KeelOAuth.ClientProbe.refreshVerdict)
        }
    }

    /// How the answer to a probe is read.
    private typealias Reading =
        (HTTPResponse, Timestamp, [Secret], KeelOAuth.ClientProbe.Known) -> KeelOAuth.ClientProbe.Verdict

    /// What a person would be sent with; nil if the profile cannot send anybody, which is said where somebody is to be sent.
    private func authorizationRequest(
        _ work: ClientWork, _ terms: GrantTerms, _ contact: ProfileContact
    ) -> AuthorizationRequest? {
        let redirect = try? RedirectURI(declared: work.redirectURI)
        guard let endpoint = contact.endpoints.authorization, let redirect else { return nil }
        return AuthorizationRequest(
            endpoint: endpoint, clientID: terms.clientID, redirectURI: redirect, scopes: terms.scopes,
            additional: terms.additional)
    }
}

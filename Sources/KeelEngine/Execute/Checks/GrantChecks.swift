import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelProviders
import KeelVault

/// What is looked at when tokens came and before anything stands on them: are they for what was asked for, and from whom.
package struct GrantChecks: Sendable {
    private let tokens: TokenObtainer
    private let explanation: FailureExplanation
    private let time: any TimeSource
    let place: ProjectPlace

    package init(
        tokens: TokenObtainer, explanation: FailureExplanation, time: any TimeSource, place: ProjectPlace
    ) {
        self.tokens = tokens
        self.explanation = explanation
        self.time = time
        self.place = place
    }

    // MARK: Scopes

    /// Refuses tokens that cannot do what was asked for.
    package func checkScopes(
        _ scopes: [String], _ terms: GrantTerms, _ profile: ResourceAddress
    ) throws(StepFailure) {
        let missing = ScopeComparison.missing(terms.scopes, from: scopes)
        guard !missing.isEmpty else { return }
        let granted = scopes.joined(separator: " ")
        let answer = ServerAnswer(code: nil, words: ForeignText("granted: \(granted)"))
        let failure = OAuthFailure(.insufficientScope, answer: answer, transience: .permanent)
        var refusal = tokens.refusal(failure, by: terms.tokenEndpoint, for: profile)
        refusal.diagnostic.notes.append(Diagnostic.Note("missing: \(ForeignText(missing.joined(separator: " ")))"))
        if terms.grant.needsPerson {
            // Some providers let a person untick what an application asks for.
            refusal.diagnostic.responsible = .user
            refusal.diagnostic.help = "authorize again and leave everything ticked"
        }
        throw refusal
    }

    /// Refuses a consent that ends with its access token: within the hour nobody could log in any more.
    package func checkLasts(
        _ issued: KeelOAuth.IssuedTokens, _ terms: GrantTerms, _ profile: ResourceAddress, slot: ResourceAddress
    ) throws(StepFailure) {
        guard terms.grant.needsPerson, issued.refreshToken == nil else { return }
        var diagnostic = explanation.local(
            GrantRenewer.noToken,
            "\(terms.tokenEndpoint.authority) gave an access token and no refresh token, so the consent would end with it",
            help: terms.tokenEndpoint.authority.host.hasSuffix("googleapis.com")
                ? "give authorizationParameters: { access_type: offline, prompt: consent }, then authorize again"
                : "ask for the scope that gives one (offline_access at most providers), then authorize again",
            slot)
        diagnostic.range = explanation.place(profile, ["scopes", "authorizationParameters", "grant"])
        diagnostic.responsible = .manifestAuthor
        throw StepFailure(diagnostic)
    }

    // MARK: Identity

    /// Who consented, by the ID token alone; nil where there is none that can be read.
    ///
    /// One that was made for another application, by another issuer or for another request is a reason to refuse everything
    /// that came with it.
    package func identity(
        in issued: KeelOAuth.IssuedTokens, _ terms: GrantTerms, issuer: String?, nonce: Secret?, _ slot: ResourceAddress
    ) throws(StepFailure) -> TokenIdentity? {
        guard let token = issued.idToken else { return nil }
        do throws(IDToken.Fault) {
            return try IDToken.read(token, issuer: issuer, clientID: terms.clientID, nonce: nonce, at: time.now)
        } catch {
            switch error {
            case .unreadable, .issuerMissing, .subjectMissing, .expired: return nil
            case .issuerMismatch, .audienceMismatch, .nonceMismatch:
                throw StepFailure(
                    Diagnostic(
                        .error, "identity.foreign-token",
                        "the ID token that came is not for this authorization: \(error)",
                        help:
                            "check issuer, endpoints and client.id; if they are right, tell the provider's administrator",
                        address: slot, responsible: .manifestAuthor))
            }
        }
    }

    /// Who consented, as far as the provider tells: by the ID token, by userinfo, by introspection, by an access token that
    /// can be read. What none of them says stays unknown; that one could not be asked is kept beside what the others say.
    package func identity(
        of accessToken: Secret, known: TokenIdentity?, _ terms: GrantTerms, _ endpoints: ProviderEndpoints,
        _ slot: ResourceAddress
    ) async -> IdentityEvidence {
        var evidence = IdentityEvidence(subject: terms.subject)
        if let known { evidence.add(known) }
        evidence.addDirectoryName(in: accessToken)
        guard !evidence.isDecided, terms.grant != .clientCredentials else { return evidence }
        // A bearer's assertion names for whom it acts: there is nobody who could have been somebody else.
        if terms.grant != .jwtBearer {
            let found = await asked(&evidence) { () async throws(StepFailure) in
                try await userinfo(accessToken, terms, endpoints, slot)
            }
            if let found, known.map(found.isAbout) ?? true { evidence.add(found) }
            if !evidence.isDecided {
                let found = await asked(&evidence) { () async throws(StepFailure) in
                    try await introspection(accessToken, terms, endpoints, slot)
                }
                if let found = found?.identity { evidence.add(found) }
            }
        }
        if !evidence.isDecided, let found = TokenIdentity(accessToken: accessToken) { evidence.add(found) }
        return evidence
    }

    /// What a source says; where it cannot be asked just now, the evidence keeps why.
    private func asked<Found: Sendable>(
        _ evidence: inout IdentityEvidence, _ ask: () async throws(StepFailure) -> Found?
    ) async -> Found? {
        do throws(StepFailure) {
            return try await ask()
        } catch {
            evidence.unasked = evidence.unasked ?? error
            return nil
        }
    }

    /// What the provider says of an access token; nil where it cannot be asked, or does not answer.
    package func introspect(
        _ accessToken: Secret, _ terms: GrantTerms, _ endpoints: ProviderEndpoints, _ address: ResourceAddress
    ) async -> IntrospectedToken? {
        try? await introspection(accessToken, terms, endpoints, address)
    }

    /// Throws what passes: that the provider cannot be reached, or is out of order. An answer that says nothing is nil.
    private func introspection(
        _ accessToken: Secret, _ terms: GrantTerms, _ endpoints: ProviderEndpoints, _ address: ResourceAddress
    ) async throws(StepFailure) -> IntrospectedToken? {
        guard let endpoint = endpoints.introspection, let client = try? terms.client(at: time.now) else { return nil }
        let request = Introspection.request(client, endpoint: endpoint, token: accessToken, hint: .accessToken)
        let response = try await tokens.response(
            to: request, trust: terms.trust, for: address, field: "endpoints.introspection")
        do throws(OAuthFailure) {
            return try Introspection.interpret(
                response, at: time.now, withholding: terms.credentials.withheld + [accessToken])
        } catch {
            return try silent(error, endpoint, address)
        }
    }

    private func userinfo(
        _ accessToken: Secret, _ terms: GrantTerms, _ endpoints: ProviderEndpoints, _ address: ResourceAddress
    ) async throws(StepFailure) -> TokenIdentity? {
        guard let endpoint = endpoints.userinfo else { return nil }
        let request = Userinfo.request(endpoint: endpoint, accessToken: accessToken)
        let response = try await tokens.response(
            to: request, trust: terms.trust, for: address, field: "endpoints.userinfo")
        do throws(OAuthFailure) {
            return try Userinfo.interpret(response, at: time.now, withholding: [accessToken])
        } catch {
            return try silent(error, endpoint, address)
        }
    }

    private func silent<Found>(
        _ failure: OAuthFailure, _ endpoint: EndpointURL, _ address: ResourceAddress
    ) throws(StepFailure) -> Found? {
        switch failure.classified(known: ErrorCatalogue.failureClass) {
        case .transient, .throttled, .network: break
        // The page of something in between.
        case .ambiguous where failure.kind == .malformed(.bodyHTML): break
        case .ambiguous, .reauthorize, .fixClient, .fixTenant, .fixManifest, .tls: return nil
        }
        throw tokens.refusal(failure, by: endpoint, for: address, outcome: "did not say who consented")
    }
}

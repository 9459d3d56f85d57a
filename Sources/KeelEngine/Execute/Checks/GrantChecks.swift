import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelVault

/// What is looked at when tokens came and before anything stands on them: are they for what was asked for, and from whom.
package struct GrantChecks: Sendable {
    private let tokens: TokenObtainer
    private let explanation: FailureExplanation
    private let time: any TimeSource
    private let place: ProjectPlace

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
        _ issued: KeelOAuth.IssuedTokens, _ terms: GrantTerms, _ profile: ResourceAddress
    ) throws(StepFailure) {
        let missing = ScopeComparison.missing(terms.scopes, from: issued.grantedScopes)
        guard !missing.isEmpty else { return }
        let granted = issued.grantedScopes.joined(separator: " ")
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
    /// can be read. What none of them says stays unknown; that they cannot be asked is no failure.
    package func identity(
        of accessToken: Secret, known: TokenIdentity?, _ terms: GrantTerms, _ endpoints: ProviderEndpoints,
        _ slot: ResourceAddress
    ) async -> IdentityEvidence {
        var evidence = IdentityEvidence(subject: terms.subject)
        if let known { evidence.add(known) }
        guard !evidence.isDecided, terms.grant != .clientCredentials else { return evidence }
        // A bearer's assertion names for whom it acts: there is nobody who could have been somebody else.
        if terms.grant != .jwtBearer {
            if let found = await userinfo(accessToken, terms, endpoints, slot), known.map(found.isAbout) ?? true {
                evidence.add(found)
            }
            if !evidence.isDecided, let found = await introspect(accessToken, terms, endpoints, slot)?.identity {
                evidence.add(found)
            }
        }
        if !evidence.isDecided, let found = TokenIdentity(accessToken: accessToken) { evidence.add(found) }
        return evidence
    }

    /// What the provider says of an access token; nil where it cannot be asked, or does not answer.
    package func introspect(
        _ accessToken: Secret, _ terms: GrantTerms, _ endpoints: ProviderEndpoints, _ address: ResourceAddress
    ) async -> IntrospectedToken? {
        guard let endpoint = endpoints.introspection, let client = try? terms.client(at: time.now) else { return nil }
        let request = Introspection.request(client, endpoint: endpoint, token: accessToken, hint: .accessToken)
        guard
            let response = try? await tokens.response(
                to: request, trust: terms.trust, for: address, field: "endpoints.introspection")
        else { return nil }
        return try? Introspection.interpret(
            response, at: time.now, withholding: terms.credentials.withheld + [accessToken])
    }

    private func userinfo(
        _ accessToken: Secret, _ terms: GrantTerms, _ endpoints: ProviderEndpoints, _ address: ResourceAddress
    ) async -> TokenIdentity? {
        guard let endpoint = endpoints.userinfo else { return nil }
        let request = Userinfo.request(endpoint: endpoint, accessToken: accessToken)
        guard
            let response = try? await tokens.response(
                to: request, trust: terms.trust, for: address, field: "endpoints.userinfo")
        else { return nil }
        return try? Userinfo.interpret(response, at: time.now, withholding: [accessToken])
    }

    // MARK: Judgement

    /// Accepts or refuses who consented; returns what is to be pinned, nil where nothing is known that could be.
    ///
    /// Whoever was accepted once for the slot and the client is the same person under whatever name.
    package func judge(
        _ evidence: IdentityEvidence, _ terms: GrantTerms, issuer: String?, pinned: ProviderIdentity?,
        accepts: Bool, _ slot: ResourceAddress
    ) throws(StepFailure) -> PinnedIdentity? {
        let found = evidence.pin(issuer: issuer ?? terms.tokenEndpoint.origin)
        if let pinned, let found {
            if found.isSame(as: pinned) { return found }
            guard accepts else { throw changed(evidence, slot) }
        }
        if case .mismatched(let named, let source) = evidence.match { throw mismatch(named, source, terms, slot) }
        return found
    }

    private func mismatch(
        _ named: String, _ source: TokenIdentity.Source, _ terms: GrantTerms, _ slot: ResourceAddress
    ) -> StepFailure {
        let name = ForeignText(named)
        let command = ProjectCommand(["authorize", slot.description], in: place)
        return StepFailure(
            Diagnostic(
                .error, "identity.mismatch",
                "\(name) consented, by what \(source.rawValue) says, and not \(ForeignText(terms.subject))",
                notes: [
                    Diagnostic.Note("nothing was put into service; what was granted is kept sealed, out of use"),
                    Diagnostic.Note(
                        "if it was meant, write with each of the accounts: authorizedAs: \(JSON.string(name.description).text())"
                    ),
                ],
                help:
                    "`\(command)` and sign in as \(ForeignText(terms.subject)); a private window avoids the wrong session",
                address: slot, responsible: .user))
    }

    private func changed(_ evidence: IdentityEvidence, _ slot: ResourceAddress) -> StepFailure {
        let command = ProjectCommand(["authorize", slot.description, "--accept-identity"], in: place)
        let who = evidence.name.map { ForeignText($0).text } ?? "somebody"
        return StepFailure(
            Diagnostic(
                .error, "identity.changed",
                "\(who) consented, who is not the person that was accepted for it so far",
                notes: [
                    Diagnostic.Note("a name can go to another person; the provider's own id of the person differs")
                ],
                help: "if that is right, `\(command)`; else authorize again as the right person", address: slot,
                responsible: .user))
    }
}

import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelVault

/// Takes a slot from a person's consent to a candidate in the vault.
///
/// Each consent is kept in the vault from its beginning, so that any process can finish it, and taken from there once: with
/// the same transaction it is noted that its code is about to be redeemed (a code works once, RFC 6749 section 4.1.2), and
/// that note goes when the candidate is there. No lock is held while a person is waited for.
package struct Authorizer: Sendable {
    let vault: Vault
    let tokens: TokenObtainer
    let secrets: SecretResolver
    let explanation: FailureExplanation
    let time: any TimeSource
    /// The name of this run.
    let run: String
    /// Who runs it, for the audit.
    let actor: String
    let located: @Sendable (Trust) -> Trust
    let grants: GrantTokens
    /// How it waits between questions to a provider.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    package init(
        vault: Vault, paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation,
        run: String, actor: String
    ) {
        self.vault = vault
        tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        self.secrets = secrets
        self.explanation = explanation
        time = ports.time
        self.run = run
        self.actor = actor
        located = { paths.located($0) }
        grants = GrantTokens(paths: paths, ports: ports, secrets: secrets, explanation: explanation)
    }

    /// Who asks, where and with what.
    func terms(of request: ConsentRequest) async throws(StepFailure) -> ConsentTerms {
        let work = request.work
        let client = work.client
        let profile = work.profile
        let trust = located(client.trust)
        let credentials = try await secrets.credentials(client.credentials, in: vault, of: profile, explanation)
        var metadata: AuthorizationServerMetadata?
        if let issuer = client.issuer {
            metadata = try await tokens.discover(issuer: issuer, trust: trust, for: profile).metadata
        }
        let endpoints = client.endpoints.filled(from: metadata?.endpoints ?? ProviderEndpoints())
        guard let token = endpoints.token else { throw missing("token endpoint", "endpoints.token", request) }
        return ConsentTerms(
            endpoints: endpoints, metadata: metadata,
            grant: GrantTerms(
                grant: client.grant, subject: work.subject, tokenEndpoint: token, clientID: client.clientID,
                method: credentials.method(client.clientAuthentication, of: client.grant, metadata),
                credentials: credentials, scopes: client.scopes, parameters: client.parameters, trust: trust))
    }

    // MARK: What goes wrong before anything is asked

    package func unusable(_ reason: String, _ field: String, _ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.unusable", reason, at: explanation.place(request.work.profile, [field]),
                help: "mend spec.\(field) of \(request.work.profile)", address: request.work.profile,
                responsible: .manifestAuthor))
    }

    /// What came back cannot be an answer.
    package func unreadable(_ fault: RedirectAnswer.Fault, _ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.no-answer", "what was given is not the address that the browser ended at: \(fault)",
                help: "give the whole address; the link stays good until then", address: request.slot,
                responsible: .operatorHere))
    }

    package func nobodyAnswered(_ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.nobody-answered", "nobody consented to \(request.slot) in time",
                help:
                    "mailkeel authorize \(request.slot) asks again; --start gives a link for somebody who is elsewhere",
                address: request.slot, responsible: .user))
    }

    package func nothingBegun(_ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.nothing-begun",
                "no consent to \(request.slot) waits to be finished, or it has expired",
                help: "begin one: mailkeel authorize \(request.slot) --start", address: request.slot,
                responsible: .operatorHere))
    }

    func missing(_ what: String, _ field: String, _ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.no-endpoint", "nothing says where the \(what) of \(request.work.profile) is",
                at: explanation.place(request.work.profile, [field, "issuer"]),
                help: "write spec.\(field), or an issuer whose metadata name it", address: request.work.profile,
                responsible: .manifestAuthor))
    }

    // MARK: The end of every consent

    /// Makes what was issued a candidate, durably.
    func keep(
        _ issued: KeelOAuth.IssuedTokens, _ terms: ConsentTerms, _ request: ConsentRequest, redeeming intent: IntentID?
    ) async throws(StepFailure) -> GivenConsent {
        let client = request.client
        let recipe = recipe(terms, request, margin: Int(GrantTokens.margin(issued, at: time.now)))
        let draft = draft(of: request)
        var stored = GrantTokens.stored(issued, at: time.now)
        if issued.refreshToken != nil {
            stored.refreshHorizon = client.refreshTokenLifetime.map { time.now.adding(seconds: $0) }
        }
        let tokens = stored
        return try await inVault { vault throws(VaultFailure) in
            let grant = try await vault.addCandidate(draft, recipe, tokens, redeeming: intent)
            try await vault.record(
                AuditEntry(run: run, actor: actor, action: "authorize", address: request.slot, grant: grant.id))
            return GivenConsent(
                slot: request.slot, grant: grant.id.text, scopes: grant.scopes, identity: grant.providerSubject)
        }
    }

    func draft(of request: ConsentRequest) -> GrantDraft {
        GrantDraft(
            profile: request.work.profile.name, subject: request.work.subject, clientDigest: request.client.digest,
            issuer: request.client.issuer, type: request.client.grant, run: run)
    }

    func recipe(_ terms: ConsentTerms, _ request: ConsentRequest, margin: Int) -> Recipe {
        let client = request.client
        return Recipe(
            grantType: client.grant, profile: request.work.profile.name, subject: request.work.subject,
            issuer: client.issuer, tokenEndpoint: terms.grant.tokenEndpoint, endpoints: terms.endpoints,
            clientID: client.clientID, clientAuthentication: terms.grant.method, credentials: client.credentials,
            scopes: client.scopes, tokenParameters: client.parameters, caFile: client.trust.caFile,
            marginSeconds: margin, refreshTokenLifetime: client.refreshTokenLifetime,
            revocationReach: client.revocationReach)
    }

    @discardableResult
    func inVault<Result: Sendable>(
        _ body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(StepFailure) -> Result {
        do throws(VaultFailure) {
            return try await body(vault)
        } catch {
            throw StepFailure(.local(error))
        }
    }
}

/// What a consent is asked for with.
struct ConsentTerms: Sendable {
    let endpoints: ProviderEndpoints
    let metadata: AuthorizationServerMetadata?
    let grant: GrantTerms
}

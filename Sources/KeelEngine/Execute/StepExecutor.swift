import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelMail
import KeelOAuth
import KeelPlan
import KeelState
import KeelVault

/// Does the steps of one run. It decides nothing: each step brings its input.
struct StepExecutor: Sendable {
    let run: String
    /// Who runs this, for the audit.
    let actor: String
    let context: RunContext
    let state: StateRun
    let vault: Vault?
    let secrets: SecretResolver
    let tokens: TokenObtainer
    let logins: LoginTester
    /// Logs in with what earlier runs committed.
    let grantLogin: GrantLogin
    let explanation: FailureExplanation
    /// Makes fingerprints of secrets; nil when nothing has to be fingerprinted.
    let fingerprintKey: Secret?
    let time: any TimeSource
    let located: @Sendable (Trust) -> Trust

    func execute(_ step: Step) async -> StepOutcome {
        let address = step.id.address
        do throws(StepFailure) {
            switch step.work {
            case .resolve(let work): try await resolve(work, address)
            case .discover(let work): try await discover(work, address)
            case .authorize(let work): try await authorize(work, address)
            case .test(let work): try await test(work, address)
            case .record(let work): try await record(work, address)
            }
            return .done
        } catch {
            // A step that was cut off says nothing about its resource.
            if Task.isCancelled { return .notStarted }
            var diagnostic = error.diagnostic
            diagnostic.address = diagnostic.address ?? address
            // Where the next success clears it: an account's record is written again with its login, a profile's may not be.
            await remember(error, at: step.id.kind == .test ? address : diagnostic.address ?? address)
            return .failed(StepFailure(diagnostic, weight: error.weight))
        }
    }

    // MARK: Before a token

    private func resolve(_ work: ResolveWork, _ address: ResourceAddress) async throws(StepFailure) {
        for (field, source) in work.secrets.sorted(by: { $0.key < $1.key }) {
            do throws(SecretFailure) {
                await context.keep(try secrets.resolve(source), field, of: address)
            } catch {
                throw StepFailure(explanation.secretMissing(error, address, field: field))
            }
        }
    }

    private func discover(_ work: DiscoverWork, _ address: ResourceAddress) async throws(StepFailure) {
        let metadata = try await tokens.discover(issuer: work.asWritten, trust: located(work.trust), for: address)
        await context.keep(metadata, of: address)
    }

    // MARK: The grant

    private func authorize(_ work: AuthorizeWork, _ address: ResourceAddress) async throws(StepFailure) {
        let metadata = await context.metadata(of: work.profile)
        guard let endpoint = work.tokenEndpoint ?? metadata?.tokenEndpoint else {
            throw local("engine.no-endpoint", "no step found the token endpoint", work.profile)
        }
        let secret = await context.secret("client.secret", of: work.profile)
        let method = work.clientAuthentication ?? metadata?.authenticationMethod(hasSecret: secret != nil) ?? .basic
        guard let authentication = ClientAuthentication(method, secret: secret) else {
            throw local(
                "engine.no-client-authentication", "\(method.rawValue) needs what the profile does not give",
                work.profile)
        }
        let client = TokenEndpointClient(
            tokenEndpoint: endpoint, clientID: work.clientID, authentication: authentication)
        let issued = try await tokens.clientCredentials(
            client, secret: secret, scopes: work.scopes, parameters: work.parameters, trust: located(work.trust),
            for: work.profile)
        // A `.default` scope stands for whatever was consented to, and never comes back by its own name.
        let missing = issued.missing(from: work.scopes.filter { !$0.hasSuffix("/.default") })
        guard missing.isEmpty else {
            let answer = ServerAnswer(
                code: nil, words: ForeignText("granted: \(issued.grantedScopes.joined(separator: " "))"))
            let failure = OAuthFailure(.insufficientScope, answer: answer, transience: .permanent)
            throw StepFailure(explanation.tokenFailure(failure, work.profile, endpoint: endpoint.description))
        }
        let recipe = Recipe(
            grantType: work.grant, profile: work.profile.name, subject: work.subject, issuer: work.issuer,
            tokenEndpoint: endpoint, clientID: work.clientID, clientAuthentication: method,
            secretReference: work.secret?.json.text(), scopes: work.scopes, tokenParameters: work.parameters,
            caFile: work.trust.caFile, marginSeconds: Int(GrantTokens.margin(issued, at: time.now)))
        let draft = GrantDraft(
            profile: work.profile.name, subject: work.subject, clientDigest: work.clientDigest, issuer: work.issuer,
            type: work.grant, run: run)
        let grant = try await inVault { vault throws(VaultFailure) in
            let grant = try await vault.addCandidate(draft, recipe, GrantTokens.stored(issued, at: time.now))
            let entry = AuditEntry(run: run, actor: actor, action: "authorize", address: address, grant: grant.id)
            try await vault.record(entry)
            return grant
        }
        await context.keep(RunContext.HeldGrant(id: grant.id, accessToken: issued.accessToken), of: address)
    }

    // MARK: The proof

    private func test(_ work: TestWork, _ address: ResourceAddress) async throws(StepFailure) {
        var work = work
        work.trust = located(work.trust)
        if let obtained = await context.grant(of: work.authorization) {
            let proof = try await logins.login(work, accessToken: obtained.accessToken, for: address)
            return await context.keep(proof, of: address)
        }
        let (id, vault) = try await existingGrant(work.authorization, for: address)
        let (proof, token) = try await grantLogin.login(work, with: id, in: vault, for: address)
        await context.keep(RunContext.HeldGrant(id: id, accessToken: token), of: work.authorization)
        await context.keep(proof, of: address)
    }

    /// The grant that an earlier run committed.
    private func existingGrant(
        _ authorization: ResourceAddress, for address: ResourceAddress
    ) async throws(StepFailure) -> (GrantID, Vault) {
        guard let vault, let text = await state.record(of: authorization)?.committed?.grant,
            let id = GrantID(parsing: text)
        else {
            throw local("engine.no-grant", "\(authorization) names no grant", address)
        }
        return (id, vault)
    }

    // MARK: After a failure

    /// A failed change leaves what was in service as it was, and says why the change did not come.
    private func remember(_ failure: StepFailure, at address: ResourceAddress) async {
        let earlier = await state.record(of: address)?.committed
        let reason = FailureRecord(
            code: failure.diagnostic.code, message: failure.diagnostic.message, at: time.now, run: run)
        // If even this cannot be written, the failure itself is still reported.
        try? await state.commit(address, ResourceRecord(committed: earlier, failure: reason))
    }

    // MARK: Borders

    func commit(_ address: ResourceAddress, _ record: ResourceRecord?) async throws(StepFailure) {
        do throws(StateFailure) {
            try await state.commit(address, record)
        } catch {
            throw StepFailure(explanation.local(error.code.rawValue, error.description, help: error.remedy, address))
        }
    }

    @discardableResult
    func inVault<Result: Sendable>(
        _ body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(StepFailure) -> Result {
        guard let vault else { throw local("engine.no-vault", "the run has no vault", nil) }
        do throws(VaultFailure) {
            return try await body(vault)
        } catch {
            throw StepFailure(.local(error))
        }
    }

    private func local(_ code: String, _ reason: String, _ address: ResourceAddress?) -> StepFailure {
        StepFailure(explanation.local(code, reason, help: nil, address))
    }
}

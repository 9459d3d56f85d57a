import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelState
import KeelVault

/// The profile and its slots: secrets, endpoints, and the grant.
extension StepExecutor {
    func resolve(_ work: ResolveWork, _ address: ResourceAddress) async throws(StepFailure) {
        for (field, source) in work.secrets.sorted(by: { $0.key < $1.key }) {
            do throws(SecretFailure) {
                await context.keep(try await secrets.resolve(source, in: vault), field, of: address)
            } catch {
                throw StepFailure(explanation.secretMissing(error, address, field: field))
            }
        }
    }

    func discover(_ work: DiscoverWork, _ address: ResourceAddress) async throws(StepFailure) {
        let metadata = try await tokens.discover(issuer: work.asWritten, trust: located(work.trust), for: address)
        await context.keep(metadata, of: address)
    }

    /// Shows that the token endpoint accepts the client. What it gives is kept for the slot that it is for.
    func verify(_ work: VerifyClientWork, _ profile: ResourceAddress) async throws(StepFailure) {
        await context.keep(try await request(work.client, profile), of: profile)
        await context.keep(proofBy: work.client.grant.rawValue, of: profile)
    }

    func authorize(_ work: AuthorizeWork, _ address: ResourceAddress) async throws(StepFailure) -> StepOutcome {
        switch work.way {
        case .request:
            let issued: RunContext.Issued
            if let earlier = await context.takeIssued(of: work.profile) {
                issued = earlier
            } else {
                issued = try await request(work.client, work.profile)
            }
            try await keepCandidate(issued, work, address)
        case .adopt(let text):
            guard let vault, let grant = GrantID(parsing: text) else {
                throw local("engine.no-grant", "there is no grant \(ForeignText(text)) to adopt", address)
            }
            let token = try await grants.accessToken(of: grant, in: vault, for: address)
            await context.keep(RunContext.HeldGrant(id: grant, accessToken: token), of: address)
        case .refresh, .consent:
            return .pending(
                PendingAction(
                    message: "\(ForeignText(work.subject)) must consent to \(work.profile) in a browser",
                    help: "this version of mailkeel cannot ask for the consent itself; everything else is applied"))
        }
        return .done
    }

    // MARK: Parts

    private func request(
        _ work: ClientWork, _ profile: ResourceAddress
    ) async throws(StepFailure) -> RunContext.Issued {
        let metadata = await context.metadata(of: profile)
        guard let endpoint = work.tokenEndpoint ?? metadata?.tokenEndpoint else {
            throw local("engine.no-endpoint", "no step found the token endpoint", profile)
        }
        let secret = await context.secret("client.secret", of: profile)
        let method = work.clientAuthentication ?? metadata?.authenticationMethod(hasSecret: secret != nil) ?? .basic
        guard let authentication = ClientAuthentication(method, secret: secret) else {
            throw local(
                "engine.no-client-authentication", "\(method.rawValue) needs what the profile does not give", profile)
        }
        let mark = RefusalMark(client: work, secret: secret, fingerprints)
        try await checkNotRefused(mark, profile)
        let client = TokenEndpointClient(
            tokenEndpoint: endpoint, clientID: work.clientID, authentication: authentication)
        let issued: KeelOAuth.IssuedTokens
        do throws(StepFailure) {
            issued = try await tokens.clientCredentials(
                client, secret: secret, scopes: work.scopes, parameters: work.parameters, trust: located(work.trust),
                for: profile)
        } catch {
            throw error.refusesClient ? error.refusing(mark) : error
        }
        // A `.default` scope stands for whatever was consented to, and never comes back by its own name.
        let missing = issued.missing(from: work.scopes.filter { !$0.hasSuffix("/.default") })
        guard missing.isEmpty else {
            let answer = ServerAnswer(
                code: nil, words: ForeignText("granted: \(issued.grantedScopes.joined(separator: " "))"))
            let failure = OAuthFailure(.insufficientScope, answer: answer, transience: .permanent)
            throw StepFailure(explanation.tokenFailure(failure, profile, endpoint: endpoint.description))
        }
        return RunContext.Issued(tokens: issued, endpoint: endpoint, method: method)
    }

    /// A credential that a server refused is not offered again until it changed: repeated refusals lock clients out.
    private func checkNotRefused(_ mark: RefusalMark?, _ profile: ResourceAddress) async throws(StepFailure) {
        guard !offersRefused, let mark, let failure = try await stored(profile)?.failure,
            failure.refused[mark.name] == mark.fingerprint
        else { return }
        throw StepFailure(explanation.refusedBefore(at: failure.at, profile, field: "client.secret")).refusing(mark)
    }

    /// Makes the candidate durable before anybody uses it.
    private func keepCandidate(
        _ issued: RunContext.Issued, _ work: AuthorizeWork, _ address: ResourceAddress
    ) async throws(StepFailure) {
        let client = work.client
        let recipe = Recipe(
            grantType: client.grant, profile: work.profile.name, subject: work.subject, issuer: client.issuer,
            tokenEndpoint: issued.endpoint, endpoints: client.endpoints, clientID: client.clientID,
            clientAuthentication: issued.method, credentials: client.credentials, scopes: client.scopes,
            tokenParameters: client.parameters, caFile: client.trust.caFile,
            marginSeconds: Int(GrantTokens.margin(issued.tokens, at: time.now)),
            refreshTokenLifetime: client.refreshTokenLifetime, revocationReach: client.revocationReach)
        let draft = GrantDraft(
            profile: work.profile.name, subject: work.subject, clientDigest: client.digest, issuer: client.issuer,
            type: client.grant, run: run)
        let grant = try await inVault { vault throws(VaultFailure) in
            let grant = try await vault.addCandidate(draft, recipe, GrantTokens.stored(issued.tokens, at: time.now))
            let entry = AuditEntry(run: run, actor: actor, action: "authorize", address: address, grant: grant.id)
            try await vault.record(entry)
            return grant
        }
        await context.keep(RunContext.HeldGrant(id: grant.id, accessToken: issued.tokens.accessToken), of: address)
    }
}

/// What is remembered of a refused credential: that this one was refused for this client.
struct RefusalMark: Sendable {
    let name: String
    let fingerprint: Fingerprint

    init?(client: ClientWork, secret: Secret?, _ fingerprints: SecretFingerprints?) {
        guard let secret, let fingerprints else { return nil }
        name = "client.secret for \(client.digest)"
        fingerprint = fingerprints.fingerprint(of: secret)
    }
}

extension StepFailure {
    /// Whether the token endpoint did not accept the client's credential.
    var refusesClient: Bool { ["oauth.invalid_client", "oauth.empty_refusal"].contains(diagnostic.code) }

    func refusing(_ mark: RefusalMark?) -> StepFailure {
        guard let mark else { return self }
        var failure = self
        failure.refused[mark.name] = mark.fingerprint
        return failure
    }
}

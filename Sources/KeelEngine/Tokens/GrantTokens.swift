import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelState
import KeelVault

/// Hands out access tokens of committed grants, renewing those that are about to lapse. It reads the vault only: never
/// manifests, never state.
package struct GrantTokens: Sendable {
    private let tokens: TokenObtainer
    private let secrets: SecretResolver
    private let locks: GrantLocks
    private let time: any TimeSource
    private let explanation: FailureExplanation
    private let remedy: VaultRemedy
    private let located: @Sendable (Trust) -> Trust
    /// How long another process may hold a grant's lock.
    private static let lockLimit = Duration.seconds(45)

    package init(paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation) {
        tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        self.secrets = secrets
        locks = GrantLocks(directory: paths.state.directory, files: ports.files)
        time = ports.time
        self.explanation = explanation
        remedy = VaultRemedy(place: paths.place)
        located = { paths.located($0) }
    }

    /// A token that is good for at least the margin of its recipe.
    ///
    /// A `rejected` token, which a server refused before its time, is renewed like one that has lapsed.
    package func accessToken(
        of grant: GrantID, in vault: Vault, for address: ResourceAddress, rejected: Secret? = nil
    ) async throws(StepFailure) -> Secret {
        let stored = try await stored(grant, vault, address)
        if let token = stored.token, isFresh(token, stored.recipe, rejected) { return token.secret }
        // One renewal at a time for each grant, across processes; whoever waited may find that it is done.
        let lock: any FileLock
        do throws(VaultFailure) {
            lock = try await locks.acquire(grant, for: Self.lockLimit)
        } catch {
            throw failure(error, address)
        }
        defer { lock.unlock() }
        let again = try await self.stored(grant, vault, address)
        if let token = again.token, isFresh(token, again.recipe, rejected) { return token.secret }
        return try await renew(grant, again, vault, address)
    }

    /// A token for somebody outside, and what is to be said about it.
    package struct Handout: Sendable {
        package let token: Secret
        /// One line for people; nil if all went as it should.
        package let remark: String?
    }

    /// A token of the grant that serves an account; that it was read is noted in the audit.
    ///
    /// Mail goes on where the audit cannot be written, as on a full disk; then the remark says so.
    package func accessToken(
        of account: ResourceAddress, in vault: Vault, actor: String
    ) async throws(StepFailure) -> Handout {
        let record: GrantRecord?
        do throws(VaultFailure) { record = try await vault.grant(for: account) } catch { throw failure(error, account) }
        guard let grant = record?.id else { throw StepFailure(noGrant(account, vault)) }
        let entry = AuditEntry(run: "token", actor: actor, action: "token.read", address: account, grant: grant)
        let remark = try await note(entry, vault, account)
        return Handout(token: try await accessToken(of: grant, in: vault, for: account), remark: remark)
    }

    /// Notes a reading; returns why it could not be noted, if reading may go on without.
    private func note(
        _ entry: AuditEntry, _ vault: Vault, _ account: ResourceAddress
    ) async throws(StepFailure) -> String? {
        do throws(VaultFailure) {
            try await vault.record(entry)
            return nil
        } catch {
            guard [.full, .readOnly, .io, .locked].contains(error.code) else { throw failure(error, account) }
            return "That this token was read could not be noted in the audit: \(error)."
        }
    }

    private func noGrant(_ account: ResourceAddress, _ vault: Vault) -> Diagnostic {
        var diagnostic = Diagnostic.local(
            VaultFailure(.notFound, "the vault at \(vault.path) holds no grant for \(account)", path: vault.path),
            account)
        let plan = ProjectCommand(["plan"], in: remedy.place)
        let apply = ProjectCommand(["apply"], in: remedy.place)
        diagnostic.help =
            "`\(apply)` obtains it; if this is another vault than the state's, `\(plan)` says so and names the command"
        return diagnostic
    }

    private func failure(_ failure: VaultFailure, _ address: ResourceAddress) -> StepFailure {
        StepFailure(.local(failure, address, remedy))
    }

    /// Seconds before its end at which a token counts as lapsed: ten minutes, or a fifth of a short life.
    static func margin(_ issued: KeelOAuth.IssuedTokens, at now: Timestamp) -> Int64 {
        max(0, min(600, (issued.expiresAt.seconds - now.seconds) / 5))
    }

    /// What the vault keeps of an answer.
    static func stored(_ issued: KeelOAuth.IssuedTokens, at now: Timestamp) -> KeelVault.IssuedTokens {
        KeelVault.IssuedTokens(
            access: issued.accessToken, accessExpires: issued.expiresAt, refresh: issued.refreshToken,
            scopes: issued.grantedScopes, renewalDue: issued.expiresAt.adding(seconds: -margin(issued, at: now)))
    }

    // MARK: Parts

    private struct Stored {
        let recipe: Recipe
        let secret: Secret?
        let token: AccessToken?
        let generation: Int
    }

    private func stored(
        _ grant: GrantID, _ vault: Vault, _ address: ResourceAddress
    ) async throws(StepFailure) -> Stored {
        do throws(VaultFailure) {
            guard let record = try await vault.grant(grant), let recipe = try await vault.recipe(of: grant) else {
                throw VaultFailure(.notFound, "it holds no grant \(grant)", path: vault.path)
            }
            return Stored(
                recipe: recipe.recipe, secret: recipe.clientSecret, token: try await vault.accessToken(of: grant),
                generation: record.generation)
        } catch {
            throw failure(error, address)
        }
    }

    private func isFresh(_ token: AccessToken, _ recipe: Recipe, _ rejected: Secret?) -> Bool {
        if let rejected, token.secret.matches(rejected) { return false }
        guard let expires = token.expires else { return true }
        return expires.seconds - time.now.seconds > Int64(recipe.marginSeconds)
    }

    private func renew(
        _ grant: GrantID, _ stored: Stored, _ vault: Vault, _ address: ResourceAddress
    ) async throws(StepFailure) -> Secret {
        let recipe = stored.recipe
        let profile = ResourceAddress(.oauthProfile, recipe.profile)
        guard !recipe.grantType.needsPerson else {
            throw StepFailure(
                explanation.local(
                    "engine.not-supported", "this version does not renew \(recipe.grantType.rawValue)",
                    help: nil, address))
        }
        let terms = GrantTerms(
            recipe, try await credentials(stored, vault, profile), trust: located(Trust(caFile: recipe.caFile)))
        let issued = try await tokens.obtain(terms, for: profile)
        do throws(VaultFailure) {
            // Durable before it is used or shown.
            _ = try await vault.replaceTokens(
                of: grant, generation: stored.generation, with: Self.stored(issued, at: time.now))
            return issued.accessToken
        } catch {
            throw failure(error, address)
        }
    }

    private func credentials(
        _ stored: Stored, _ vault: Vault, _ profile: ResourceAddress
    ) async throws(StepFailure) -> ClientCredentials {
        if let secret = stored.secret { return ClientCredentials([.clientSecret: secret]) }
        return try await secrets.credentials(stored.recipe.credentials, in: vault, of: profile, explanation)
    }
}

extension Diagnostic {
    /// The vault failed: a matter of this machine.
    package static func local(_ failure: VaultFailure, _ address: ResourceAddress? = nil) -> Diagnostic {
        local(failure, address, VaultRemedy())
    }

    static func local(_ failure: VaultFailure, _ address: ResourceAddress? = nil, _ remedy: VaultRemedy) -> Diagnostic {
        Diagnostic(
            .error, failure.code.rawValue.replacing("vault_", with: "vault.").replacing("_", with: "-"),
            failure.description, help: remedy(failure), address: address, responsible: .operatorHere)
    }
}

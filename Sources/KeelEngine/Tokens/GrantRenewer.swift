import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelState
import KeelVault

/// The numbered points of a renewal, at each of which a process may die.
package enum RenewalPoint: String, Sendable, CaseIterable {
    /// The grant's lock is held.
    case locked
    /// What the vault holds was read again.
    case read
    /// It is durable that a refresh token is about to be exchanged.
    case intended
    /// The provider has answered, and nothing of it is stored.
    case answered
    /// The new tokens are durable.
    case stored
}

/// Why a grant is to be renewed.
package enum RenewalOccasion: Sendable {
    /// Somebody needs an access token; one that a server `rejected` counts as lapsed.
    case demand(rejected: Secret? = nil)
    /// It is due by then.
    case due(by: Timestamp)
    /// Whatever there is, and whatever an earlier failure said.
    case anyway
}

/// What a renewal came to.
package struct Renewal: Sendable {
    package let token: AccessToken
    package let record: GrantRecord
    /// What the provider gave; nil if the token there was good, or another process had renewed it.
    package let issued: KeelOAuth.IssuedTokens?
}

/// Renews one grant, by its recipe and under its lock, in the order that loses nothing: read again, note durably what is
/// about to happen, ask, store durably, and only then hand out.
///
/// Grants of a person are refreshed with their newest refresh token; the others are asked for anew. No failure deletes a
/// token: it is noted with its class and with the time of the next try.
package struct GrantRenewer: Sendable {
    let tokens: TokenObtainer
    let secrets: SecretResolver
    let time: any TimeSource
    let explanation: FailureExplanation
    let remedy: VaultRemedy
    private let locks: GrantLocks
    private let located: @Sendable (Trust) -> Trust
    /// Who renews, for those who find an interrupted rotation.
    let run: String
    /// Who lets it renew, for the audit.
    package var actor: String
    package var retries = RetrySchedule()
    /// How long another process may hold the lock.
    package var lockLimit = Duration.seconds(45)
    /// Waits before a refusal that may pass is asked about again.
    package var pause: @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(3)) }
    /// Called at each point; what it throws ends the renewal there, as the death of the process would.
    package var reached: @Sendable (RenewalPoint) throws(RenewalFailure) -> Void = { _ in }

    package init(
        paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation,
        run: String
    ) {
        tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        self.secrets = secrets
        locks = GrantLocks(directory: paths.state.directory, files: ports.files)
        time = ports.time
        self.explanation = explanation
        remedy = VaultRemedy(place: paths.place)
        located = { paths.located($0) }
        self.run = run
        actor = run
    }

    /// Renews the grant, unless that has become needless.
    ///
    /// `recipe` is asked for in place of the stored one: a change that is being proven, such as other scopes.
    package func renew(
        _ grant: GrantID, in vault: Vault, for address: ResourceAddress, _ occasion: RenewalOccasion,
        with recipe: Recipe? = nil
    ) async throws(RenewalFailure) -> Renewal {
        let lock: any FileLock
        do throws(VaultFailure) {
            lock = try await locks.acquire(grant, for: lockLimit)
        } catch  where error.code == .locked {
            // Whoever holds it is renewing the grant.
            throw RenewalFailure(
                StepFailure(.local(error, address, remedy)), .transient, retry: time.now, isOld: true)
        } catch {
            throw failure(error, address)
        }
        defer { lock.unlock() }
        try reached(.locked)
        let basis = try await basis(of: grant, in: vault, for: address)
        try reached(.read)
        if let token = basis.access, isSettled(basis, token, occasion) {
            return Renewal(token: token, record: basis.record, issued: nil)
        }
        let attempt = RenewalAttempt(
            basis: basis, recipe: recipe ?? basis.recipe.recipe, vault: vault, address: address, occasion: occasion)
        do throws(RenewalFailure) {
            try await checkMayAsk(attempt)
            let terms = try await terms(attempt)
            return attempt.recipe.grantType.needsPerson
                ? try await rotate(attempt, terms) : try await askAnew(attempt, terms)
        } catch {
            var failure = error
            failure.lasting = attempt.lasting(at: time.now)
            throw failure
        }
    }

    /// What the vault holds of a grant.
    func basis(
        of grant: GrantID, in vault: Vault, for address: ResourceAddress
    ) async throws(RenewalFailure) -> RenewalBasis {
        do throws(VaultFailure) {
            return try await vault.renewalBasis(of: grant)
        } catch {
            throw failure(error, address)
        }
    }

    func failure(_ failure: VaultFailure, _ address: ResourceAddress) -> RenewalFailure {
        RenewalFailure(StepFailure(.local(failure, address, remedy)))
    }

    /// Whoever waited for the lock may find that it is done.
    private func isSettled(_ basis: RenewalBasis, _ token: AccessToken, _ occasion: RenewalOccasion) -> Bool {
        switch occasion {
        case .demand(let rejected):
            if let rejected, token.secret.matches(rejected) { return false }
            return RenewalSchedule(basis).isFresh(token, at: time.now)
        case .due(let limit):
            guard let due = basis.record.renewalDue else { return basis.record.renewalProblem == nil }
            return due > limit && !RenewalSchedule.isFuture(basis.record.updated, at: time.now)
        case .anyway: return false
        }
    }

    private func terms(_ attempt: RenewalAttempt) async throws(RenewalFailure) -> GrantTerms {
        let recipe = attempt.recipe
        do throws(StepFailure) {
            var credentials = ClientCredentials()
            if let secret = attempt.basis.recipe.clientSecret {
                credentials = ClientCredentials([.clientSecret: secret])
            } else {
                credentials = try await secrets.credentials(
                    recipe.credentials, in: attempt.vault, of: attempt.profile, explanation)
            }
            return GrantTerms(recipe, credentials, trust: located(Trust(caFile: recipe.caFile)))
        } catch {
            throw RenewalFailure(error)
        }
    }
}

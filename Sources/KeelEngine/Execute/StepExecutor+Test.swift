import KeelBase
import KeelMail
import KeelModel
import KeelPlan
import KeelState
import KeelVault

/// The proof: a login with the new settings.
extension StepExecutor {
    func test(_ work: TestWork, _ address: ResourceAddress) async throws(StepFailure) {
        var work = work
        work.trust = located(work.trust)
        let trial: LoginTrial
        switch work.login {
        case .grant(let slot): trial = try await login(work, by: slot, address)
        case .password(let source): trial = try await login(work, from: source, address)
        case .none: trial = await logins.login(work, credential: nil, for: address)
        }
        let proof = try trial.outcome.get()
        await context.keep(proofBy: proof.mechanism.rawValue, of: address)
        await context.keep(SeenServer(endpoint: trial.endpoint, facts: trial.facts, at: time.now), of: address)
    }

    private func login(
        _ work: TestWork, by slot: ResourceAddress, _ address: ResourceAddress
    ) async throws(StepFailure) -> LoginTrial {
        let held = await context.grant(of: slot)
        // A consent that is not in service yet is kept as it is, whatever its first login comes to.
        if let held, held.isNew {
            let credential = MailLogin.Credential.accessToken(held.accessToken)
            return await logins.login(work, credential: credential, for: address)
        }
        // The grant that an earlier run committed.
        let committed = await state.head(of: slot)?.grant.flatMap(GrantID.init(parsing:))
        guard let vault, let id = held?.id ?? committed else {
            throw local("engine.no-grant", "\(slot) names no grant", address)
        }
        let (trial, token) = try await grantLogin.login(work, with: id, in: vault, for: address)
        if trial.failure == nil {
            await context.keep(RunContext.HeldGrant(id: id, accessToken: token, recipe: held?.recipe), of: slot)
        }
        return trial
    }

    private func login(
        _ work: TestWork, from source: SecretSource, _ address: ResourceAddress
    ) async throws(StepFailure) -> LoginTrial {
        guard let passwords else { throw local("engine.no-vault", "the run has no vault", address) }
        let failure = try await stored(address)?.failure
        let attempt = try await passwords.login(work, from: source, in: vault, after: failure, for: address)
        if let seen = attempt.observation {
            // Where other settings are in service it is dropped, and the state remembers the failure.
            _ = try? await vault?.observe(
                Observation(
                    of: address, kind: RefusedPasswords.kind, observer: "apply", observed: time.now, grant: nil,
                    settingsDigest: work.settings, value: seen.text()))
        }
        await context.keep(attempt.password, AccountField.password.definition.name, of: address)
        return attempt.trial
    }
}

import KeelBase
import KeelDiagnostics
import KeelMail
import KeelPlan
import KeelState
import KeelVault

/// Logs in with passwords, which are read right before, and never with one that was refused.
struct PasswordLogin: Sendable {
    /// What a login came to, and with which password.
    struct Attempt: Sendable {
        let trial: LoginTrial
        let password: Secret
        /// What is to be kept of it beside the vault; nil if nothing is.
        let observation: JSON?
    }

    let secrets: SecretResolver
    let logins: LoginTester
    let refused: RefusedPasswords
    let explanation: FailureExplanation

    /// `failure` is what the state remembers of the account.
    func login(
        _ work: TestWork, from source: SecretSource, in vault: Vault?, after failure: FailureRecord?,
        for address: ResourceAddress, task: ProbeTask = .prove
    ) async throws(StepFailure) -> Attempt {
        let password: Secret
        do throws(SecretFailure) {
            password = try await secrets.resolve(source, in: vault)
        } catch {
            throw StepFailure(explanation.secretMissing(error, address, field: "password"))
        }
        let mark = refused.mark(password, for: work)
        if let time = refused.refusal(of: mark, for: address, after: failure) {
            throw notOffered(mark, "at \(time)", work, source, address)
        }
        guard !refused.wasRefusedNow(mark) else { throw notOffered(mark, "a moment ago", work, source, address) }
        let trial = await logins.login(work, credential: .password(password), for: address, task: task)
        switch trial.outcome {
        case .success:
            let observation = refused.observation(.accepted, mark, for: address, after: failure)
            return Attempt(trial: trial, password: password, observation: observation)
        case .failure(let unproven):
            guard unproven.rejectsPassword else { return Attempt(trial: trial, password: password, observation: nil) }
            refused.note(mark)
            let observation = refused.observation(.refused, mark, for: address, after: failure)
            return Attempt(
                trial: trial.changingFailure { $0.refused[mark.name] = mark.fingerprint }, password: password,
                observation: observation)
        }
    }

    private func notOffered(
        _ mark: RefusedPasswords.Mark, _ time: String, _ work: TestWork, _ source: SecretSource,
        _ address: ResourceAddress
    ) -> StepFailure {
        var failure = StepFailure(
            explanation.passwordRefusedBefore(time, source, at: work.endpoint, address), weight: .unproven)
        failure.refused = [mark.name: mark.fingerprint]
        return failure
    }
}

import KeelBase
import KeelMail
import KeelPlan
import KeelState
import KeelVault

/// The proof: a login with the new settings.
extension StepExecutor {
    func test(_ work: TestWork, _ address: ResourceAddress) async throws(StepFailure) {
        var work = work
        work.trust = located(work.trust)
        guard work.security == .tls else {
            throw local("plan.not-supported", "this version connects by tls only", address)
        }
        guard let slot = work.authorization, work.type == .imap else {
            throw local("plan.not-supported", "this version logs in by oauth2 only, to imap", address)
        }
        if let obtained = await context.grant(of: slot) {
            let proof = try await logins.login(work, credential: .accessToken(obtained.accessToken), for: address)
                .outcome.get()
            return await context.keep(proofBy: proof.mechanism.rawValue, of: address)
        }
        // The grant that an earlier run committed.
        guard let vault, let text = await state.head(of: slot)?.grant, let id = GrantID(parsing: text)
        else {
            throw local("engine.no-grant", "\(slot) names no grant", address)
        }
        let (trial, token) = try await grantLogin.login(work, with: id, in: vault, for: address)
        let proof = try trial.outcome.get()
        await context.keep(RunContext.HeldGrant(id: id, accessToken: token), of: slot)
        await context.keep(proofBy: proof.mechanism.rawValue, of: address)
    }
}

import KeelBase
import KeelPlan
import KeelVault

/// The end of grants that were replaced or whose accounts were removed.
extension StepExecutor {
    /// Each is tried, whatever becomes of the others; the first failure is the step's.
    func revoke(_ work: RevokeWork, _ slot: ResourceAddress) async throws(StepFailure) {
        guard let vault else { throw local("engine.no-vault", "the run has no vault", slot) }
        var first: StepFailure?
        for grant in work.grants.compactMap(GrantID.init(parsing:)) {
            do throws(StepFailure) {
                try await revoker.revoke(grant, at: work.endpoint, reason: "apply", in: vault, for: slot)
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }
}

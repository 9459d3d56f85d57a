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
                try await revoker.revoke(grant, at: work.endpoint, reason: Self.reason, in: vault, for: slot)
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    private static let reason = "apply"

    /// Notes which revocations follow a record, before it is committed: no death afterwards may leave a grant alive at its
    /// provider that nothing names here.
    func announceRevocations(after record: StepID) async throws(StepFailure) {
        guard let vault else { return }
        for work in revocations[record] ?? [] {
            for grant in work.grants.compactMap(GrantID.init(parsing:)) {
                try await revoker.announce(
                    grant, at: work.endpoint, reason: Self.reason, in: vault, for: record.address)
            }
        }
    }
}

extension Plan {
    /// What is revoked once these records are committed.
    var revocationsByRecord: [StepID: [RevokeWork]] {
        var revocations: [StepID: [RevokeWork]] = [:]
        for step in steps {
            guard case .revoke(let work) = step.work else { continue }
            for id in step.after where id.kind == .record { revocations[id, default: []].append(work) }
        }
        return revocations
    }
}

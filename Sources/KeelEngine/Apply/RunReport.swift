import KeelBase
import KeelDiagnostics
import KeelPlan

/// What a run did and did not do.
package struct RunReport: Sendable {
    /// What was committed.
    package var applied = PlanCounts()
    package var failures: [StepFailure] = []
    /// Addresses that were left as they are because something they wait for failed, with what it was.
    package var skipped: [(address: ResourceAddress, because: ResourceAddress)] = []
    /// Addresses that were not reached because the run was asked to stop.
    package var notReached: [ResourceAddress] = []
    /// What the run found from earlier ones and did about it.
    package var findings: [String] = []

    init(plan: Plan, outcomes: [StepID: StepOutcome]) {
        let actions = Dictionary(uniqueKeysWithValues: plan.changes.map { ($0.address, $0.action) })
        for step in plan.steps {
            switch outcomes[step.id] ?? .notStarted {
            case .done:
                if step.id.kind == .record, let action = actions[step.id.address] { applied.count(action) }
            case .failed(let failure): failures.append(failure)
            case .skipped(let cause) where step.id.kind == .record && cause.address != step.id.address:
                skipped.append((step.id.address, cause.address))
            case .skipped: break
            case .notStarted where step.id.kind == .record: notReached.append(step.id.address)
            case .notStarted: break
            }
        }
    }

    /// Whether something failed that is more than an account without proof.
    package var hasFailed: Bool { failures.contains { $0.weight == .failed } }

    /// Whether only accounts without proof were left out of service.
    package var hasOnlyUnproven: Bool { !failures.isEmpty && !hasFailed }
}

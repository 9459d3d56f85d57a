import KeelBase
import KeelDiagnostics
import KeelPlan

/// What a run did and did not do.
package struct RunReport: Sendable {
    /// What became of one address.
    package struct Row: Sendable {
        package let address: ResourceAddress
        /// Nil: it was only needed by others.
        package let action: Action?
        package let outcome: Outcome

        package init(address: ResourceAddress, action: Action?, outcome: Outcome) {
            self.address = address
            self.action = action
            self.outcome = outcome
        }
    }

    package enum Outcome: Sendable {
        case done
        /// Committed without proof, as its manifest wants.
        case unproven
        case failed(StepFailure)
        /// Left as it is, because something else failed.
        case skipped(because: ResourceAddress)
        /// Left as it is until a person has acted.
        case pending(PendingAction?, on: ResourceAddress)
        /// The run was asked to stop before its turn.
        case notReached
    }

    /// By kind and name.
    package let rows: [Row]
    /// What was committed.
    package private(set) var applied = PlanCounts()
    /// What the run found from earlier ones and did about it.
    package var findings: [String] = []
    /// Why the run could not be brought to its end after the last step; the journal holds what it did.
    package var unfinished: EngineFailure?

    package init(rows: [Row], applied: PlanCounts = PlanCounts(), findings: [String] = []) {
        self.rows = rows
        self.applied = applied
        self.findings = findings
    }

    init(plan: Plan, outcomes: [StepID: StepOutcome]) {
        var worst: [ResourceAddress: Outcome] = [:]
        for step in plan.steps {
            let outcome = Outcome(outcomes[step.id] ?? .notStarted, step)
            if let earlier = worst[step.id.address], earlier.rank >= outcome.rank { continue }
            worst[step.id.address] = outcome
        }
        let actions = Dictionary(uniqueKeysWithValues: plan.changes.map { ($0.address, $0.action) })
        rows = worst.sorted { $0.key < $1.key }.map {
            Row(address: $0.key, action: actions[$0.key], outcome: $0.value)
        }
        for step in plan.steps where step.id.kind == .record {
            if case .done? = outcomes[step.id], let action = actions[step.id.address] { applied.count(action) }
        }
    }

    package var failures: [StepFailure] {
        rows.compactMap { if case .failed(let failure) = $0.outcome { failure } else { nil } }
    }

    /// Addresses that wait for a person.
    package var pending: [ResourceAddress] {
        rows.compactMap { if case .pending = $0.outcome { $0.address } else { nil } }
    }

    /// Addresses that were not reached because the run was asked to stop.
    package var notReached: [ResourceAddress] {
        rows.compactMap { if case .notReached = $0.outcome { $0.address } else { nil } }
    }

    /// Whether something failed that is more than an account without proof.
    package var hasFailed: Bool { failures.contains { $0.weight == .failed } }

    /// Whether something was not what it was when the plan was made.
    package var isStale: Bool { failures.contains { $0.weight == .stale } }

    /// Whether a provider asked for a person where none was expected.
    package var needsPerson: Bool { failures.contains { $0.weight == .needsPerson } }

    /// Whether accounts could not be proven.
    package var hasUnproven: Bool { failures.contains { $0.weight == .unproven } }
}

extension RunReport.Outcome {
    fileprivate init(_ outcome: StepOutcome, _ step: Step) {
        switch outcome {
        case .done:
            if case .record(.commit(let planned)) = step.work, planned.proof == .none,
                step.id.address.kind == .emailAccount
            {
                self = .unproven
            } else {
                self = .done
            }
        case .failed(let failure): self = .failed(failure)
        case .skipped(let cause): self = .skipped(because: cause.address)
        case .pending(let action): self = .pending(action, on: step.id.address)
        case .waiting(let cause): self = .pending(nil, on: cause.address)
        case .notStarted: self = .notReached
        }
    }

    /// Of several steps at one address the one that says most about why it is not done.
    fileprivate var rank: Int {
        switch self {
        case .done: 0
        case .unproven: 1
        case .notReached: 2
        case .skipped: 3
        case .pending(nil, _): 4
        case .pending: 5
        case .failed: 6
        }
    }
}

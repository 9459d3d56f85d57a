import KeelPlan

/// What became of one step.
package enum StepOutcome: Sendable {
    case done
    case failed(StepFailure)
    /// A step that it waits for did not succeed.
    case skipped(because: StepID)
    /// A person must act before it can be done.
    case pending(PendingAction)
    /// It waits for a step that waits for a person.
    case waiting(for: StepID)
    /// The run was asked to stop before it started.
    case notStarted
}

/// What a person must do.
package struct PendingAction: Sendable, Equatable {
    /// Who must do what, in words.
    package let message: String
    /// How it is done.
    package let help: String

    package init(message: String, help: String) {
        self.message = message
        self.help = help
    }
}

/// What happens during a run, as it happens.
package enum RunEvent: Sendable {
    case started(Step)
    case finished(Step, StepOutcome, after: Duration)
}

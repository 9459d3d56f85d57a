import KeelBase
import KeelMail

/// What a login came to, and what was seen on the way.
package struct LoginTrial: Sendable {
    package let endpoint: HostPort
    package let outcome: Result<LoginProof, StepFailure>
    /// Of the last attempt.
    package let report: ProbeReport
    /// How often it was begun: more than once where the failure could pass.
    package let attempts: Int
    /// All attempts and the waits between them.
    package let elapsed: Duration
    package let facts: ObservedFacts
    /// What was said, of each attempt that came to words.
    package let transcripts: [Transcript]

    package init(
        endpoint: HostPort, outcome: Result<LoginProof, StepFailure>, report: ProbeReport, attempts: Int,
        elapsed: Duration, facts: ObservedFacts, transcripts: [Transcript]
    ) {
        self.endpoint = endpoint
        self.outcome = outcome
        self.report = report
        self.attempts = attempts
        self.elapsed = elapsed
        self.facts = facts
        self.transcripts = transcripts
    }

    /// What failed; nil when the account is proven.
    package var failure: StepFailure? { if case .failure(let failure) = outcome { failure } else { nil } }
}

extension LoginTrial {
    /// The same with more to say about its failure, if it is one.
    func changingFailure(_ change: (inout StepFailure) -> Void) -> LoginTrial {
        guard case .failure(var failure) = outcome else { return self }
        change(&failure)
        return LoginTrial(
            endpoint: endpoint, outcome: .failure(failure), report: report, attempts: attempts, elapsed: elapsed,
            facts: facts, transcripts: transcripts)
    }
}

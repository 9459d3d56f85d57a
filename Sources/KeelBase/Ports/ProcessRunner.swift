/// A program to run once, and what it may take.
package struct ProcessRequest: Sendable {
    /// The program and its arguments; no shell looks at them. A name without `/` is looked up in the `PATH` of
    /// `environment`; a relative path starts at `directory`.
    package let command: [String]
    /// All variables that the program gets. Some hold secrets.
    package let environment: [String: Secret]
    package let directory: String
    package let timeLimit: Duration
    /// The most bytes that it may print.
    package let outputLimit: Int

    package init(
        _ command: [String], environment: [String: Secret], directory: String, timeLimit: Duration, outputLimit: Int
    ) {
        self.command = command
        self.environment = environment
        self.directory = directory
        self.timeLimit = timeLimit
        self.outputLimit = outputLimit
    }
}

/// What came of a program that ran to its end.
package struct ProcessResult: Sendable {
    package enum Ending: Sendable, Hashable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    package let ending: Ending
    /// What it printed on standard output. It may be a secret.
    package let output: Secret
    /// The beginning of what it wrote on standard error, without what it printed as well.
    package let complaint: ForeignText

    package init(ending: Ending, output: Secret, complaint: ForeignText) {
        self.ending = ending
        self.output = output
        self.complaint = complaint
    }
}

/// Why a program did not run to its end. Never holds what it printed.
package struct ProcessFailure: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// There is no program of that name.
        case notFound
        /// It is there, but may not be executed.
        case notExecutable
        /// The system would not start it.
        case notStarted
        /// It took longer than it may, and was killed with all that it had started.
        case timedOut
        /// It printed more than it may, and was killed.
        case tooMuchOutput
        /// Nobody wants the result any more; it was killed.
        case stopped
    }

    package let code: Code
    /// What happened, for people.
    package let reason: String
    /// The beginning of what it wrote on standard error.
    package let complaint: ForeignText

    package init(_ code: Code, _ reason: String, complaint: ForeignText = ForeignText("")) {
        self.code = code
        self.reason = reason
        self.complaint = complaint
    }
}

/// Runs programs.
package protocol ProcessRunner: Sendable {
    /// Runs a program to its end, with nothing on its standard input and no terminal.
    ///
    /// When the time is up or the task is cancelled, the program and all that it started are asked to end and soon killed.
    func run(_ request: ProcessRequest) async throws(ProcessFailure) -> ProcessResult
}

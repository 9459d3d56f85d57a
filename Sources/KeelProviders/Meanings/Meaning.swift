import KeelBase

/// What a failure means, whose move it is, and what mends it: the words for a person who has never seen this tool.
package struct Meaning: Sendable, Equatable {
    /// The plain cause, one sentence without a full stop.
    package let cause: String
    package let responsible: Responsible
    /// The command or setting that mends it.
    package let remedy: String
    /// The kind of trouble, where a provider's answer is meant.
    package let failureClass: FailureClass?

    package init(_ cause: String, _ responsible: Responsible, _ remedy: String, _ failureClass: FailureClass? = nil) {
        self.cause = cause
        self.responsible = responsible
        self.remedy = remedy
        self.failureClass = failureClass
    }
}

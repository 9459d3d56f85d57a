import KeelBase

/// One thing to tell the user: a mistake in a manifest, or the failure of a resource.
package struct Diagnostic: Error, Sendable, Hashable {
    /// How bad it is.
    package enum Severity: String, Sendable, CaseIterable { case error, warning, note }

    /// A second place, or a remark.
    package struct Note: Sendable, Hashable {
        package let message: String
        package let range: SourceRange?

        package init(_ message: String, at range: SourceRange? = nil) {
            self.message = message
            self.range = range
        }
    }

    /// Stable and dotted, for tools and searches: `yaml.syntax`.
    package let code: String
    package let severity: Severity
    /// In lower case, without a full stop.
    package let message: String
    package var range: SourceRange?
    package var notes: [Note]
    /// The command or setting that mends it.
    package var help: String?
    /// The resource that it is about.
    package var address: ResourceAddress?
    /// What a server said.
    package var answer: ServerAnswer?
    /// Whose move it is.
    package var responsible: Responsible?
    /// What kind of trouble with a provider it is.
    package var failureClass: FailureClass?
    /// Whether the source line may hold a secret, so that only its place is shown.
    package var hidesSource = false

    package init(
        _ severity: Severity, _ code: String, _ message: String, at range: SourceRange? = nil, notes: [Note] = [],
        help: String? = nil, address: ResourceAddress? = nil, answer: ServerAnswer? = nil,
        responsible: Responsible? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.range = range
        self.notes = notes
        self.help = help
        self.address = address
        self.answer = answer
        self.responsible = responsible
    }

    /// An error: nothing is done while there is one.
    package static func error(
        _ code: String, _ message: String, at range: SourceRange? = nil, notes: [Note] = [], help: String? = nil
    ) -> Diagnostic { Diagnostic(.error, code, message, at: range, notes: notes, help: help) }

    /// A warning: the work goes on.
    package static func warning(
        _ code: String, _ message: String, at range: SourceRange? = nil, notes: [Note] = [], help: String? = nil
    ) -> Diagnostic { Diagnostic(.warning, code, message, at: range, notes: notes, help: help) }

    /// A remark.
    package static func note(
        _ code: String, _ message: String, at range: SourceRange? = nil, notes: [Note] = [], help: String? = nil
    ) -> Diagnostic { Diagnostic(.note, code, message, at: range, notes: notes, help: help) }
}

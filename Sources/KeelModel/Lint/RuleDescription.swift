import KeelDiagnostics

/// One rule of lint for people: what it finds, why that is a mistake, and what mends it.
package struct RuleDescription: Sendable {
    /// How bad a finding usually is; a rule may say otherwise where it knows more.
    package let severity: Diagnostic.Severity
    /// One line, without a full stop.
    package let title: String
    /// Why, with the page or RFC that says so.
    package let explanation: String
    package let fix: String
    /// Lines of a manifest that break the rule, and the same lines mended.
    package let before: String
    package let after: String
    /// Whether an annotation may silence it. What the program itself refuses cannot be silenced.
    package let canBeSilenced: Bool

    init(
        _ severity: Diagnostic.Severity, _ title: String, why explanation: String, fix: String, before: String,
        after: String, canBeSilenced: Bool = true
    ) {
        self.severity = severity
        self.title = title
        self.explanation = explanation
        self.fix = fix
        self.before = before
        self.after = after
        self.canBeSilenced = canBeSilenced
    }
}

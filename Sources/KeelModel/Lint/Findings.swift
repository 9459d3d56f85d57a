import KeelDiagnostics

/// What the rules found.
struct Findings {
    private(set) var diagnostics: [Diagnostic] = []

    /// Adds a finding about a field of a resource, or about the resource itself. Most resources have none, so nothing here is on
    /// the path of one that is in order.
    mutating func add<Field: ResourceField>(
        _ rule: LintRule, _ severity: Diagnostic.Severity, _ spec: EffectiveSpec, _ field: Field, _ message: String,
        notes: [Diagnostic.Note] = [], help: String
    ) {
        diagnostics.append(
            Diagnostic(
                severity, rule.rawValue, message, at: spec.place(of: field.definition.name), notes: notes, help: help,
                address: spec.address))
    }
}

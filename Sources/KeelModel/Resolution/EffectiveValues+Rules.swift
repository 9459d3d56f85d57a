import KeelBase
import KeelDiagnostics

extension EffectiveValues {
    /// Written fields that have no meaning beside the others, and absent ones that the others need.
    ///
    /// Nothing follows from a value that was refused, and one without a meaning is refused here.
    mutating func mistakesBetweenFields(_ declaration: Declaration<Field>) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        var meaninglessFields = FieldSet()
        let rules = slots.table.rules
        let written = slots.written.fields
        if !written.intersection(rules.conditioned).isEmpty {
            for condition in rules.conditions where written.contains(condition.field) {
                guard holds(condition) == false else { continue }
                diagnostics.append(meaningless(condition, declaration))
                meaninglessFields.insert(condition.field)
            }
        }
        for limit in rules.limits where slots.value(limit.condition.field)?.text == limit.definition.word {
            guard holds(limit.condition) == false else { continue }
            diagnostics.append(misplaced(limit, declaration))
            meaninglessFields.insert(limit.condition.field)
        }
        for requirement in rules.requirements
        where isMissing(requirement.field) && !requirement.definition.isCheckedLater {
            guard requirement.condition.map({ holds($0) == true }) ?? true, lacksAll(requirement.alternatives) else {
                continue
            }
            diagnostics.append(missing(requirement, declaration))
        }
        if !meaninglessFields.isEmpty {
            for index in slots.table.definitions.indices where meaninglessFields.contains(index) { refuse(index) }
        }
        return diagnostics
    }

    /// Whether a condition holds; nil while the other field's value is not known.
    private func holds(_ condition: FieldRules.Condition) -> Bool? {
        if condition.values.isEmpty { return !isMissing(condition.other) }
        guard case .text(let word)? = slots.value(condition.other) else { return nil }
        return condition.values.contains(word)
    }

    private func lacksAll(_ fields: FieldSet) -> Bool {
        fields.isEmpty
            || slots.table.definitions.indices.allSatisfy { !fields.contains($0) || isMissing($0) }
    }

    // MARK: Words

    private func meaningless(_ condition: FieldRules.Condition, _ declaration: Declaration<Field>) -> Diagnostic {
        let definitions = slots.table.definitions
        let name = definitions[condition.field].name
        let other = definitions[condition.other].name
        let place = declaration.place(condition.field)
        guard let word = slots.value(condition.other)?.text, !condition.values.isEmpty else {
            return Diagnostic(
                .error, "manifest.field-not-applicable", "spec.\(name) has no meaning without spec.\(other)", at: place,
                help: "remove the line, or give \(other)")
        }
        let values = condition.values.joined(separator: " or ")
        return Diagnostic(
            .error, "manifest.field-not-applicable", "spec.\(name) has no meaning: \(other) is \(word)", at: place,
            help: "remove the line; it is for \(other) \(values)")
    }

    private func misplaced(_ limit: FieldRules.Limit, _ declaration: Declaration<Field>) -> Diagnostic {
        let definitions = slots.table.definitions
        let field = "\(definitions[limit.condition.field].name): \(limit.definition.word)"
        let other = definitions[limit.condition.other].name
        let word = slots.value(limit.condition.other)?.text.map { ": \(other) is \($0)" } ?? ""
        return Diagnostic(
            .error, "manifest.field-not-applicable",
            "\(field) has no meaning\(word), and \(limit.definition.complaint)",
            at: declaration.place(limit.condition.field), help: limit.definition.remedy)
    }

    private func missing(_ requirement: FieldRules.Requirement, _ declaration: Declaration<Field>) -> Diagnostic {
        let definitions = slots.table.definitions
        let name = "spec.\(definitions[requirement.field].name)"
        var complaint = "\(name) is missing"
        var place =
            slots.table.definitions.indices.lazy.filter(requirement.alternatives.contains)
            .compactMap { declaration.spec.traces[$0]?.emptyCell }.first ?? declaration.place(requirement.field)
        if let condition = requirement.condition {
            complaint =
                "\(definitions[condition.other].name): \(slots.value(condition.other)?.text ?? "") needs \(name)"
            place = declaration.spec.slots[condition.other]?.range ?? place
        }
        return Diagnostic(
            .error, "manifest.missing-field", requirement.definition.complaint ?? complaint, at: place,
            help: requirement.definition.remedy)
    }
}

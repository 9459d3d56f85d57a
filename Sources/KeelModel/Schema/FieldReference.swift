import KeelBase

/// What the reference page says of one field.
enum FieldReference {
    static func text(_ definition: FieldDefinition, _ table: FieldTable) -> String {
        var lines = ["### `\(definition.name)` of \(table.kind.rawValue)", "", plain(definition.documentation), ""]
        lines.append("- **Type:** \(type(definition))")
        lines.append("- **Without it:** \(omission(definition))")
        for condition in definition.conditions {
            lines.append("- **Only:** where \(holds(condition)); else it is refused")
        }
        for limit in definition.wordConditions {
            lines.append("- **Only:** `\(limit.word)` where \(holds(limit.condition)); else it is refused")
        }
        lines.append("- **Change:** \(definition.effect.rawValue)")
        if definition.type == .secret { lines.append("- **Secret:** only its source is kept, compared and shown") }
        if let example = definition.example { lines.append("- **Example:** `\(nested(definition.name, example))`") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where the heading of a field leads from.
    static func anchor(_ definition: FieldDefinition, _ table: FieldTable) -> String {
        let name = definition.name.lowercased().filter { $0 != "." }
        return "\(name)-of-\(table.kind.rawValue.lowercased())"
    }

    private static func type(_ definition: FieldDefinition) -> String {
        let words = ReferencePage.words(definition.type)
        guard !definition.words.isEmpty else { return words }
        return "\(words), one of \(definition.words.map { "`\($0)`" }.joined(separator: ", "))"
    }

    private static func omission(_ definition: FieldDefinition) -> String {
        guard !definition.isRequired else { return "an error: it is required" }
        var parts = definition.derivations.map { "`\($0.value)` where `\($0.given)` is given" }
        if let omitted = definition.omitted { parts.append(omitted) }
        if let value = definition.defaultValue {
            parts.append((definition.omitted == nil ? "" : "else ") + ReferencePage.code(value.json))
        }
        if let requirement = definition.requirement { parts.append(needed(requirement)) }
        return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }

    private static func needed(_ requirement: FieldRequirement) -> String {
        var words = "it is needed"
        if let condition = requirement.condition { words += " where \(holds(condition))" }
        if !requirement.alternatives.isEmpty {
            words += ", unless \(requirement.alternatives.map { "`\($0)`" }.joined(separator: " or ")) is given"
        }
        return words
    }

    private static func holds(_ condition: FieldCondition) -> String {
        guard !condition.values.isEmpty else { return "`\(condition.field)` is given" }
        return "`\(condition.field)` is \(condition.values.map { "`\($0)`" }.joined(separator: " or "))"
    }

    /// The value under the mappings in which the field stands.
    private static func nested(_ name: String, _ value: JSON) -> String {
        let parts = name.split(separator: ".").map(String.init)
        let inner = parts.dropFirst().reversed().reduce(value) { .object([.init($1, $0)]) }
        return "\(parts[0]): \(FlowText.of(inner))"
    }

    /// Marks of Markdown in the words of a table are meant as they stand.
    static func plain(_ text: String) -> String { text.replacing("*", with: "\\*").replacing("<", with: "&lt;") }
}

/// What the reference page says of the members of a mapping that is no resource.
enum MemberReference {
    static func text(_ members: [MemberDefinition], under path: String) -> String {
        let rows = members.map { member in
            var use = member.isRequired ? "required" : ""
            if let value = member.defaultValue { use = ReferencePage.code(value) }
            let example = member.example.map { " For example " + ReferencePage.code($0) + "." } ?? ""
            return
                "| `\(member.name)` | \(words(member.type)) | \(use) | \(FieldReference.plain(member.documentation))\(example) |"
        }
        let inner = members.compactMap { member -> String? in
            let place = "\(path).\(member.name)"
            return inside(member.type, place).map { text($0.members, under: $0.path) }
        }
        let table = """
            Under `\(path)`:

            | Member | Type | Without it | What it means |
            | --- | --- | --- | --- |
            \(rows.joined(separator: "\n"))

            """
        return ([table] + inner).joined(separator: "\n")
    }

    /// The members of what a member holds.
    private static func inside(_ type: MemberType, _ path: String) -> (members: [MemberDefinition], path: String)? {
        switch type {
        case .members(let members): (members, path)
        case .map(let element): inside(element, path + ".NAME")
        case .list(let element): inside(element, path)
        case .value, .scalar, .cell, .accountSpec: nil
        }
    }

    private static func words(_ type: MemberType) -> String {
        switch type {
        case .value(let type): ReferencePage.words(type)
        case .scalar: "text, a number, or `true` or `false`"
        case .cell: "text, a number, `true`, `false`, or nothing"
        case .list(let element): "list of: \(words(element))"
        case .map(let element): "mapping of names to: \(words(element))"
        case .members: "mapping, see below"
        case .accountSpec: "the `spec` of an [`EmailAccount`](#emailaccount), in which `${item.COLUMN}` may stand"
        }
    }
}

import KeelBase

/// The schema of a `spec` with a table of fields.
struct SpecSchema {
    private let parts: SchemaParts

    init(_ parts: SchemaParts) { self.parts = parts }

    func spec(_ table: FieldTable) -> JSON {
        var members = group(table.definitions, prefix: "").members ?? []
        let rules =
            meanings(table) + table.definitions.flatMap { limits($0, table) }
            + table.definitions.flatMap { requirement($0, table) }
        if !rules.isEmpty { members.append(.init("allOf", .array(rules))) }
        return .object(members)
    }

    /// The object whose members are the fields below `prefix`.
    private func group(_ definitions: [FieldDefinition], prefix: String) -> JSON {
        var properties: [JSON.Member] = []
        var required: [JSON] = []
        var seen: Set<String> = []
        for definition in definitions where definition.name.hasPrefix(prefix) {
            let rest = definition.name.dropFirst(prefix.count)
            guard let dot = rest.firstIndex(of: ".") else {
                properties.append(.init(String(rest), field(definition)))
                if definition.isRequired { required.append(.string(String(rest))) }
                continue
            }
            let name = String(rest[..<dot])
            guard seen.insert(name).inserted else { continue }
            let inner = definitions.filter { $0.name.hasPrefix("\(prefix)\(name).") }
            properties.append(.init(name, group(inner, prefix: "\(prefix)\(name).")))
            if inner.contains(where: \.isRequired) { required.append(.string(name)) }
        }
        return .present(
            ("type", "object"), ("additionalProperties", false),
            ("required", required.isEmpty ? nil : .array(required)),
            ("properties", .object(properties)))
    }

    private func field(_ definition: FieldDefinition) -> JSON {
        var description = definition.documentation
        if let omitted = definition.omitted { description += " When omitted: \(omitted)." }
        var members = [JSON.Member("description", .string(description))]
        if definition.name == AccountField.ignoreChanges.definition.name {
            members += parts.entries(AccountField.ignorableNames.sorted())
        } else {
            members += definition.words.isEmpty ? parts.type(definition.type) : parts.choice(definition.words)
        }
        if let value = definition.defaultValue { members.append(.init("default", value.json)) }
        if let example = definition.example { members.append(.init("examples", .array([example]))) }
        return .object(members)
    }

    // MARK: What fields ask of each other

    /// Fields with the same conditions are refused together.
    private func meanings(_ table: FieldTable) -> [JSON] {
        var order: [FieldCondition] = []
        var fields: [FieldCondition: [String]] = [:]
        for definition in table.definitions {
            for condition in definition.conditions {
                if fields[condition] == nil { order.append(condition) }
                fields[condition, default: []].append(definition.name)
            }
        }
        return order.flatMap { condition -> [JSON] in
            let names = fields[condition] ?? []
            guard !condition.values.isEmpty else {
                return names.map { Self.rule(SchemaParts.at($0), then: SchemaParts.at(condition.field)) }
            }
            guard let other = table.definition(condition.field) else { return [] }
            return [Self.rule(isAnyOf(other) { !condition.values.contains($0) }, then: SchemaParts.without(names))]
        }
    }

    /// Words that are refused beside others.
    private func limits(_ definition: FieldDefinition, _ table: FieldTable) -> [JSON] {
        definition.wordConditions.compactMap { limit in
            guard let other = table.definition(limit.condition.field) else { return nil }
            let said = SchemaParts.at(definition.name, .object([.init("const", .string(limit.word))]))
            return Self.rule(
                isAnyOf(other) { !limit.condition.values.contains($0) }, then: .object([.init("not", said)]))
        }
    }

    private func requirement(_ definition: FieldDefinition, _ table: FieldTable) -> [JSON] {
        guard let requirement = definition.requirement else { return [] }
        let names = [definition.name] + requirement.alternatives
        let needed = names.count == 1 ? SchemaParts.at(names[0]) : Self.any(names.map { SchemaParts.at($0) })
        guard let condition = requirement.condition else { return [needed] }
        guard !condition.values.isEmpty else { return [Self.rule(SchemaParts.at(condition.field), then: needed)] }
        guard let other = table.definition(condition.field) else { return [] }
        // Where the other field follows from this one, this one is there.
        return [Self.rule(isAnyOf(other, notBy: definition.name, condition.values.contains), then: needed)]
    }

    /// That a field has one of the wanted words: it says so, or follows from another field.
    private func isAnyOf(
        _ definition: FieldDefinition, notBy field: String? = nil, _ isWanted: (String) -> Bool
    ) -> JSON {
        guard case .choice(let words) = definition.type else { return false }
        var ways = [
            SchemaParts.at(definition.name, .object([.init("enum", .array(words.filter(isWanted).map(JSON.string)))]))
        ]
        var earlier = [definition.name]
        for derivation in definition.derivations {
            if isWanted(derivation.value), derivation.given != field {
                let absent = earlier.map { JSON.object([.init("not", SchemaParts.at($0))]) }
                ways.append(.object([.init("allOf", .array([SchemaParts.at(derivation.given)] + absent))]))
            }
            earlier.append(derivation.given)
        }
        return ways.count == 1 ? ways[0] : Self.any(ways)
    }

    private static func rule(_ condition: JSON, then consequence: JSON) -> JSON {
        .object([.init("if", condition), .init("then", consequence)])
    }

    private static func any(_ schemas: [JSON]) -> JSON { .object([.init("anyOf", .array(schemas))]) }
}

import KeelBase

/// The schema of a mapping with a table of members.
struct MemberSchema {
    private let parts: SchemaParts

    init(_ parts: SchemaParts) { self.parts = parts }

    /// `choices` are groups of members of which exactly one must be given; `companions` have a meaning beside another only.
    func mapping(
        _ members: [MemberDefinition], choices: [[String]] = [], companions: [(member: String, of: String)] = []
    ) -> JSON {
        let required = members.filter(\.isRequired).map { JSON.string($0.name) }
        var rules = choices.map { names in
            JSON.object([.init("oneOf", .array(names.map { SchemaParts.at($0) }))])
        }
        rules += companions.map { pair in
            .object([.init("if", SchemaParts.at(pair.member)), .init("then", SchemaParts.at(pair.of))])
        }
        return .present(
            ("type", "object"), ("additionalProperties", false),
            ("required", required.isEmpty ? nil : .array(required)),
            ("properties", .object(members.map { .init($0.name, member($0)) })),
            ("allOf", rules.isEmpty ? nil : .array(rules)))
    }

    private func member(_ definition: MemberDefinition) -> JSON {
        var members = [JSON.Member("description", .string(definition.documentation))]
        members += type(definition.type).members ?? []
        if let value = definition.defaultValue { members.append(.init("default", value)) }
        if let example = definition.example { members.append(.init("examples", .array([example]))) }
        return .object(members)
    }

    private func type(_ type: MemberType) -> JSON {
        switch type {
        case .value(let type): .object(parts.type(type))
        case .scalar: .object([.init("type", ["string", "number", "boolean"])])
        case .cell: .object([.init("type", ["string", "number", "boolean", "null"])])
        // A set may have lost its last item.
        case .list(.map(let element)): .object([.init("type", "array"), .init("items", map(element))])
        case .list(let element):
            // An empty list would say that there is nothing right.
            .object([.init("type", "array"), .init("minItems", 1), .init("items", self.type(element))])
        case .map(let element): map(element)
        case .members(let members): mapping(members)
        case .accountSpec: .object([.init("$ref", .string("#/$defs/\(SchemaParts.template)"))])
        }
    }

    private func map(_ element: MemberType) -> JSON {
        var names: JSON?
        switch element {
        // They become parts of addresses and paths.
        case .members, .accountSpec: names = .object([.init("pattern", .string("^\(SchemaParts.name)$"))])
        // They are columns, or named elsewhere.
        case .value, .scalar, .cell, .list, .map: break
        }
        return .present(("type", "object"), ("propertyNames", names), ("additionalProperties", type(element)))
    }
}

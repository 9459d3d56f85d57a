import KeelBase

/// The JSON Schema (draft 2020-12) of a kind of document, made from its fields.
package enum JSONSchema {
    /// The kinds, in the order in which their schemas are printed.
    package static let kinds = DocumentKind.allCases.filter { $0 != .emailAccountSet && $0 != .project }

    /// The schema of one kind.
    package static func of(_ kind: DocumentKind) -> JSON {
        switch kind {
        case .emailAccount:
            document(kind, required: ["metadata"], metadata: metadata(of: .resource), spec: spec(.emailAccount))
        case .oauthProfile:
            document(kind, required: ["metadata"], metadata: metadata(of: .resource), spec: spec(.oauthProfile))
        case .emailAccountSet, .project:
            document(
                kind, required: ["metadata"], metadata: metadata(of: .resource),
                spec: .object([.init("type", "object")]))
        case .moved, .removed:
            document(kind, required: [], metadata: metadata(of: .remark), spec: spec(kind.addressFields))
        }
    }

    private static func document(_ kind: DocumentKind, required: [JSON], metadata: JSON, spec: JSON) -> JSON {
        .object([
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("$id", .string("https://mailkeel.dev/schemas/v1/\(kind.rawValue).schema.json")),
            .init("title", .string(kind.rawValue)),
            .init("type", "object"),
            .init("additionalProperties", false),
            .init("required", .array(["apiVersion", "kind"] + required + ["spec"])),
            .init(
                "properties",
                .object([
                    .init("apiVersion", .object([.init("const", .string(ManifestDecoder.apiVersion))])),
                    .init("kind", .object([.init("const", .string(kind.rawValue))])),
                    .init("metadata", metadata),
                    .init("spec", spec),
                ])),
        ])
    }

    /// Whose metadata they are.
    private enum Owner {
        /// A resource: it has a name, and may have labels.
        case resource
        /// A document that declares none: a name is for the reader only.
        case remark
    }

    private static func metadata(of owner: Owner) -> JSON {
        let isResource = owner == .resource
        let name = JSON.object([
            .init("type", "string"), .init("pattern", .string("^\(namePattern)$")),
            .init(
                "description",
                isResource ? "The resource's name, unique among its kind." : "A name for the reader."),
        ])
        return .present(
            ("type", "object"), ("additionalProperties", false), ("required", isResource ? ["name"] : nil),
            (
                "properties",
                .present(
                    ("name", name), ("labels", isResource ? textMap("Labels of the reader's own, to select by.") : nil),
                    ("annotations", textMap("Remarks for tools.")))
            ))
    }

    private static let namePattern = "[A-Za-z0-9._-]{1,63}"

    // MARK: spec

    private static func spec(_ table: FieldTable) -> JSON {
        var members = group(table.definitions, prefix: "").members ?? []
        let conditions = table.definitions.compactMap(condition)
        if !conditions.isEmpty { members.append(.init("allOf", .array(conditions))) }
        return .object(members)
    }

    private static func spec(_ fields: [AddressField]) -> JSON {
        let kinds = ResourceKind.declared.map(\.rawValue).joined(separator: "|")
        let properties = fields.map { field in
            JSON.Member(
                field.rawValue,
                .object([
                    .init("description", .string(field.documentation)), .init("type", "string"),
                    .init("pattern", .string("^(\(kinds))/\(namePattern)$")),
                    .init("examples", .array([.string(field.example)])),
                ]))
        }
        return .object([
            .init("type", "object"), .init("additionalProperties", false),
            .init("required", .array(fields.map { .string($0.rawValue) })), .init("properties", .object(properties)),
        ])
    }

    /// The object whose members are the fields below `prefix`.
    private static func group(_ definitions: [FieldDefinition], prefix: String) -> JSON {
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

    private static func field(_ definition: FieldDefinition) -> JSON {
        var members = [JSON.Member("description", .string(definition.documentation))]
        members += type(definition.type)
        if let value = definition.defaultValue { members.append(.init("default", value.json)) }
        if let example = definition.example { members.append(.init("examples", .array([example]))) }
        return .object(members)
    }

    private static func type(_ type: FieldType) -> [JSON.Member] {
        switch type {
        case .text, .path: [.init("type", ["string", "number"]), .init("minLength", 1)]
        case .host: [.init("type", "string"), .init("pattern", "^[A-Za-z0-9.:-]{1,253}$")]
        case .port: [.init("type", "integer"), .init("minimum", 1), .init("maximum", 65535)]
        case .count(let range):
            [
                .init("type", "integer"), .init("minimum", .integer(range.lowerBound)),
                .init("maximum", .integer(range.upperBound)),
            ]
        case .boolean: [.init("type", "boolean")]
        case .choice(let words): [.init("enum", .array(words.map(JSON.string)))]
        case .date: [.init("type", "string"), .init("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
        case .duration: [.init("type", "string"), .init("pattern", "^[0-9]+[dhm]$")]
        case .url: [.init("type", "string"), .init("pattern", "^[Hh][Tt][Tt][Pp][Ss]?://")]
        case .textSet:
            [
                .init("type", "array"), .init("uniqueItems", true),
                .init("items", .object([.init("type", ["string", "number"]), .init("minLength", 1)])),
            ]
        case .textMap:
            [
                .init("type", "object"),
                .init("additionalProperties", .object([.init("type", ["string", "number"])])),
            ]
        case .secret: secret
        }
    }

    private static func textMap(_ documentation: String) -> JSON {
        .object([.init("description", .string(documentation))] + type(.textMap))
    }

    private static let secret: [JSON.Member] = {
        let text = JSON.object([.init("type", ["string", "number"]), .init("minLength", 1)])
        let words = JSON.object([
            .init("type", "array"), .init("minItems", 1),
            .init("items", .object([.init("type", ["string", "number"])])),
        ])
        let sources = ["fromEnv", "fromFile", "fromCommand", "fromVault"]
        return [
            .init("type", "object"),
            .init("additionalProperties", false),
            .init(
                "properties",
                .object([
                    .init("fromEnv", text), .init("fromFile", text), .init("fromCommand", words),
                    .init("fromVault", text),
                    .init("version", text),
                ])),
            .init("oneOf", .array(sources.map { .object([.init("required", .array([.string($0)]))]) })),
        ]
    }()

    /// A field that belongs to some protocols only: with another `type` it must not be there.
    private static func condition(_ definition: FieldDefinition) -> JSON? {
        guard let condition = definition.conditions.first, condition.field == "type" else { return nil }
        return .object([
            .init("if", .object([.init("required", .array([.string(definition.name)]))])),
            .init(
                "then",
                .object([
                    .init(
                        "properties",
                        .object([
                            .init("type", .object([.init("enum", .array(condition.values.map(JSON.string)))]))
                        ]))
                ])),
        ])
    }
}

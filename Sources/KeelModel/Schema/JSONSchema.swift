import KeelBase

/// The JSON Schemas (draft 2020-12) of documents, made from the tables of their fields and members.
package enum JSONSchema {
    /// The kinds, in the order in which their schemas are printed.
    package static let kinds = DocumentKind.allCases

    /// The schema of one kind.
    package static func of(_ kind: DocumentKind) -> JSON {
        let document = document(kind)
        let definitions = SchemaParts(references: use(kind)).definitions + extras(kind)
        return .object(
            head(kind.rawValue) + (document.members ?? [])
                + [.init("$defs", .object(needed(definitions, by: document)))])
    }

    /// The schema of any document, by its kind.
    ///
    /// It tells the kinds apart by `if` and not by `oneOf`: an editor then shows the mistakes of the kind that was meant.
    package static var ofAnyKind: JSON {
        let cases = kinds.map { kind in
            JSON.object([
                .init("if", SchemaParts.at("kind", .object([.init("const", .string(kind.rawValue))]))),
                .init("then", .object([.init("$ref", .string("#/$defs/\(kind.rawValue)"))])),
            ])
        }
        var definitions: [JSON.Member] = []
        for use in Set(kinds.map(use)).sorted(by: { $0.rawValue < $1.rawValue }) {
            definitions += SchemaParts(references: use).definitions
        }
        definitions = kinds.reduce(definitions) { $0 + extras($1) }
        let documents = JSON.array(kinds.map(document))
        return .object(
            head("mailkeel") + [
                .init("description", "A document of Mailkeel."),
                .init("type", "object"),
                .init("required", ["apiVersion", "kind"]),
                .init(
                    "properties",
                    .object([
                        .init("apiVersion", version),
                        .init(
                            "kind",
                            .object([
                                .init("description", "What the document is."),
                                .init("enum", .array(kinds.map { .string($0.rawValue) })),
                            ])),
                    ])),
                .init("allOf", .array(cases)),
                .init(
                    "$defs",
                    .object(
                        needed(definitions, by: documents)
                            + kinds.map { .init($0.rawValue, document($0)) })),
            ])
    }

    /// The definitions to which the schema refers, at once or by way of each other.
    private static func needed(_ definitions: [JSON.Member], by schema: JSON) -> [JSON.Member] {
        var found: Set<String> = []
        func visit(_ schema: JSON) {
            for element in schema.array ?? [] { visit(element) }
            for member in schema.members ?? [] {
                if member.name == "$ref", let name = member.value.string?.split(separator: "/").last {
                    guard found.insert(String(name)).inserted else { continue }
                    if let definition = definitions.first(where: { $0.name == name }) { visit(definition.value) }
                } else {
                    visit(member.value)
                }
            }
        }
        visit(schema)
        return definitions.filter { found.contains($0.name) }
    }

    private static func head(_ name: String) -> [JSON.Member] {
        [
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("$id", .string("https://mailkeel.dev/schemas/v1/\(name).schema.json")),
            .init("title", .string(name)),
        ]
    }

    private static let version = JSON.object([.init("const", .string(ManifestDecoder.apiVersion))])

    /// What references a kind's documents may hold, but for templates within.
    private static func use(_ kind: DocumentKind) -> SchemaParts.References {
        switch kind {
        case .emailAccount, .emailAccountSet, .oauthProfile, .moved, .removed: .variables
        // It declares the variables.
        case .project: .none
        }
    }

    /// Definitions that only documents of the kind need.
    private static func extras(_ kind: DocumentKind) -> [JSON.Member] {
        guard kind == .emailAccountSet else { return [] }
        let parts = SchemaParts(references: .variablesAndItems)
        return parts.definitions + [.init(SchemaParts.template, SpecSchema(parts).spec(.emailAccount))]
    }

    private static func document(_ kind: DocumentKind) -> JSON {
        let parts = SchemaParts(references: use(kind))
        let spec =
            switch kind {
            case .emailAccount: SpecSchema(parts).spec(.emailAccount)
            case .oauthProfile: SpecSchema(parts).spec(.oauthProfile)
            case .emailAccountSet:

                MemberSchema(parts).mapping(
                    EmailAccountSet.members, choices: EmailAccountSet.choices, companions: EmailAccountSet.companions)
            case .project: MemberSchema(parts).mapping(ProjectFile.members)
            case .moved, .removed: addresses(kind.addressFields, parts)
            }
        // What speaks of addresses has a name for the reader only.
        let hasName = kind.addressFields.isEmpty
        return .object([
            .init("type", "object"),
            .init("additionalProperties", false),
            .init("required", .array(["apiVersion", "kind"] + (hasName ? ["metadata"] : []) + ["spec"])),
            .init(
                "properties",
                .object([
                    .init("apiVersion", version),
                    .init("kind", .object([.init("const", .string(kind.rawValue))])),
                    .init("metadata", metadata(kind, parts)),
                    .init("spec", spec),
                ])),
        ])
    }

    private static func metadata(_ kind: DocumentKind, _ parts: SchemaParts) -> JSON {
        let hasName = kind.addressFields.isEmpty
        let values = SchemaParts(references: kind == .emailAccountSet ? .variablesAndItems : parts.references)
        let name = parts.described(
            hasName ? "The name, unique among its kind." : "A name for the reader.",
            parts.orReference([
                .init("type", ["string", "number"]), .init("pattern", .string("^\(SchemaParts.name)$")),
            ]))
        let labels = values.described("Labels of your own, to select by.", values.type(.textMap))
        let annotations = values.described(
            "Remarks for tools; allow/RULE with a reason silences a rule of lint.", values.type(.textMap))
        return .present(
            ("type", "object"), ("additionalProperties", false), ("required", hasName ? ["name"] : nil),
            (
                "properties",
                .present(("name", name), ("labels", hasName ? labels : nil), ("annotations", annotations))
            ))
    }

    private static func addresses(_ fields: [AddressField], _ parts: SchemaParts) -> JSON {
        let kinds = ResourceKind.declared.map(\.rawValue).joined(separator: "|")
        let properties = fields.map { field in
            let address = parts.orReference([
                .init("type", "string"), .init("pattern", .string("^(\(kinds))/\(SchemaParts.composedName)$")),
            ])
            return JSON.Member(
                field.rawValue,
                .object(
                    [.init("description", .string(field.documentation))] + address
                        + [.init("examples", .array([.string(field.example)]))]))
        }
        return .object([
            .init("type", "object"), .init("additionalProperties", false),
            .init("required", .array(fields.map { .string($0.rawValue) })), .init("properties", .object(properties)),
        ])
    }
}

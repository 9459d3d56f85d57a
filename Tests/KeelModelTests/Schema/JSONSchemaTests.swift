import KeelBase
import KeelModel
import Testing

struct JSONSchemaTests {
    /// The schema of a field by its dotted name.
    private static func field(_ name: String, of kind: DocumentKind) throws -> JSON {
        try name.split(separator: ".").reduce(try #require(JSONSchema.of(kind)["properties"]?["spec"])) { place, part in
            try #require(place["properties"]?[String(part)])
        }
    }

    @Test func `each kind that is written has a schema`() throws {
        #expect(JSONSchema.kinds == DocumentKind.allCases)
        for kind in JSONSchema.kinds {
            let schema = JSONSchema.of(kind)
            let needsMetadata = kind.addressFields.isEmpty
            #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
            #expect(schema["properties"]?["kind"]?["const"] == .string(kind.rawValue))
            #expect(schema["properties"]?["apiVersion"]?["const"] == "mailkeel/v1")
            #expect(
                schema["required"]
                    == (needsMetadata ? ["apiVersion", "kind", "metadata", "spec"] : ["apiVersion", "kind", "spec"]))
            #expect(schema["additionalProperties"] == false)
            #expect(try JSON(parsing: schema.bytes(.pretty)) == schema)
        }
    }

    @Test func `every field of the table is in it with its documentation, and nothing else`() throws {
        for (kind, table) in [(DocumentKind.emailAccount, FieldTable.emailAccount), (.oauthProfile, .oauthProfile)] {
            for row in table.definitions {
                let field = try Self.field(row.name, of: kind)
                #expect(field["description"]?.string?.hasPrefix(row.documentation) == true, "\(row.name)")
                #expect(field["default"] == row.defaultValue?.json, "\(row.name)")
            }
            let spec = try #require(JSONSchema.of(kind)["properties"]?["spec"])
            #expect(Self.leaves(spec, "") == Set(table.definitions.map(\.name)))
        }
    }

    /// The dotted names of what has a description.
    private static func leaves(_ object: JSON, _ prefix: String) -> Set<String> {
        var names: Set<String> = []
        for member in object["properties"]?.members ?? [] {
            if member.value["description"] != nil {
                names.insert(prefix + member.name)
            } else {
                names.formUnion(leaves(member.value, prefix + member.name + "."))
            }
        }
        return names
    }

    @Test func `what must be written is required, also in groups`() throws {
        let account = try #require(JSONSchema.of(.emailAccount)["properties"]?["spec"])
        #expect(account["required"] == ["type", "userName"])
        let profile = try #require(JSONSchema.of(.oauthProfile)["properties"]?["spec"])
        #expect(Set(profile["required"]?.array?.compactMap(\.string) ?? []) == ["grant", "client"])
        #expect(profile["properties"]?["client"]?["required"] == ["id"])
        #expect(profile["properties"]?["client"]?["additionalProperties"] == false)
    }

    /// What a value is beside a reference to a variable.
    private static func literal(_ name: String, of kind: DocumentKind) throws -> JSON {
        try #require(try field(name, of: kind)["anyOf"]?.array?.first)
    }

    @Test func `types are those of the table, or a reference`() throws {
        #expect(try Self.literal("port", of: .emailAccount)["maximum"] == 65535)
        #expect(try Self.literal("active", of: .emailAccount)["type"] == "boolean")
        #expect(try Self.literal("type", of: .emailAccount)["enum"] == ["smtp", "imap", "pop3"])
        #expect(try Self.field("scopes", of: .oauthProfile)["uniqueItems"] == true)
        #expect(try Self.field("client.secret", of: .oauthProfile)["$ref"] == "#/$defs/secret")
        let secret = try #require(JSONSchema.of(.oauthProfile)["$defs"]?["secret"]?["anyOf"]?.array?.first)
        #expect(secret["type"] == "object" && secret["oneOf"]?.array?.count == 4)
        #expect(secret["additionalProperties"] == false)
    }

    @Test(arguments: [(DocumentKind.moved, ["from", "to"]), (.removed, ["address"])])
    func `a document about addresses wants all of them, and may have a name and annotations`(
        kind: DocumentKind, fields: [String]
    ) throws {
        let properties = try #require(JSONSchema.of(kind)["properties"])
        let spec = try #require(properties["spec"])
        #expect(spec["required"]?.array?.compactMap(\.string) == fields)
        #expect(spec["additionalProperties"] == false)
        #expect(spec["properties"]?.members?.map(\.name) == fields)
        #expect(properties["metadata"]?["required"] == nil)
        #expect(properties["metadata"]?["properties"]?.members?.map(\.name) == ["name", "annotations"])
    }

    @Test func `each reference inside a schema leads somewhere`() throws {
        for schema in JSONSchema.kinds.map(JSONSchema.of) + [JSONSchema.ofAnyKind] {
            let defined = Set(schema["$defs"]?.members?.map { "#/$defs/\($0.name)" } ?? [])
            #expect(defined.count == schema["$defs"]?.members?.count)
            let used = Self.references(schema)
            #expect(used == defined, "\(schema["title"]?.string ?? "")")
        }
    }

    private static func references(_ schema: JSON) -> Set<String> {
        var found: Set<String> = []
        for member in schema.members ?? [] {
            if member.name == "$ref", let text = member.value.string { found.insert(text) }
            if member.name != "examples" { found.formUnion(references(member.value)) }
        }
        for element in schema.array ?? [] { found.formUnion(references(element)) }
        return found
    }
}

import KeelBase

/// The schemas of single values. A value that is not text may stand as a reference too: `port: ${var.port}`.
struct SchemaParts {
    /// What references values may hold.
    enum References: Int {
        case none
        case variables
        /// In templates of sets.
        case variablesAndItems
    }

    let references: References

    init(references: References) { self.references = references }

    static let name = "[A-Za-z0-9._-]{1,63}"
    /// Accounts of sets are named by the set, the item and the template.
    static let composedName = "[A-Za-z0-9._-]{1,191}"
    /// The definition of the spec of a set's accounts.
    static let template = "accountTemplate"

    // MARK: Types

    /// The members of the schema of a type.
    func type(_ type: FieldType) -> [JSON.Member] {
        switch type {
        case .text, .path: textReference
        case .host:
            // One colon alone would be a port's.
            orReference([
                .init("type", ["string", "number"]), .init("maxLength", 253),
                .init(
                    "pattern", "^(?:[A-Za-z0-9.-]+|[A-Za-z0-9.-]*:[A-Za-z0-9.-]*:[A-Za-z0-9.:-]*)$"),
            ])
        case .port: number(1...65535)
        case .count(let range): number(range)
        case .boolean: orReference([.init("type", "boolean")])
        case .choice(let words): choice(words)
        case .date:
            orReference([
                .init("type", "string"), .init("format", "date"), .init("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
            ])
        case .duration: orReference([.init("type", "string"), .init("pattern", "^0*[1-9][0-9]*[dhm]$")])
        case .url:
            // http goes to a literal loopback address only.
            orReference([
                .init("type", "string"),
                .init(
                    "pattern",
                    #"^(?:[Hh][Tt][Tt][Pp][Ss]://[^\s#@]+|[Hh][Tt][Tt][Pp]://(?:127\.[0-9.]+|\[::1\])(?:[:/?][^\s#@]*)?)$"#
                ),
            ])
        case .keyHash:
            // 32 bytes: the last character before the padding has four bits.
            orReference([.init("type", "string"), .init("pattern", "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")])
        case .textSet: entries(nil)
        case .textMap:
            [.init("type", "object"), .init("additionalProperties", .object(textReference))]
        case .secret: reference("secret")
        }
    }

    /// One of these words.
    func choice(_ words: [String]) -> [JSON.Member] { orReference([.init("enum", .array(words.map(JSON.string)))]) }

    /// A set of texts; of these words, if there are any.
    func entries(_ words: [String]?) -> [JSON.Member] {
        let item = words.map(choice) ?? reference("entry")
        return [.init("type", "array"), .init("uniqueItems", true), .init("items", .object(item))]
    }

    private func number(_ range: ClosedRange<Int>) -> [JSON.Member] {
        orReference([
            .init("type", "integer"), .init("minimum", .integer(range.lowerBound)),
            .init("maximum", .integer(range.upperBound)),
        ])
    }

    /// What these members say, or a text with a reference.
    func orReference(_ members: [JSON.Member]) -> [JSON.Member] {
        guard references != .none else { return members }
        return [.init("anyOf", .array([.object(members), .object(reference("reference"))]))]
    }

    func described(_ documentation: String, _ members: [JSON.Member]) -> JSON {
        .object([.init("description", .string(documentation))] + members)
    }

    var textReference: [JSON.Member] { reference("text") }

    private func reference(_ definition: String) -> [JSON.Member] {
        [.init("$ref", .string("#/$defs/\(definitionName(definition))"))]
    }

    private func definitionName(_ name: String) -> String {
        switch references {
        case .none: "plain\(name.prefix(1).uppercased())\(name.dropFirst())"
        case .variables: name
        case .variablesAndItems: "template\(name.prefix(1).uppercased())\(name.dropFirst())"
        }
    }

    // MARK: Definitions

    /// What the schemas of values refer to.
    var definitions: [JSON.Member] {
        guard references != .none else { return [.init(definitionName("text"), text)] }
        return [
            .init(definitionName("text"), text),
            .init(definitionName("entry"), entry),
            .init(definitionName("reference"), withReference),
            .init(definitionName("secret"), secret),
        ]
    }

    /// A character that is not the beginning of a reference; `$${` stands for `${`. Control characters and marks of the
    /// writing direction are refused everywhere.
    private static let literal =
        #"(?:[^$\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]|\$(?!\$?\{)|\$\$\{)"#

    private var referencePattern: String? {
        switch references {
        case .none: nil
        case .variables: Self.variable
        case .variablesAndItems: #"(?:\#(Self.variable)|\$\{item\.[^{}]+\})"#
        }
    }

    private static let variable = #"\$\{var\.[A-Za-z_][A-Za-z0-9_]{0,62}\}"#

    private var text: JSON {
        let part = referencePattern.map { "(?:\(Self.literal)|\($0))" } ?? Self.literal
        return .object([
            .init("type", ["string", "number"]), .init("pattern", .string("^\(part)+$")),
        ])
    }

    /// An entry of a set holds no space.
    private var entry: JSON {
        .object((text.members ?? []) + [.init("not", .object([.init("type", "string"), .init("pattern", " ")]))])
    }

    private var withReference: JSON {
        let reference = referencePattern ?? ""
        return .object([
            .init("description", "A text with references to variables, which is read as if it stood without quotes."),
            .init("type", "string"),
            .init("pattern", .string("^\(Self.literal)*\(reference)(?:\(Self.literal)|\(reference))*$")),
        ])
    }

    private var secret: JSON {
        let text = JSON.object(textReference)
        func source(_ name: String, _ documentation: String, _ schema: [JSON.Member]) -> JSON.Member {
            .init(name, described(documentation, schema))
        }
        let words: [JSON.Member] = [.init("type", "array"), .init("minItems", 1), .init("items", text)]
        let sources = ["fromEnv", "fromFile", "fromCommand", "fromVault"]
        let object = JSON.object([
            .init("type", "object"),
            .init("additionalProperties", false),
            .init(
                "properties",
                .object([
                    source("fromEnv", "The name of a variable of the process.", textReference),
                    source("fromFile", "A file that is yours alone (mode 0600).", textReference),
                    source("fromCommand", "A command and its arguments; no shell.", words),
                    source("fromVault", "The name under which mailkeel vault set keeps it.", textReference),
                    source("version", "Any text; change it together with the secret.", textReference),
                ])),
            .init("oneOf", .array(sources.map { .object([.init("required", .array([.string($0)]))]) })),
        ])
        let variable = JSON.object([
            .init("description", "A sensitive variable."), .init("type", "string"),
            .init("pattern", .string("^\(Self.variable)$")),
        ])
        return .object([.init("anyOf", .array([object, variable]))])
    }

    // MARK: Places

    /// An object that has a value at the dotted path, with that schema.
    static func at(_ path: String, _ schema: JSON? = nil) -> JSON {
        let (name, rest) = split(path)
        let inner = rest.map { at($0, schema) } ?? schema
        return .present(
            ("required", .array([.string(name)])), ("properties", inner.map { .object([.init(name, $0)]) }))
    }

    /// An object that has no value at any of the dotted paths.
    static func without(_ paths: [String]) -> JSON {
        var names: [String] = []
        var rests: [String: [String]] = [:]
        for path in paths {
            let (name, rest) = split(path)
            if rests[name] == nil { names.append(name) }
            rests[name, default: []] += rest.map { [$0] } ?? []
        }
        return .object([
            .init(
                "properties",
                .object(
                    names.map { name in
                        let inner = rests[name] ?? []
                        return .init(name, inner.isEmpty ? false : without(inner))
                    }))
        ])
    }

    private static func split(_ path: String) -> (String, String?) {
        guard let dot = path.firstIndex(of: ".") else { return (path, nil) }
        return (String(path[..<dot]), String(path[path.index(after: dot)...]))
    }
}

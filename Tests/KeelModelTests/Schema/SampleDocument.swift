import KeelBase
import KeelModel
import KeelTestSupport

/// A document made from a table of fields, with values that are right for their types and some that are not.
struct SampleDocument {
    let kind: ResourceKind
    private(set) var spec = JSON.object([])

    private static let rightByName: [String: [JSON]] = [
        "provider": ["microsoft365"], "cloud": ["global"], "tenant": ["contoso.com", "${var.tenant}"],
        "oauthProfile": ["p"], "recordIn": ["local"],
        "lifecycle.ignoreChanges": [["server", "metadata.labels"], ["port"]],
    ]
    private static let wrongByName: [String: [JSON]] = [
        "provider": ["", true], "cloud": ["", true], "oauthProfile": ["", true],
        "lifecycle.ignoreChanges": [["nonsense"], ["userName"], ["server", "server"], "server"],
    ]

    init(_ table: FieldTable, using random: inout SeededGenerator) {
        kind = table.kind
        // Half of them begin with what is usual, so that not nearly all are refused.
        let isUsual = Bool.random(using: &random)
        for (name, value) in isUsual ? Self.usual[table.kind] ?? [:] : [:] { set(name, value) }
        let rarity = Int.random(in: 3..<12, using: &random)
        for row in table.definitions where row.isRequired || Int.random(in: 0..<rarity, using: &random) == 0 {
            guard !isUsual || row.conditions.allSatisfy(isKnown) else { continue }
            set(row.name, Self.pick(Self.rightByName[row.name] ?? Self.right(row.type), &random))
        }
        guard Bool.random(using: &random), let row = table.definitions.randomElement(using: &random) else { return }
        if Int.random(in: 0..<8, using: &random) == 0 {
            set(row.name + "s", "x")
        } else {
            set(row.name, Self.pick(Self.wrongByName[row.name] ?? Self.wrong(row.type), &random))
        }
    }

    private static let usual: [ResourceKind: KeyValuePairs<String, JSON>] = [
        .emailAccount: ["server": "mail.example.com", "oauthProfile": "p"],
        .oauthProfile: ["issuer": "https://login.example.com", "client.secret": .object([.init("fromEnv", "S")])],
    ]

    /// Whether the condition holds by what is there so far.
    private func isKnown(_ condition: FieldCondition) -> Bool {
        let value = condition.field.split(separator: ".").reduce(spec as JSON?) { $0?[String($1)] }
        guard !condition.values.isEmpty else { return value != nil }
        return value?.string.map(condition.values.contains) ?? false
    }

    var document: JSON {
        .object([
            .init("apiVersion", "mailkeel/v1"), .init("kind", .string(kind.rawValue)),
            .init("metadata", .object([.init("name", "sample")])), .init("spec", spec),
        ])
    }

    /// Some of the values that the type allows.
    static func right(_ type: FieldType) -> [JSON] {
        switch type {
        case .text, .path: ["x", "a b", 12, "${var.text}", "a-${var.text}.$x", "$${literal}"]
        case .host: ["mail.example.com", "::1", "${var.text}", "imap.${var.text}"]
        case .port: [993, 1, 65535, "${var.port}"]
        case .count(let range): [.integer(range.lowerBound), .integer(range.upperBound)]
        case .boolean: [.boolean(true), .boolean(false), "${var.flag}"]
        case .choice(let words): words.map(JSON.string)
        case .date: ["2027-03-01"]
        case .duration: ["90d", "12h", "030m"]
        case .url:
            ["https://a.example/x", "http://127.0.0.1:8080/x", "HTTPS://a.example", "https://${var.text}.example/t"]
        case .keyHash: ["jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8="]
        case .textSet: [["a", "b"], ["x${var.text}"], []]
        case .textMap: [.object([.init("a", "b")]), .object([.init("a", 1), .init("b", "${var.text}")])]
        case .secret:
            [
                .object([.init("fromEnv", "X")]), .object([.init("fromFile", "f"), .init("version", 2)]),
                .object([.init("fromCommand", ["a", "b c"])]), .object([.init("fromVault", "x")]), "${var.secret}",
            ]
        }
    }

    /// Values that the type does not allow.
    static func wrong(_ type: FieldType) -> [JSON] {
        let unreadable: [JSON] = ["${var.text", "${env.X}", "${var.1x}", "a\u{7}b", "a\u{202E}b"]
        return switch type {
        case .text, .path: unreadable + ["", .boolean(true), .null, ["x"], .object([])]
        case .host: unreadable + ["a b", "h:25", "https://x", "", .boolean(true)]
        case .port: [0, 65536, "993", .boolean(true), .number("1.5"), -1, [993]]
        case .count(let range): [.integer(range.lowerBound - 1), .integer(range.upperBound + 1), "1", .null]
        case .boolean: ["true", "yes", 1, .null]
        case .choice: ["nonsense", "", .null, .boolean(true), []]
        case .date: ["2027-3-1", 20_270_301, "soon"]
        case .duration: ["90", "0d", "d", 90, "-1d", "1.5h"]
        case .url: ["http://a.example/", "ftp://a.example", "a.example", "https://a b", "https://u@a.example/", 1]
        case .keyHash:
            [
                "abc", "jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8", "jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y9=",
                "sha256/jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8=", 1,
            ]
        case .textSet: [["a", "a"], ["a b"], "a", [.boolean(true)], .object([])]
        case .textMap: [.object([.init("a", .boolean(true))]), ["x"], .object([.init("a", "")]), "x"]
        case .secret:
            [
                "hunter2", .object([]), .object([.init("fromEnv", "A"), .init("fromFile", "b")]), .null,
                .object([.init("fromenv", "x")]), .object([.init("fromCommand", [])]),
                .object([.init("fromCommand", "a b")]), .object([.init("version", "1")]), "x${var.secret}",
            ]
        }
    }

    private static func pick(_ values: [JSON], _ random: inout SeededGenerator) -> JSON {
        values.randomElement(using: &random) ?? .null
    }

    private mutating func set(_ path: String, _ value: JSON) {
        spec = Self.setting(spec, path.split(separator: ".").map(String.init)[...], value)
    }

    private static func setting(_ object: JSON, _ path: ArraySlice<String>, _ value: JSON) -> JSON {
        guard let name = path.first else { return value }
        var members = object.members ?? []
        let inner = setting(object[name] ?? .object([]), path.dropFirst(), value)
        if let index = members.firstIndex(where: { $0.name == name }) {
            members[index].value = inner
        } else {
            members.append(.init(name, inner))
        }
        return .object(members)
    }
}

import KeelModel
import KeelTestSupport

/// Values that no field of a type takes.
enum BadValues {
    private static let code = "manifest.bad-value"

    /// A value that is not one of the type.
    static func value(_ type: FieldType, _ random: inout SeededGenerator) -> Part? {
        switch type {
        case .textSet: return set(&random)
        case .textMap:
            let entry =
                Bool.random(using: &random) ? Part.scalar("\"\"", flaw: code) : .list([], flaw: "manifest.wrong-type")
            return .mapping([Entry("a", .scalar("b")), Entry("c", entry)])
        case .secret: return secret(&random)
        case .choice(let words):
            let word = words[Int.random(in: words.indices, using: &random)]
            return .scalar(
                Layout.pick([word + "x", word.uppercased() + "1", "\"\"", "993", "\"\(word) \""], &random), flaw: code)
        default:
            guard let texts = texts(type) else { return nil }
            return .scalar(Layout.pick(texts, &random), flaw: code)
        }
    }

    private static func texts(_ type: FieldType) -> [String]? {
        switch type {
        case .text, .path: ["\"\"", "''", "\"a\\tb\"", "\"a\\nb\"", "\"\\u202Ea\"", "\"\\x1b[31m\"", "\"a\\u2028b\""]
        case .host:
            [
                "imaps://mail.example.com", "mail.example.com/x", "mail.example.com:993", "bücher.example", "\"a b\"",
                "user@example.com", "\"\"", "a_b.example.com",
            ]
        case .port:
            [
                "0", "65536", "-1", "+993", "1e3", "0x3E1", "9_93", "993.0", "\"993 \"", "imap", "99999999999999999999",
                "\"\"", "0o1741", "0b1",
            ]
        case .count(let range): ["0", "\(range.upperBound + 1)", "-1", "+2", "1.0", "1e1", "0x2", "1_0", "two", "\"\""]
        case .boolean: ["1", "True", "\"true\"", "'false'", "truth", "\"\"", "0"]
        case .date: ["2027-13-01", "2027-02-30", "2027-3-1", "tomorrow", "2027-03-01T00:00:00Z", "20270301"]
        case .keyHash: ["abc", "jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8", "\"\""]
        case .duration: ["90", "90days", "0d", "-5d", "1w", "d", "1.5h", "\"9 d\""]
        case .url:
            [
                "http://login.example.com/token", "login.example.com", "ftp://login.example.com", "https://",
                "https://user:pass@example.com/", "https://example.com/#x", "\"https://exa mple.com\"",
            ]
        default: nil
        }
    }

    /// What YAML readers disagree about, or nothing at all.
    static func trap(_ type: FieldType, _ random: inout SeededGenerator) -> Part? {
        let words = ["no", "Yes", "off", "ON", "y", "~", "null", "True", ""]
        switch type {
        case .text, .path, .host, .date, .duration, .url, .keyHash:
            return .scalar(Layout.pick(words, &random), flaw: code)
        case .choice(let choices):
            // "none" is a word, and a word of some choices.
            return .scalar(Layout.pick(words.filter { !choices.contains($0) }, &random), flaw: code)
        case .port: return .scalar(Layout.pick(["0993", "9:93", "no", "~", "", "1:59:59"], &random), flaw: code)
        case .count: return .scalar(Layout.pick(["02", "1:2", "no", "~", "", "0b1"], &random), flaw: code)
        case .boolean:
            return .scalar(Layout.pick(["yes", "No", "on", "OFF", "n", "~", "", "TRUE"], &random), flaw: code)
        case .textSet: return .list([.scalar("port"), .scalar(Layout.pick(["no", "~", "true"], &random), flaw: code)])
        case .textMap:
            return .mapping([Entry("a", .scalar(Layout.pick(words, &random), flaw: code)), Entry("no", .scalar("b"))])
        case .secret: return .mapping([Entry("fromEnv", .scalar(Layout.pick(words, &random), flaw: code))])
        }
    }

    private static func set(_ random: inout SeededGenerator) -> Part {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .list([.scalar("port"), .scalar("debug"), .scalar("\"port\"", flaw: code)])
        case 1: .list([.scalar("port"), .scalar("\"b c\"", flaw: code), .scalar("debug")])
        case 2: .list([.scalar("\"\"", flaw: code), .scalar("port")])
        default: .list([.mapping([Entry("a", .scalar("b"))], flaw: "manifest.wrong-type"), .scalar("port")])
        }
    }

    private static func secret(_ random: inout SeededGenerator) -> Part {
        let sources: [Part] = [
            .mapping([], flaw: code),
            .mapping([Entry("fromEnv", .scalar("A")), Entry("fromFile", .scalar("b"))], flaw: code),
            .mapping([Entry("version", .scalar("\"1\""))], flaw: code),
            .mapping([Entry("fromFile", .scalar("\"\"", flaw: code))]),
            .mapping([Entry("fromCommand", .list([], flaw: code))]),
            .mapping([Entry("fromCommand", .scalar("pass show x", flaw: "manifest.wrong-type"))]),
            .mapping([Entry("fromCommand", .list([.scalar("pass"), .scalar("no", flaw: code)]))]),
            .mapping([Entry("fromenv", .scalar("A"), flaw: "manifest.unknown-field")]),
            .mapping([Entry("vault", .scalar("A"), flaw: "manifest.unknown-field"), Entry("fromEnv", .scalar("A"))]),
            .mapping([Entry("fromVault", .mapping([Entry("a", .scalar("b"))], flaw: "manifest.wrong-type"))]),
        ]
        return sources[Int.random(in: sources.indices, using: &random)]
    }
}

/// What a YAML 1.1 reader takes an unquoted text for (yaml.org/type: null, bool, int, float, timestamp).
///
/// Tools disagree about these texts: `no` is a country to one reader and false to another, `12:30` is 750, `017` is
/// 15. So a manifest is read by the older and wider rules, to notice every text that some reader takes for something
/// else, and the decoder refuses it where another type is wanted, rather than guess. What only YAML 1.2 reads as a
/// number (`0o17`, `1e3`) counts too.
package enum PlainMeaning: Sendable, Hashable {
    /// Nothing, `~`, `null`.
    case null
    /// `true`, `false`, and also `yes`, `no`, `on`, `off`, `y`, `n`, in the three usual casings.
    case boolean(Bool)
    /// Decimal, `0b`, `0o`, `0x`, with a leading zero (octal), with `_`, or sexagesimal.
    case integer
    case float
    /// A date, or a date and a time.
    case timestamp
    case string

    /// What an untagged plain text means.
    package init(_ text: some BidirectionalCollection<UInt8>) {
        guard let first = text.first else {
            self = .null
            return
        }
        // Most texts are names; their first byte or their length says so.
        if first < UInt8(ascii: "A") {
            self = Self.number(Array(text))
        } else if text.count <= 5, Self.wordInitials.contains(first) {
            self = Self.word(String(decoding: text, as: UTF8.self)) ?? .string
        } else {
            self = .string
        }
    }

    private static let wordInitials = Array("~nNtTfFyYoO".utf8)

    /// What a text means under a tag that names a type; nil if the text is not of that type.
    init?(_ text: some BidirectionalCollection<UInt8>, tag: CoreTag) {
        let meaning = PlainMeaning(text)
        switch (tag, meaning) {
        case (.null, .null), (.boolean, .boolean), (.integer, .integer), (.float, .float), (.timestamp, .timestamp):
            self = meaning
        case (.float, .integer): self = .float
        case (.string, _), (.nonSpecific, _): self = .string
        default: return nil
        }
    }

    private static func word(_ text: String) -> PlainMeaning? {
        switch text {
        case "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y": .boolean(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N": .boolean(false)
        default: nil
        }
    }

    private static func number(_ text: [UInt8]) -> PlainMeaning {
        // The longest is a timestamp with a fraction and a zone; numbers of more digits are no numbers to anybody.
        guard text.count <= 128 else { return .string }
        if NumberForms.isInteger(text) { return .integer }
        if NumberForms.isFloat(text) { return .float }
        if NumberForms.isTimestamp(text) { return .timestamp }
        return .string
    }
}

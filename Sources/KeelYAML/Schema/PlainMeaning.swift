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
    package init(_ text: [UInt8]) { self.init(text[...]) }

    /// What an untagged plain text means, where it stands among others.
    init(_ text: ArraySlice<UInt8>) {
        guard let first = text.first else {
            self = .null
            return
        }
        // Most texts are names; their first byte or their length says so.
        if first < UInt8(ascii: "A") {
            self = Self.number(text)
        } else if text.count < Self.words.count {
            self = Self.words[text.count].first { text.elementsEqual($0.text) }?.meaning ?? .string
        } else {
            self = .string
        }
    }

    /// What a text means under a tag that names a type; nil if the text is not of that type.
    init?(_ text: ArraySlice<UInt8>, tag: CoreTag) {
        let meaning = PlainMeaning(text)
        switch (tag, meaning) {
        case (.null, .null), (.boolean, .boolean), (.integer, .integer), (.float, .float), (.timestamp, .timestamp):
            self = meaning
        case (.float, .integer): self = .float
        case (.string, _), (.nonSpecific, _): self = .string
        default: return nil
        }
    }

    private struct Word {
        let text: [UInt8]
        let meaning: PlainMeaning
    }

    /// The words that are no texts, by their length.
    private static let words: [[Word]] = {
        let meanings: [(PlainMeaning, [String])] = [
            (.null, ["~", "null", "Null", "NULL"]),
            (.boolean(true), ["true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"]),
            (.boolean(false), ["false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"]),
        ]
        var words = [[Word]](repeating: [], count: "false".utf8.count + 1)
        for (meaning, texts) in meanings {
            for text in texts { words[text.utf8.count].append(Word(text: Array(text.utf8), meaning: meaning)) }
        }
        return words
    }()

    private static func number(_ text: ArraySlice<UInt8>) -> PlainMeaning {
        // The longest is a timestamp with a fraction and a zone; numbers of more digits are no numbers to anybody.
        guard text.count <= 128 else { return .string }
        if NumberForms.isInteger(text) { return .integer }
        if NumberForms.isFloat(text) { return .float }
        if NumberForms.isTimestamp(text) { return .timestamp }
        return .string
    }
}

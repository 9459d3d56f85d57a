import KeelYAML

/// A text as a scalar of YAML that every reader takes for the same text: plain where that is safe, else in double quotes.
struct YAMLText: CustomStringConvertible {
    let description: String

    init(_ text: String) { description = Self.isPlain(text) ? text : Self.quoted(text) }

    /// Letters, digits and signs that mean nothing in YAML, also between braces, and no word or number to any reader.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "/") else { return false }
        let allowed = text.utf8.allSatisfy { byte in
            isAlphanumeric(byte) || "@._/-+".utf8.contains(byte)
        }
        return allowed && PlainMeaning(Array(text.utf8)) == .string
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "\\":
                result += "\\"
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }
}

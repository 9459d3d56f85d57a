import KeelBase

/// A value in YAML's flow style, as people write it.
enum FlowText {
    static func of(_ value: JSON) -> String {
        switch value {
        case .null: ""
        case .boolean(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let text): text
        case .string(let text): isPlain(text) ? text : JSON.string(text).text()
        case .array(let elements): "[\(elements.map(of).joined(separator: ", "))]"
        case .object(let members): "{ \(members.map { "\($0.name): \(of($0.value))" }.joined(separator: ", ")) }"
        }
    }

    /// Whether the text means itself without quotes, also in a flow mapping.
    private static func isPlain(_ text: String) -> Bool {
        let isOrdinary = text.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
                || "-._/@:+ =".utf8.contains(byte)
        }
        guard isOrdinary, let first = text.utf8.first, first >= 0x30 || first == UInt8(ascii: "/") else { return false }
        guard !text.hasSuffix(":"), !text.contains(": ") else { return false }
        // Digits alone and dates are read as such by others.
        return !text.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
    }
}

import KeelBase

/// Words in the headers of a message: as they are written, and as they are read.
enum HeaderText {
    /// A label before an address: as it is, quoted, or encoded (RFC 5322 section 3.2.5, RFC 2047 section 5).
    static func phrase(_ text: String) -> String {
        let cleaned = clean(text)
        guard cleaned.utf8.allSatisfy({ $0 < 0x80 }), cleaned.utf8.count <= 200, !cleaned.contains("=?") else {
            return encoded(cleaned)
        }
        if cleaned.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == 0x20 || $0 == UInt8(ascii: "-") }) { return cleaned }
        return "\"" + cleaned.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The text of a subject.
    static func unstructured(_ text: String) -> String {
        let cleaned = clean(text)
        let isPlain = cleaned.utf8.allSatisfy { $0 < 0x80 } && cleaned.utf8.count <= 200 && !cleaned.contains("=?")
        return isPlain ? cleaned : encoded(cleaned)
    }

    /// One line, nothing that ends it early.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }

    /// Encoded words of 75 characters at most, folded; none holds a part of a character (RFC 2047 sections 2 and 5).
    private static func encoded(_ text: String) -> String {
        var words: [String] = []
        var piece: [UInt8] = []
        func flush() {
            if !piece.isEmpty { words.append("=?utf-8?B?\(Base64.text(piece))?=") }
            piece = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if piece.count + bytes.count > 42 { flush() }
            piece += bytes
        }
        flush()
        return words.joined(separator: "\r\n ")
    }

    /// The value of a header as people read it: unfolded, its encoded words decoded where they are UTF-8 or Latin 1.
    static func decoded(_ bytes: some Collection<UInt8>) -> ForeignText {
        // Blanks between two encoded words are no text (RFC 2047 section 6.2).
        let text = String(decoding: bytes, as: UTF8.self)
        var output: [UInt8] = []
        var wasEncoded = false
        for word in text.split(whereSeparator: { $0.isWhitespace || $0.isNewline }) {
            let decoded = decodedWord(word)
            if !output.isEmpty, !(wasEncoded && decoded != nil) { output.append(0x20) }
            output += decoded ?? Array(word.utf8)
            wasEncoded = decoded != nil
        }
        return ForeignText(output)
    }

    private static func decodedWord(_ word: Substring) -> [UInt8]? {
        guard word.hasPrefix("=?"), word.hasSuffix("?="), word.utf8.count <= 1024 else { return nil }
        let parts = word.dropFirst(2).dropLast(2).split(
            separator: "?", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let bytes: [UInt8]? =
            switch parts[1].uppercased() {
            case "B": Base64.decode(Array(parts[2].utf8))
            case "Q": unquoted(parts[2])
            default: nil
            }
        guard let bytes else { return nil }
        // A language may follow the character set (RFC 2231 section 5).
        switch parts[0].split(separator: "*").first?.lowercased() {
        case "utf-8", "us-ascii": return bytes
        case "iso-8859-1": return Array(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })).utf8)
        default: return nil
        }
    }

    private static func unquoted(_ text: Substring) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "_"): output.append(0x20)
            case UInt8(ascii: "="):
                let digits = rest.prefix(2)
                guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                    return nil
                }
                output.append(value)
                rest = rest.dropFirst(2)
            default: output.append(byte)
            }
        }
        return output
    }
}

/// Text that a server, a file or a certificate gave: capped and stripped before anybody sees it.
///
/// Control characters and bidirectional overrides can move a terminal's cursor or disguise a line, and a
/// banner has no upper length, so nothing foreign is shown except through here.
package struct ForeignText: Sendable, Hashable, CustomStringConvertible {
    /// The longest text that is kept, in Unicode scalars.
    package static let limit = 512

    /// The cleaned text: one line, no control characters, at most `limit` scalars, and `…` where more was cut off.
    package let text: String

    package init(_ raw: String) {
        if Self.isClean(raw) { self.init(clean: raw) } else { self.init(scalars: raw.unicodeScalars) }
    }

    package init(_ bytes: some Sequence<UInt8>) {
        // Four bytes for each scalar at most, and one more to see that something was cut.
        let most = Self.limit * 4 + 4
        // Byte by byte only what has no storage of its own: a probe shows every line that a server says.
        let stored = bytes.withContiguousStorageIfAvailable {
            unsafe String(decoding: $0.prefix(most), as: UTF8.self)
        }
        self.init(stored ?? String(decoding: Array(bytes.prefix(most)), as: UTF8.self))
    }

    private init(clean text: String) { self.text = text }

    private init(scalars: String.UnicodeScalarView) {
        var cleaned = String.UnicodeScalarView()
        var count = 0
        var pendingSpace = false
        for scalar in scalars {
            if Self.isBlank(scalar) {
                pendingSpace = count > 0
                continue
            }
            guard count + (pendingSpace ? 2 : 1) <= Self.limit else {
                cleaned.append("…")
                break
            }
            if pendingSpace {
                cleaned.append(" ")
                count += 1
                pendingSpace = false
            }
            cleaned.append(Self.isShown(scalar) ? scalar : "\u{FFFD}")
            count += 1
        }
        text = String(cleaned)
    }

    package var isEmpty: Bool { text.isEmpty }

    package var description: String { text }

    /// Whether cleaning would change nothing: printable ASCII with single spaces inside. Most text is so, and a large plan
    /// shows much of it.
    private static func isClean(_ raw: String) -> Bool {
        guard raw.utf8.count <= limit else { return false }
        var isAfterSpace = true
        for byte in raw.utf8 {
            if byte == UInt8(ascii: " ") {
                if isAfterSpace { return false }
                isAfterSpace = true
            } else {
                guard byte > UInt8(ascii: " "), byte < 0x7F else { return false }
                isAfterSpace = false
            }
        }
        return !isAfterSpace || raw.isEmpty
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" || scalar == "\u{2028}"
            || scalar == "\u{2029}"
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar >= " " && scalar != "\u{7F}" }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

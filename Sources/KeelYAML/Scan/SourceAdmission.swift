import KeelDiagnostics

/// What is refused before a file is parsed: its size, its encoding and characters that a reader cannot see.
///
/// libyaml would find some of it, but with an offset instead of a line and column, and it would accept the rest.
package struct SourceAdmission {
    /// What the file is to be, which decides the codes of what is refused and how a character could be written instead.
    package enum Format: String, Sendable {
        case yaml
        /// A table, in which nothing can be escaped.
        case csv
    }

    private let file: SourceFileID
    private let source: SourceFile
    private let limits: YAMLLimits
    private let format: Format

    /// After so many the rest of a file is not looked at.
    private static let mostRefusals = 10
    /// libyaml compares each `%TAG` line with all others, and manifests need none.
    private static let mostTagDirectives = 100
    /// Offsets and lengths are kept in 32 bits, and an escape can grow by a half.
    private static let hardLimit = 1 << 30

    package init(file: SourceFileID, source: SourceFile, limits: YAMLLimits, format: Format = .yaml) {
        self.file = file
        self.source = source
        self.limits = limits
        self.format = format
    }

    /// The reasons not to parse the file; none for nearly every file.
    package var refusals: [Diagnostic] {
        let most = min(limits.maxBytes, Self.hardLimit)
        guard source.bytes.count <= most else {
            let message = "file has \(source.bytes.count) bytes, more than the \(most) that are allowed"
            return [.error(code("limit"), message, at: range(0), help: "split it into several files")]
        }
        if let encoding = foreignEncoding {
            let message = "file is encoded in \(encoding), not in UTF-8"
            return [.error(code("encoding"), message, at: range(0), help: "save it as UTF-8")]
        }
        return characterRefusals
    }

    private func code(_ name: String) -> String { "\(format.rawValue).\(name)" }

    private func range(_ offset: Int) -> SourceRange { SourceRange(file: file, at: source.position(ofByte: offset)) }

    /// By byte order mark, or by the NUL that an ASCII character has in a wider encoding (YAML 1.2 section 5.2).
    private var foreignEncoding: String? {
        let head = source.bytes.prefix(4)
        if head.starts(with: [0, 0, 0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE, 0, 0]) { return "UTF-32" }
        if head.starts(with: [0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE]) { return "UTF-16" }
        guard head.count >= 2 else { return nil }
        if head.starts(with: [0, 0, 0]) { return head.count == 4 && head[3] != 0 ? "UTF-32" : nil }
        let isWide = (head[0] == 0) != (head[1] == 0)
        guard isWide else { return nil }
        return head.count == 4 && head[2] == 0 && head[3] == 0 ? "UTF-32" : "UTF-16"
    }

    private var characterRefusals: [Diagnostic] {
        var refusals: [Diagnostic] = []
        var tagDirectives = 0
        let bytes = source.bytes.span
        var index = source.bytes.starts(with: SourceFile.byteOrderMark) ? SourceFile.byteOrderMark.count : 0
        while refusals.count < Self.mostRefusals {
            index = Self.endOfHarmless(bytes, from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x7F {
                if byte == UInt8(ascii: "%"), format == .yaml, isTagDirective(index) { tagDirectives += 1 }
                index += 1
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t") {
                index += 1
            } else if let scalar = UTF8Scalar.read(bytes, at: index) {
                if let refusal = refusal(scalar.value) {
                    refusals.append(.error(code("character"), refusal.message, at: range(index), help: refusal.help))
                }
                index += scalar.length
            } else {
                // One is enough: in a file of another encoding there is one in every other word.
                refusals.append(
                    .error(
                        code("encoding"), "file is not valid UTF-8: byte 0x\(String(byte, radix: 16, uppercase: true))",
                        at: range(index), help: "save it as UTF-8"))
                break
            }
        }
        if tagDirectives > Self.mostTagDirectives {
            refusals.append(.error("yaml.limit", "file has \(tagDirectives) %TAG directives", at: range(0)))
        }
        return refusals
    }

    /// Skips blocks of printable ASCII, line feeds included, which need no closer look: nearly all of nearly every file.
    private static func endOfHarmless(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let block = 32
        var index = start
        while index + block <= bytes.count {
            // Without a branch for each byte the compiler looks at many bytes at once.
            var suspects: UInt8 = 0
            for offset in 0..<block {
                let byte = unsafe bytes[unchecked: index &+ offset]
                let isPrintable: UInt8 = byte &- 0x20 < 0x5F ? 1 : 0
                let isLineFeed: UInt8 = byte == UInt8(ascii: "\n") ? 1 : 0
                let isPercent: UInt8 = byte == UInt8(ascii: "%") ? 1 : 0
                suspects |= (isPrintable | isLineFeed) ^ 1 | isPercent
            }
            guard suspects == 0 else { break }
            index += block
        }
        return index
    }

    private func isTagDirective(_ index: Int) -> Bool {
        let bytes = source.bytes
        let isAtLineStart = index == 0 || bytes[index - 1] < 0x20 || bytes[index - 1] == SourceFile.byteOrderMark.last
        return isAtLineStart && bytes[index...].starts(with: "%TAG".utf8)
    }

    private func refusal(_ scalar: UInt32) -> (message: String, help: String)? {
        let hexadecimal = String(scalar, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: max(0, 4 - hexadecimal.count)) + hexadecimal
        let escape = scalar < 0x100 ? "\\x" + name.suffix(2) : "\\u" + name.suffix(4)
        let remedy = format == .yaml ? "remove it, or write \(escape) in double quotes" : "remove it"
        return switch scalar {
        case 0..<0x20, 0x7F..<0x85, 0x86..<0xA0: ("control character \(name)", remedy)
        // libyaml ends a line at these, editors do not, and a place that two tools count differently is no place.
        case 0x85, 0x2028, 0x2029: ("line separator \(name), which most editors do not show", remedy)
        // They reorder what a reviewer sees (Unicode Technical Standard 55).
        case 0x202A...0x202E, 0x2066...0x2069: ("bidirectional control character \(name)", remedy)
        case 0xFEFF: ("byte order mark inside the file", "remove it")
        case 0xFFFE, 0xFFFF: ("noncharacter \(name)", remedy)
        default: nil
        }
    }
}

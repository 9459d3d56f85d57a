import Synchronization

/// The bytes of a file and where its lines begin.
package struct SourceFile: Sendable {
    /// As it is shown to the user.
    package let path: String
    package let bytes: [UInt8]
    private let lines = LineTable()

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// The offset of the first byte of each line; never empty.
    private var lineStarts: [UInt32] { lines.starts(in: bytes) }

    package var lineCount: Int { lineStarts.count }

    /// The bytes of a line, counted from one, without line break and byte order mark; empty outside of the file.
    package func line(_ number: Int) -> ArraySlice<UInt8> {
        let lineStarts = lineStarts
        guard number >= 1, number <= lineStarts.count else { return [] }
        let start = contentStart(number)
        var end = number < lineStarts.count ? Int(lineStarts[number]) : bytes.count
        while end > start, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return bytes[start..<end]
    }

    /// The place of a byte, counted from zero; the end of the file for an offset behind it.
    package func position(ofByte offset: Int) -> SourcePosition {
        let lineStarts = lineStarts
        let offset = max(0, min(offset, bytes.count))
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(lineStarts[middle]) <= offset { low = middle } else { high = middle }
        }
        let start = contentStart(low + 1)
        guard offset > start else { return SourcePosition(line: low + 1, column: 1) }
        let scalars = bytes[start..<offset].reduce(0) { $0 + ($1.isContinuation ? 0 : 1) }
        return SourcePosition(line: low + 1, column: scalars + 1)
    }

    /// The byte order mark has no column: editors do not show it.
    private func contentStart(_ line: Int) -> Int {
        line == 1 && bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : Int(lineStarts[line - 1])
    }

    /// U+FEFF in UTF-8.
    package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}

extension UInt8 {
    /// Whether this is the second, third or fourth byte of a scalar in UTF-8.
    var isContinuation: Bool { self & 0xC0 == 0x80 }
}

/// Where the lines of a file begin; found when somebody asks, which nobody does of a file without a mistake.
private final class LineTable: Sendable {
    private let known = Mutex<[UInt32]?>(nil)

    /// Always with the same bytes.
    func starts(in bytes: [UInt8]) -> [UInt32] {
        known.withLock { known in
            let starts = known ?? Self.findStarts(bytes)
            known = starts
            return starts
        }
    }

    /// Lines end with LF, CR LF or a lone CR, as YAML 1.2 section 5.4 has it.
    private static func findStarts(_ bytes: [UInt8]) -> [UInt32] {
        var starts: [UInt32] = [0]
        starts.reserveCapacity(bytes.count / 32 + 1)
        let span = bytes.span
        var index = 0
        while index < span.count {
            let byte = span[index]
            index += 1
            guard byte <= UInt8(ascii: "\r") else { continue }
            if byte == UInt8(ascii: "\n") {
                starts.append(UInt32(clamping: index))
            } else if byte == UInt8(ascii: "\r"), index == span.count || span[index] != UInt8(ascii: "\n") {
                starts.append(UInt32(clamping: index))
            }
        }
        return starts
    }
}

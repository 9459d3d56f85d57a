/// What stands between two tokens: blanks, line breaks and comments.
struct Gap {
    /// A line that has no token: a comment, or nothing.
    struct Line {
        let comment: Range<Int>?
        /// The comment's column, from zero.
        let column: Int
    }

    /// The comment on the line of the token before.
    private(set) var trailing: Line?
    private(set) var lines: [Line] = []
    /// Whether what follows stands on another line than what came before.
    private(set) var breaksLine: Bool

    /// Reads a stretch of a text; nil if something else stands in it. `atLineStart`: no token stands before it on its line.
    init?(_ text: [UInt8], _ range: Range<Int>, atLineStart: Bool) {
        breaksLine = atLineStart
        var index = range.lowerBound
        var lineStart = index
        // The file's first line has no break before it.
        var comment: Range<Int>?
        func line() -> Line {
            Line(comment: comment, column: comment.map { Self.column(text, $0.lowerBound, from: lineStart) } ?? 0)
        }
        var isTokenLine = !atLineStart
        while index < range.upperBound {
            switch text[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): index += 1
            case UInt8(ascii: "\n"):
                if isTokenLine { trailing = comment == nil ? nil : line() } else { lines.append(line()) }
                isTokenLine = false
                breaksLine = true
                comment = nil
                index += 1
                lineStart = index
            case UInt8(ascii: "#"):
                let start = index
                while index < range.upperBound, text[index] != UInt8(ascii: "\n") { index += 1 }
                comment = start..<Self.trimmedEnd(text, start..<index)
            default: return nil
            }
        }
        guard comment != nil else { return }
        // Only the end of the file may cut a comment's line short.
        guard range.upperBound == text.count else { return nil }
        if isTokenLine { trailing = line() } else { lines.append(line()) }
        breaksLine = true
    }

    /// Where a stretch ends without the blanks behind it.
    static func trimmedEnd(_ text: [UInt8], _ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, text[end - 1] == UInt8(ascii: " ") || text[end - 1] == UInt8(ascii: "\t") {
            end -= 1
        }
        return end
    }

    /// Counted from the beginning of its line, which may stand before `floor`.
    private static func column(_ text: [UInt8], _ index: Int, from floor: Int) -> Int {
        var start = floor
        while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        return text[start..<index].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}

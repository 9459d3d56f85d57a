/// The lines of a text that is being laid out.
struct LaidOutLines {
    private struct Line {
        let start: Int
        var end: Int
        var comment: Comment?
    }

    private struct Comment {
        /// In the source.
        let range: Range<Int>
        /// Where it stood, from zero.
        let original: Int
        /// The blanks that stood before it.
        let blanks: Int
        var column = 0
    }

    /// A comment stands so far from the text before it.
    private static let commentBlanks = 2

    private var bytes: [UInt8] = []
    private var lines: [Line] = []
    private var needsBlank = false

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// The column behind what the current line holds.
    var column: Int { lines.last.map { width($0) } ?? 0 }

    var lineCount: Int { lines.count }

    /// The last line with its indentation.
    var indentation: Int {
        guard let line = lines.last else { return 0 }
        return bytes[line.start..<line.end].prefix { $0 == UInt8(ascii: " ") }.count
    }

    /// Wants one blank line before the next line: none at the beginning and the end, and never two.
    mutating func leaveBlank() { needsBlank = !lines.isEmpty }

    /// Begins a line.
    mutating func begin(indentation: Int) {
        if needsBlank { beginExactly(indentation: 0) }
        needsBlank = false
        beginExactly(indentation: indentation)
    }

    /// Begins a line inside a text, where blank lines count.
    mutating func beginExactly(indentation: Int) {
        lines.append(Line(start: bytes.count, end: bytes.count))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation))
        lines[lines.count - 1].end = bytes.count
    }

    mutating func add(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
        if !lines.isEmpty { lines[lines.count - 1].end = bytes.count }
    }

    /// Puts a comment behind the current line.
    mutating func addComment(_ range: Range<Int>, original: Int, blanks: Int) {
        guard !lines.isEmpty else { return }
        lines[lines.count - 1].comment = Comment(range: range, original: original, blanks: blanks)
    }

    /// The whole text; `text` is the source that the comments stand in.
    consuming func text(comments text: [UInt8], endsLine: Bool) -> [UInt8] {
        align()
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 4)
        for line in lines {
            result.append(contentsOf: bytes[line.start..<line.end])
            if let comment = line.comment {
                result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: comment.column - width(line)))
                result.append(contentsOf: text[comment.range])
            }
            result.append(UInt8(ascii: "\n"))
        }
        if !endsLine, !result.isEmpty { result.removeLast() }
        return result
    }

    /// Finds the columns of comments behind texts: two blanks away, or where they stood if that is further right.
    ///
    /// Comments of neighbouring lines that stood in one column stay so.
    private mutating func align() {
        var index = 0
        while index < lines.count {
            guard let first = lines[index].comment else {
                index += 1
                continue
            }
            var end = index
            var column = 0
            while end < lines.count, let comment = lines[end].comment, comment.original == first.original {
                // What stood further away than it must was put into that column on purpose.
                let kept = comment.blanks > Self.commentBlanks ? comment.original : 0
                column = max(column, width(lines[end]) + Self.commentBlanks, kept)
                end += 1
            }
            for line in index..<end { lines[line].comment?.column = column }
            index = end
        }
    }

    private func width(_ line: Line) -> Int {
        bytes[line.start..<line.end].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}

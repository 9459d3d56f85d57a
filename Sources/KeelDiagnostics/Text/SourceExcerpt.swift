/// One line of a source as it is shown, with the place of the caret under it.
struct SourceExcerpt {
    /// Cleaned, tabs expanded, cut around the caret.
    private(set) var text = ""
    /// Cells before the caret.
    private(set) var indent = 0
    /// Cells to underline; at least one.
    private(set) var width = 0

    /// The most scalars of a line that are shown.
    private static let limit = 140
    /// How many scalars before the caret survive a cut.
    private static let before = 50
    /// A tab becomes this many spaces, so that it is as wide above the caret as in front of it.
    private static let tab = "    "

    /// `end` is the column after the last one to underline, and may lie behind the line.
    init(line: ArraySlice<UInt8>, start: Int, end: Int) {
        var scalars = Self.window(line, from: 1)
        var first = 1
        if scalars.count > Self.limit, start > Self.limit - Self.before {
            first = start - Self.before
            scalars = Self.window(line, from: first)
        }
        let isCutBefore = first > 1
        let isCutAfter = scalars.count > Self.limit
        if isCutBefore { append("…", cells: 1, isMarked: false, isBefore: true) }
        for (offset, scalar) in scalars.prefix(Self.limit).enumerated() {
            let column = first + offset
            let isMarked = column >= start && column < end
            if scalar == "\t" {
                append(Self.tab, cells: Self.tab.utf8.count, isMarked: isMarked, isBefore: column < start)
            } else {
                let shown = TerminalText.shown(scalar)
                let cells = TerminalText.cells(shown)
                append(String(Character(shown)), cells: cells, isMarked: isMarked, isBefore: column < start)
            }
        }
        if isCutAfter { text += "…" }
        width = max(1, width)
    }

    private mutating func append(_ piece: String, cells: Int, isMarked: Bool, isBefore: Bool) {
        text += piece
        if isBefore { indent += cells }
        if isMarked { width += cells }
    }

    /// At most one scalar more than the limit, from a column on: the length of a line is not bounded, the work is.
    private static func window(_ line: ArraySlice<UInt8>, from column: Int) -> [Unicode.Scalar] {
        var start = line.startIndex
        var passed = 0
        while start < line.endIndex {
            if !line[start].isContinuation { passed += 1 }
            if passed == column { break }
            start += 1
        }
        // Four bytes for each scalar at most; a scalar that this cuts in two lies behind the limit.
        let bytes = line[start...].prefix((limit + 2) * 4)
        return Array(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(limit + 1))
    }
}

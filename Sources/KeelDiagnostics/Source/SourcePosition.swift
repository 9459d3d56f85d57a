/// A place in a source: the line and the Unicode scalar in it, both counted from one.
package struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    // Every decoded field keeps a range, so a position is kept small.
    private let storedLine: UInt32
    private let storedColumn: UInt32

    /// The first character of a source.
    package static let start = SourcePosition(line: 1, column: 1)

    /// Values below one count as one.
    package init(line: Int, column: Int) {
        storedLine = UInt32(clamping: max(1, line))
        storedColumn = UInt32(clamping: max(1, column))
    }

    package var line: Int { Int(storedLine) }

    /// Counted in Unicode scalars, not in bytes and not in terminal cells.
    package var column: Int { Int(storedColumn) }

    package static func < (left: Self, right: Self) -> Bool {
        (left.storedLine, left.storedColumn) < (right.storedLine, right.storedColumn)
    }

    /// `7:3`.
    package var description: String { "\(line):\(column)" }
}

/// A stretch of a source.
package struct SourceRange: Hashable, Sendable {
    package let file: SourceFileID
    package let start: SourcePosition
    /// The position after the last character; equal to `start` when the range is a point.
    package let end: SourcePosition

    /// An end before the start counts as the start.
    package init(file: SourceFileID, start: SourcePosition, end: SourcePosition) {
        self.file = file
        self.start = start
        self.end = max(start, end)
    }

    /// A point.
    package init(file: SourceFileID, at position: SourcePosition) {
        self.init(file: file, start: position, end: position)
    }
}

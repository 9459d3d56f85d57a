/// A place in a source: the line and the Unicode scalar in it, both counted from one.
///
/// Reading a file makes one of these for every node, so what is made and compared here is open to the compiler in
/// other modules.
@usableFromInline
package struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The line in the upper half and the column in the lower: small, because every node keeps two, and in order.
    @usableFromInline let packed: UInt64

    /// The first character of a source.
    package static let start = SourcePosition(line: 1, column: 1)

    /// Values below one count as one.
    @inlinable
    package init(line: Int, column: Int) {
        packed = UInt64(UInt32(clamping: max(1, line))) << 32 | UInt64(UInt32(clamping: max(1, column)))
    }

    @inlinable package var line: Int { Int(packed >> 32) }

    /// Counted in Unicode scalars, not in bytes and not in terminal cells.
    @inlinable package var column: Int { Int(packed & 0xFFFF_FFFF) }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool { left.packed < right.packed }

    /// `7:3`.
    @usableFromInline package var description: String { "\(line):\(column)" }
}

/// A stretch of a source.
@usableFromInline
package struct SourceRange: Hashable, Sendable {
    @usableFromInline package let file: SourceFileID
    @usableFromInline package let start: SourcePosition
    /// The position after the last character; equal to `start` when the range is a point.
    @usableFromInline package let end: SourcePosition

    /// An end before the start counts as the start.
    @inlinable
    package init(file: SourceFileID, start: SourcePosition, end: SourcePosition) {
        self.file = file
        self.start = start
        self.end = end < start ? start : end
    }

    /// A point.
    package init(file: SourceFileID, at position: SourcePosition) {
        self.init(file: file, start: position, end: position)
    }
}

/// Names one file of a `SourceMap`.
@usableFromInline
package struct SourceFileID: Hashable, Sendable, Comparable {
    /// The position in the order of adding, from zero.
    package let index: Int

    @usableFromInline package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}

/// The files that diagnostics of one run point into, in the order in which they were added.
///
/// Use an id only with the map that gave it.
package struct SourceMap: Sendable {
    package private(set) var files: [SourceFile] = []

    package init() {}

    /// Adds a file; the same path may be added again and gets another id.
    package mutating func add(path: String, bytes: [UInt8]) -> SourceFileID {
        files.append(SourceFile(path: path, bytes: bytes))
        return SourceFileID(index: files.count - 1)
    }

    package subscript(id: SourceFileID) -> SourceFile { files[id.index] }

    /// All ids, in order.
    package var ids: [SourceFileID] { files.indices.map { SourceFileID(index: $0) } }
}

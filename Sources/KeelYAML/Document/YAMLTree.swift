import KeelDiagnostics

/// All nodes of a file in one flat array, in the order in which they stand in the file.
///
/// The nodes from a collection up to its `link` are its descendants, so the first child is the next entry, and what
/// follows a child and its descendants is the next child. No node is an object and none is copied for an alias.
final class YAMLTree: Sendable {
    enum Kind: UInt8, Sendable { case scalar, sequence, mapping, alias }

    /// 28 bytes; what the two last words mean depends on the kind.
    struct Entry: Sendable {
        let kind: Kind
        let isPlain: Bool
        let tag: CoreTag?
        let start: SourcePosition
        var end: SourcePosition
        /// Scalar: the offset of its text. Collection: the index after its last descendant. Alias: what it stands for.
        var link: UInt32
        /// Scalar: the bytes of its text. Collection: the number of its children (keys and values each count).
        var count: UInt32
    }

    /// Where a document begins and ends; `root` is nil when it is empty.
    struct Document: Sendable {
        let root: Int?
        let start: SourcePosition
        let end: SourcePosition
    }

    let file: SourceFileID
    let entries: [Entry]
    /// The texts of all scalars, one after the other, in UTF-8.
    let text: [UInt8]

    init(file: SourceFileID, entries: [Entry], text: [UInt8]) {
        self.file = file
        self.entries = entries
        self.text = text
    }

    /// The index of the node that follows a node and its descendants.
    func next(after index: Int) -> Int {
        let entry = entries[index]
        return entry.kind == .sequence || entry.kind == .mapping ? Int(entry.link) : index + 1
    }

    /// The node that an alias stands for, else the node itself. An alias has no anchor, so one step is enough.
    func resolved(_ index: Int) -> Int {
        let entry = entries[index]
        return entry.kind == .alias ? Int(entry.link) : index
    }

    /// The bytes of a scalar's text.
    func textRange(_ scalar: Int) -> Range<Int> {
        let entry = entries[scalar]
        return Int(entry.link)..<Int(entry.link) + Int(entry.count)
    }

    func string(_ scalar: Int) -> String { String(decoding: text[textRange(scalar)], as: UTF8.self) }

    func range(_ index: Int) -> SourceRange {
        let entry = entries[index]
        return SourceRange(file: file, start: entry.start, end: entry.end)
    }
}

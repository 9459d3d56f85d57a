import KeelDiagnostics

/// All nodes of a file in one flat array, in the order in which they stand in the file.
///
/// The nodes from a collection up to its `link` are its descendants, so the first child is the next entry, and what
/// follows a child and its descendants is the next child. No node is an object and none is copied for an alias.
///
/// Nodes, scalars and collections are handles on it. They are asked for so often that what they do is open to the
/// compiler in other modules, which else would have to count references to the tree for every question.
@usableFromInline
final class YAMLTree: Sendable {
    @usableFromInline
    enum Kind: UInt8, Sendable { case scalar, sequence, mapping, alias }

    /// 32 bytes; what the two last words mean depends on the kind.
    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline let kind: Kind
        @usableFromInline let isPlain: Bool
        let tag: CoreTag?
        @usableFromInline let start: SourcePosition
        @usableFromInline var end: SourcePosition
        /// Scalar: the offset of its text. Collection: the index after its last descendant. Alias: what it stands for.
        @usableFromInline var link: UInt32
        /// Scalar: the bytes of its text. Collection: the number of its children (keys and values each count).
        @usableFromInline var count: UInt32

        init(
            kind: Kind, isPlain: Bool, tag: CoreTag?, start: SourcePosition, end: SourcePosition, link: UInt32,
            count: UInt32
        ) {
            self.kind = kind
            self.isPlain = isPlain
            self.tag = tag
            self.start = start
            self.end = end
            self.link = link
            self.count = count
        }
    }

    /// Where a document begins and ends; `root` is nil when it is empty.
    struct Document: Sendable {
        let root: Int?
        let start: SourcePosition
        let end: SourcePosition
    }

    @usableFromInline let file: SourceFileID
    @usableFromInline let entries: [Entry]
    /// The texts of all scalars, one after the other, in UTF-8.
    @usableFromInline let text: [UInt8]

    init(file: SourceFileID, entries: [Entry], text: [UInt8]) {
        self.file = file
        self.entries = entries
        self.text = text
    }

    /// The index of the node that follows a node and its descendants.
    @inlinable
    func next(after index: Int) -> Int {
        switch entries[index].kind {
        case .scalar, .alias: index + 1
        case .sequence, .mapping: Int(entries[index].link)
        }
    }

    /// The node that an alias stands for, else the node itself. An alias has no anchor, so one step is enough.
    @inlinable
    func resolved(_ index: Int) -> Int { entries[index].kind == .alias ? Int(entries[index].link) : index }

    /// The bytes of a scalar's text.
    @inlinable
    func textRange(_ scalar: Int) -> Range<Int> {
        let start = Int(entries[scalar].link)
        return start..<start + Int(entries[scalar].count)
    }

    @inlinable
    func range(_ index: Int) -> SourceRange {
        SourceRange(file: file, start: entries[index].start, end: entries[index].end)
    }

    /// Whether a node and its descendants say word for word what a node of another tree says. An alias is like nothing.
    func says(_ index: Int, like twin: Int, in other: YAMLTree) -> Bool {
        let count = next(after: index) - index
        guard count == other.next(after: twin) - twin else { return false }
        for offset in 0..<count {
            let mine = entries[index + offset]
            let theirs = other.entries[twin + offset]
            guard mine.kind == theirs.kind, mine.count == theirs.count, mine.isPlain == theirs.isPlain,
                mine.tag == theirs.tag, mine.kind != .alias
            else { return false }
            guard mine.kind == .scalar else { continue }
            guard text[textRange(index + offset)].elementsEqual(other.text[other.textRange(twin + offset)]) else {
                return false
            }
        }
        return true
    }

    func string(_ scalar: Int) -> String { String(decoding: text[textRange(scalar)], as: UTF8.self) }
}

import KeelBase
import KeelDiagnostics

/// Makes the tree of a file from events.
///
/// Everything is appended in place: taking a frame off the stack and pushing it back changed would copy what it holds.
struct TreeBuilder {
    private let file: SourceFileID
    private let limits: YAMLLimits
    private var entries: [YAMLTree.Entry] = []
    private var text: [UInt8] = []
    private var documents: [YAMLTree.Document] = []
    private var mistakes: MistakeList
    /// The collections that are not closed yet, the innermost last.
    private var open: [OpenCollection] = []
    private var anchors: [String: Anchor] = [:]
    /// What aliases added so far, in all documents.
    private var expansion = 0
    private var document = CurrentDocument()
    /// Whether no document was dropped.
    private var isComplete = true
    /// Where the node that was added or closed last ends.
    private var lastEnd = SourcePosition.start

    private struct OpenCollection {
        let index: Int
        let isFlow: Bool
        let anchor: String?
        let expansionBefore: Int
        var children: UInt32 = 0
    }

    private struct Anchor {
        let index: Int
        /// The nodes that one visits who follows all aliases in it; nil while the node is open.
        var weight: Int?
    }

    private struct CurrentDocument {
        var start = SourcePosition.start
        var firstEntry = 0
        var firstText = 0
        /// It has an alias that leads nowhere, so no tree can be made of it.
        var isBroken = false
    }

    /// Ends the file.
    private struct Stop: Error { let diagnostic: Diagnostic }

    /// `size` is the file's size in bytes, from which the room that its tree needs is estimated.
    init(file: SourceFileID, size: Int, limits: YAMLLimits) {
        self.file = file
        self.limits = limits
        // Room that is not used costs nothing; a tree that outgrows its room is copied.
        entries.reserveCapacity(size / 8)
        text.reserveCapacity(size / 2)
        mistakes = MistakeList(most: limits.maxMistakes)
    }

    /// Takes an event; false when there are to be no more.
    mutating func add(_ event: Event, from reader: EventReader) -> Bool {
        do throws(Stop) {
            switch event {
            case .streamStart: break
            case .streamEnd: return false
            case .documentStart: try begin(reader)
            case .documentEnd: end(reader)
            case .scalar: try addScalar(reader)
            case .alias: try addAlias(reader)
            case .sequenceStart: try openCollection(.sequence, reader)
            case .mappingStart: try openCollection(.mapping, reader)
            case .sequenceEnd, .mappingEnd: closeCollection(reader)
            }
            // What lies behind that many mistakes is not worth reading.
            if mistakes.isFull { drop() }
            return !mistakes.isFull
        } catch {
            stop(at: error.diagnostic)
            return false
        }
    }

    /// Ends the file here: the document that is being read is dropped.
    mutating func stop(at diagnostic: Diagnostic) {
        mistakes.add(diagnostic)
        drop()
    }

    consuming func finish() -> (
        tree: YAMLTree, documents: [YAMLTree.Document], mistakes: MistakeList, isComplete: Bool
    ) {
        (YAMLTree(file: file, entries: entries, text: text), documents, mistakes, isComplete)
    }

    // MARK: Documents

    private mutating func begin(_ reader: EventReader) throws(Stop) {
        guard documents.count < limits.maxDocuments else {
            throw limit("file has more than \(limits.maxDocuments) documents", reader)
        }
        document = CurrentDocument(start: reader.start, firstEntry: entries.count, firstText: text.count)
        anchors.removeAll(keepingCapacity: true)
    }

    private mutating func end(_ reader: EventReader) {
        guard !document.isBroken else { return drop() }
        defer { document = CurrentDocument(start: reader.end, firstEntry: entries.count, firstText: text.count) }
        let root = document.firstEntry
        // libyaml gives a document without content one plain scalar without text.
        let isEmpty = entries[root].isPlain && entries[root].count == 0 && entries[root].tag == nil
        documents.append(YAMLTree.Document(root: isEmpty ? nil : root, start: document.start, end: reader.end))
    }

    /// Forgets what came after the last whole document.
    private mutating func drop() {
        isComplete = false
        entries.removeSubrange(document.firstEntry...)
        text.removeSubrange(document.firstText...)
        open.removeAll()
    }

    // MARK: Nodes

    private mutating func addScalar(_ reader: EventReader) throws(Stop) {
        let tag = tag(reader, .scalar)
        let offset = text.count
        let length = reader.appendText(to: &text)
        if let tag, PlainMeaning(text[offset...], tag: tag) == nil {
            let message = "text is not what the tag \(CoreTag.written(tag.uri)) says"
            mistakes.add(.error("yaml.tag", message, at: range(reader), help: "remove the tag"))
        }
        if let anchor = reader.anchor { anchors[anchor] = Anchor(index: entries.count, weight: 1) }
        try append(
            YAMLTree.Entry(
                kind: .scalar, isPlain: reader.isPlain, tag: tag, start: reader.start, end: reader.end,
                link: UInt32(clamping: offset), count: UInt32(clamping: length)))
    }

    private mutating func addAlias(_ reader: EventReader) throws(Stop) {
        let name = reader.anchor ?? ""
        guard let anchor = anchors[name], let weight = anchor.weight else {
            refuseAlias(name, reader)
            return
        }
        expansion += weight
        guard expansion <= limits.maxAliasExpansion else {
            throw limit("aliases of this file stand for more than \(limits.maxAliasExpansion) nodes", reader)
        }
        try append(
            YAMLTree.Entry(
                kind: .alias, isPlain: false, tag: nil, start: reader.start, end: reader.end,
                link: UInt32(clamping: anchor.index), count: 0))
    }

    private mutating func refuseAlias(_ name: String, _ reader: EventReader) {
        document.isBroken = true
        let shown = ForeignText(name).text
        if anchors[name] != nil {
            let message = "alias \"\(shown)\" stands inside the node that it refers to"
            mistakes.add(.error("yaml.alias", message, at: range(reader), help: "move it behind that node"))
            return
        }
        var help = "write &\(shown) before an earlier node of the same document; quote a text that begins with \"*\""
        // The cost of a suggestion grows with the anchors; nobody writes hundreds.
        if anchors.count <= 100, let nearest = Suggestion.nearest(to: name, among: anchors.keys.sorted()) {
            help = "did you mean \"*\(ForeignText(nearest).text)\"?"
        }
        mistakes.add(.error("yaml.alias", "unknown anchor \"\(shown)\"", at: range(reader), help: help))
    }

    private mutating func openCollection(
        _ kind: YAMLTree.Kind, _ reader: EventReader
    ) throws(Stop) {
        guard open.count < limits.maxDepth else {
            throw limit("more than \(limits.maxDepth) collections within each other", reader)
        }
        let tag = tag(reader, kind)
        let anchor = reader.anchor
        let index = entries.count
        if let anchor { anchors[anchor] = Anchor(index: index, weight: nil) }
        try append(
            YAMLTree.Entry(
                kind: kind, isPlain: false, tag: tag, start: reader.start, end: reader.end, link: 0, count: 0))
        open.append(OpenCollection(index: index, isFlow: reader.isFlow, anchor: anchor, expansionBefore: expansion))
    }

    private mutating func closeCollection(_ reader: EventReader) {
        guard let closed = open.popLast() else { return }
        // A block has no closing sign: libyaml ends it where the next thing begins, after blank lines and comments.
        if closed.isFlow { lastEnd = reader.end }
        entries[closed.index].end = lastEnd
        entries[closed.index].link = UInt32(clamping: entries.count)
        entries[closed.index].count = closed.children
        guard let name = closed.anchor, anchors[name]?.index == closed.index else { return }
        anchors[name]?.weight = entries.count - closed.index + expansion - closed.expansionBefore
    }

    private mutating func append(_ entry: YAMLTree.Entry) throws(Stop) {
        guard entries.count < limits.maxNodes else {
            throw Stop(
                diagnostic: .error(
                    "yaml.limit", "file has more than \(limits.maxNodes) nodes",
                    at: SourceRange(file: file, start: entry.start, end: entry.end), help: "split it into several files"
                ))
        }
        entries.append(entry)
        lastEnd = entry.end
        if !open.isEmpty { open[open.count - 1].children += 1 }
    }

    /// The tag of a node, if it is one that manifests may use there.
    private mutating func tag(
        _ reader: EventReader, _ kind: YAMLTree.Kind
    ) -> CoreTag? {
        guard let uri = reader.tag else { return nil }
        let tag = CoreTag(uri: uri)
        if let tag, tag.fits(kind) { return tag }
        let shown = ForeignText(CoreTag.written(uri)).text
        let message = tag == nil ? "unsupported tag \(shown)" : "tag \(shown) does not fit this node"
        mistakes.add(.error("yaml.tag", message, at: range(reader), help: "remove the tag"))
        return nil
    }

    private func limit(_ message: String, _ reader: EventReader) -> Stop {
        Stop(diagnostic: .error("yaml.limit", message, at: range(reader)))
    }

    private func range(_ reader: EventReader) -> SourceRange {
        SourceRange(file: file, start: reader.start, end: reader.end)
    }
}

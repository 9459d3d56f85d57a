/// The block collections around the place that is being laid out, with the columns that they had and get.
///
/// Columns count from zero here; original ones too.
struct BlockLevels {
    struct Level {
        enum Kind { case mapping, sequence, unindentedSequence }
        let kind: Kind
        /// Where its keys or dashes stood.
        let original: Int
        /// Where they stand now; nil until the first of them is written.
        var column: Int?
    }

    /// A place that a comment may belong to although what follows it stands further left.
    struct Place {
        let original: Int
        let column: Int
    }

    /// Where what belongs to no collection stands.
    private let margin: Int
    private(set) var levels: [Level] = []
    /// What was closed since the last token, the innermost first.
    private(set) var closed: [Place] = []
    private var hasNotedEmpty = false

    /// How far children stand from their parent.
    static let step = 2

    init(margin: Int) { self.margin = margin }

    var top: Level? { levels.last }

    /// Where keys or dashes of the innermost collection stand.
    var entryColumn: Int { levels.last?.column ?? 0 }

    /// Where what belongs to the innermost collection's entry stands when it has a line of its own.
    var contentColumn: Int { levels.last.map { ($0.column ?? 0) + Self.step } ?? margin }

    /// Whether the innermost collection waits for its first token.
    var isOpening: Bool { levels.last.map { $0.column == nil } ?? false }

    mutating func open(_ kind: Level.Kind, original: Int) {
        levels.append(Level(kind: kind, original: original, column: nil))
    }

    /// Gives the collection that waits for its first token its column: that of the token, or two behind its parent's.
    mutating func settle(at column: Int?) {
        guard isOpening else { return }
        let parent = levels.dropLast().last?.column
        levels[levels.count - 1].column = column ?? parent.map { $0 + Self.step } ?? margin
    }

    /// A dash: below a mapping it opens a sequence that stood in the column of its key, which libyaml does not announce.
    mutating func enterItem(afterEmpty: Bool) {
        guard let top, !isOpening else { return }
        guard top.kind == .mapping else { return noteEmpty(afterEmpty) }
        levels.append(
            Level(kind: .unindentedSequence, original: top.original, column: (top.column ?? 0) + Self.step))
    }

    /// A key, or the sign of a value: the end of such a sequence.
    mutating func enterKey(afterEmpty: Bool) {
        guard !isOpening else { return }
        noteEmpty(afterEmpty)
        if top?.kind == .unindentedSequence { close() }
    }

    /// The end of a block that libyaml announced.
    mutating func end(afterEmpty: Bool) {
        noteEmpty(afterEmpty)
        if top?.kind == .unindentedSequence { close() }
        close()
    }

    /// A token was written: what was closed before it is past.
    mutating func passToken() {
        closed.removeAll(keepingCapacity: true)
        hasNotedEmpty = false
    }

    private mutating func close() {
        guard let level = levels.popLast() else { return }
        // A comment in the column of a key is not about the list below that key.
        let original = level.kind == .unindentedSequence ? level.original + 1 : level.original
        closed.append(Place(original: original, column: level.column ?? 0))
    }

    /// Below a key or dash without content a comment further right is what was commented out.
    private mutating func noteEmpty(_ isEmpty: Bool) {
        guard isEmpty, !hasNotedEmpty, let top else { return }
        hasNotedEmpty = true
        closed.append(Place(original: top.original + 1, column: contentColumn))
    }
}

import KeelTestSupport

/// Writes drafts in one of the many layouts that mean the same, and notes where each mistake came to stand.
struct ManuscriptWriter {
    private(set) var text: String
    private(set) var flaws: [(place: MarkedText.Place, code: String)] = []
    private var line = 1
    private var column = 1
    private let lineEnd: String
    private var random: SeededGenerator
    /// The mistake of a block, which begins at its first key or dash.
    private var pending: String?

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        lineEnd = Int.random(in: 0..<4, using: &random) == 0 ? "\r\n" : "\n"
        text = Int.random(in: 0..<6, using: &random) == 0 ? "\u{FEFF}" : ""
    }

    /// Writes a document; `isFirst` if nothing of the file was written yet.
    mutating func write(_ draft: Draft, isFirst: Bool) {
        begin(isFirst: isFirst)
        pending = draft.root.flaw
        writeBlock(draft.root.entries, indent: 0)
    }

    /// Writes a document that a mark was put into where `code` is expected.
    mutating func write(marked: String, code: String, isFirst: Bool) {
        begin(isFirst: isFirst)
        for (number, row) in marked.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if number > 0 { endLine() }
            let pieces = row.split(separator: "\u{2316}", omittingEmptySubsequences: false)
            put(String(pieces[0]))
            guard pieces.count > 1 else { continue }
            note(code)
            put(String(pieces[1]))
        }
        endLine()
    }

    private mutating func begin(isFirst: Bool) {
        if !isFirst || chance(3) {
            if isFirst, chance(2) { putLine("%YAML 1.2") }
            put("---")
            endLine(maybeComment: true)
        }
        while chance(4) { putLine(chance(2) ? "" : "# é, then 日本: [not a list") }
    }

    // MARK: Characters

    private mutating func chance(_ sides: Int) -> Bool { Int.random(in: 0..<sides, using: &random) == 0 }

    private mutating func put(_ piece: String) {
        text += piece
        column += piece.unicodeScalars.count
    }

    private mutating func endLine(maybeComment: Bool = false) {
        if maybeComment, chance(6) { put(chance(2) ? "  # why: \"so\"" : " #é") }
        text += lineEnd
        line += 1
        column = 1
    }

    private mutating func putLine(_ piece: String) {
        put(piece)
        endLine()
    }

    private mutating func note(_ code: String?) {
        guard let code else { return }
        flaws.append((MarkedText.Place(line: line, column: column), code))
    }

    private mutating func notePending() {
        note(pending)
        pending = nil
    }

    private mutating func indent(_ count: Int) { put(String(repeating: " ", count: count)) }

    // MARK: Blocks

    /// Writes the entries below each other; the first one begins here if `isInLine`.
    private mutating func writeBlock(_ entries: [Entry], indent count: Int, isInLine: Bool = false) {
        for (number, entry) in entries.enumerated() {
            if number > 0 || !isInLine {
                if number > 0, chance(12) { putLine(chance(2) ? "" : String(repeating: " ", count: count) + "# note") }
                indent(count)
            }
            notePending()
            note(entry.keyFlaw)
            put(entry.key + ":")
            writeValue(entry.value, below: count)
        }
    }

    private mutating func writeValue(_ value: Part, below count: Int) {
        switch value.shape {
        case .scalar(let text):
            if !text.isEmpty { put(" ") }
            note(value.flaw)
            put(text)
            endLine(maybeComment: true)
        case .mapping(let entries) where !entries.isEmpty && (value.needsBlock || chance(2)):
            endLine(maybeComment: true)
            pending = value.flaw
            writeBlock(entries, indent: count + [1, 2, 2, 2, 4][Int.random(in: 0..<5, using: &random)])
        case .list(let items) where !items.isEmpty && (value.needsBlock || chance(2)):
            endLine(maybeComment: true)
            pending = value.flaw
            writeList(items, indent: count + [0, 2, 2, 3][Int.random(in: 0..<4, using: &random)])
        case .mapping, .list:
            put(" ")
            writeFlow(value, indent: count + 2)
            endLine(maybeComment: true)
        }
    }

    private mutating func writeList(_ items: [Part], indent count: Int) {
        for item in items {
            indent(count)
            notePending()
            put("- ")
            if case .mapping(let entries) = item.shape, !entries.isEmpty, item.needsBlock || chance(2) {
                pending = item.flaw
                writeBlock(entries, indent: count + 2, isInLine: true)
            } else {
                writeFlow(item, indent: count + 2)
                endLine(maybeComment: true)
            }
        }
    }

    // MARK: Brackets

    private mutating func writeFlow(_ value: Part, indent count: Int) {
        note(value.flaw)
        switch value.shape {
        case .scalar(let text): put(text)
        case .list(let items):
            put("[")
            for (number, item) in items.enumerated() {
                if number > 0 { separate(count) }
                writeFlow(item, indent: count)
            }
            put("]")
        case .mapping(let entries):
            put(chance(2) ? "{ " : "{")
            for (number, entry) in entries.enumerated() {
                if number > 0 { separate(count) }
                note(entry.keyFlaw)
                put(entry.key + ": ")
                writeFlow(entry.value, indent: count)
            }
            put(chance(2) ? " }" : "}")
        }
    }

    private mutating func separate(_ count: Int) {
        put(",")
        guard chance(5) else { return put(" ") }
        endLine()
        indent(count)
    }
}

import KeelTestSupport

/// A set of accounts and its table, with mistakes in some cells.
struct PlantedTable {
    private(set) var text = ""
    private(set) var flaws: [(place: MarkedText.Place, code: String)] = []
    private var line = 1
    private var column = 1
    private var random: SeededGenerator

    static let path = "branches.csv"

    /// The set, whose template takes every column.
    static var draft: Draft {
        var draft = Draft(
            "EmailAccountSet", "branches",
            spec: [
                Entry("key", .scalar("site")), Entry("csv", .scalar(path)),
                Entry(
                    "account",
                    .mapping([
                        Entry("type", .scalar("imap")), Entry("server", .scalar("mail.example.com")),
                        Entry("userName", .scalar("\"${item.mailbox}\"")), Entry("port", .scalar("\"${item.port}\"")),
                        Entry("password", .mapping([Entry("fromEnv", .scalar("\"${var.prefix}_${item.secret}\""))])),
                    ])),
            ])
        draft.isClosed = true
        return draft
    }

    init(seed: UInt64, mistakes count: Int) {
        random = SeededGenerator(seed: seed)
        let lineEnd = Bool.random(using: &random) ? "\n" : "\r\n"
        if Bool.random(using: &random) { text = "\u{FEFF}" }
        write(["site", "mailbox", "secret", "port"].map { ($0, nil) }, lineEnd)
        let rows = count + Int.random(in: 2...5, using: &random)
        // The first is in order: another one can repeat its key.
        let bad = Set((1..<rows).shuffled(using: &random).prefix(count))
        for number in 0..<rows {
            var cells: [(String, String?)] = [
                ("s\(number)", nil), ("s\(number)@example.com", nil), ("S_\(number)", nil), ("993", nil),
            ]
            if bad.contains(number) { spoil(&cells) }
            write(cells, lineEnd)
        }
    }

    private mutating func spoil(_ cells: inout [(String, String?)]) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: cells[0] = ("s0", "manifest.duplicate-key")
        case 1: cells[0] = ("", "manifest.empty-key")
        case 2: cells[0] = (Layout.pick(["a@b", "ü", "a b"], &random), "manifest.bad-key")
        case 3: cells.append(("more", "csv.ragged-row"))
        default: cells[3] = (Layout.pick(["0993", "no", "+993", "65536", "9:93"], &random), "manifest.bad-value")
        }
    }

    private mutating func write(_ cells: [(text: String, flaw: String?)], _ lineEnd: String) {
        for (number, cell) in cells.enumerated() {
            if number > 0 { put(",") }
            if let flaw = cell.flaw { flaws.append((MarkedText.Place(line: line, column: column), flaw)) }
            put(!cell.text.isEmpty && Bool.random(using: &random) ? "\"\(cell.text)\"" : cell.text)
        }
        text += lineEnd
        line += 1
        column = 1
    }

    private mutating func put(_ piece: String) {
        text += piece
        column += piece.unicodeScalars.count
    }
}

import KeelBase
import KeelDiagnostics
import KeelState

/// The states that there were, as `state history` lists them.
package struct HistoryTable {
    private let entries: [HistoryEntry]

    package init(_ entries: [HistoryEntry]) { self.entries = entries }

    private static let heads = ["SERIAL", "WRITTEN", "BY", "OPERATION", "RUN", "SIZE", "FILE"]

    /// A line for each, the newest first.
    package func text(_ style: TextStyle) -> String {
        let rows = entries.map(Self.cells)
        let widths = Self.heads.indices.map { column in
            ([Self.heads] + rows).map { $0[column].unicodeScalars.reduce(0) { $0 + TerminalText.cells($1) } }.max() ?? 0
        }
        var text = style.bold(Self.line(Self.heads, widths)) + "\n"
        for (row, entry) in zip(rows, entries) {
            var line = Self.line(row, widths)
            if entry.isCurrent { line += "  (current)" }
            if let damage = entry.damage { line += "  " + style.red("(unreadable: \(TerminalText.clean(damage)))") }
            text += line + "\n"
        }
        return text
    }

    private static func cells(_ entry: HistoryEntry) -> [String] {
        let written = entry.written
        let cells = [
            "\(entry.serial)", written?.at.description ?? "-", written?.who ?? "-", written?.operation ?? "-",
            written?.run ?? "-", size(entry.bytes), entry.path,
        ]
        return cells.map(TerminalText.clean)
    }

    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        var parts: [String] = []
        for (column, cell) in cells.enumerated() {
            let used = cell.unicodeScalars.reduce(0) { $0 + TerminalText.cells($1) }
            let blank = String(repeating: " ", count: max(0, widths[column] - used))
            // Numbers stand to the right; behind the last column nothing is filled up.
            let isNumber = column == 0 || heads[column] == "SIZE"
            parts.append(isNumber ? blank + cell : column == cells.count - 1 ? cell : cell + blank)
        }
        return parts.joined(separator: "  ")
    }

    /// `812 B`, `27 KiB`, `26 MiB`.
    private static func size(_ bytes: Int) -> String {
        if bytes < 1 << 10 { return "\(bytes) B" }
        return bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB"
    }

    /// An object for each.
    package var objects: [JSON] {
        entries.map { entry in
            .present(
                ("serial", .integer(entry.serial)), ("current", .boolean(entry.isCurrent)),
                ("at", entry.written.map { .string($0.at.description) }),
                ("who", entry.written.map { .string($0.who) }),
                ("operation", entry.written.map { .string($0.operation) }),
                ("run", entry.written.map { .string($0.run) }), ("lineage", entry.lineage.map(JSON.string)),
                ("bytes", .integer(entry.bytes)), ("file", .string(entry.path)),
                ("unreadable", entry.damage.map(JSON.string)))
        }
    }
}

import KeelBase
import KeelDiagnostics
import KeelState

/// The states that there were, as `state history` lists them.
package struct HistoryTable {
    private let entries: [HistoryEntry]

    package init(_ entries: [HistoryEntry]) { self.entries = entries }

    /// A line for each, the newest first.
    package func text(_ style: TextStyle) -> String {
        let heading = ["SERIAL", "WRITTEN", "BY", "OPERATION", "RUN", "SIZE", "FILE"]
        let table = ColumnTable(heading, entries.map(Self.cells), numbers: [0, 5])
        var text = table.head(style) + "\n"
        for (var line, entry) in zip(table.lines(), entries) {
            if entry.isCurrent { line += "  (current)" }
            if let damage = entry.damage { line += "  " + style.red("(unreadable: \(TerminalText.clean(damage)))") }
            text += line + "\n"
        }
        return text
    }

    private static func cells(_ entry: HistoryEntry) -> [String] {
        let written = entry.written
        return [
            "\(entry.serial)", written?.at.description ?? "-", written?.who ?? "-", written?.operation ?? "-",
            written?.run ?? "-", size(entry.bytes), entry.path,
        ]
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

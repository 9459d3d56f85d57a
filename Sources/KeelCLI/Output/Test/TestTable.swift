import KeelBase
import KeelDiagnostics
import KeelEngine

/// What came of tested accounts, as a table for a terminal.
package struct TestTable {
    private let rows: [TestRow]
    private static let heading = ["Account", "Server", "Stage", "Time", "What it means"]

    package init(_ results: [AccountTester.Result]) { rows = results.map(TestRow.init) }

    /// The table, ending in a newline; below each account what else there is to know, and with `verbose` its stages.
    package func render(_ style: TextStyle, verbose: Bool, at now: Timestamp) -> String {
        guard !rows.isEmpty else { return "" }
        let cells = rows.map { row in
            [
                row.result.address.name, "\(row.result.endpoint)", row.stage?.rawValue ?? "-", row.time, row.meaning,
            ].map(TerminalText.clean)
        }
        let widths = Self.heading.indices.map { column in
            ([Self.heading] + cells).map { Self.width($0[column]) }.max() ?? 0
        }
        var text = "  " + Self.line(Self.heading, widths) { style.bold($1) }
        for (row, cells) in zip(rows, cells) {
            text += row.hasPassed ? style.green("+ ") : style.red("x ")
            text += Self.line(cells, widths) { column, word in
                column == 2 ? (row.hasPassed ? style.green(word) : style.red(word)) : word
            }
            let below = row.remarks(style, at: now) + (verbose ? row.stages(style) : [])
            text += below.map { "      \($0)\n" }.joined()
        }
        return text
    }

    private static func line(_ cells: [String], _ widths: [Int], _ paint: (Int, String) -> String) -> String {
        var text = ""
        for (column, word) in cells.enumerated() {
            text += paint(column, word)
            if column + 1 < cells.count { text += String(repeating: " ", count: widths[column] - width(word) + 2) }
        }
        return text + "\n"
    }

    private static func width(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + TerminalText.cells($1) } }
}

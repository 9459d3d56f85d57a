import KeelBase
import KeelDiagnostics
import KeelEngine

/// What came of tested accounts, as a table for a terminal.
package struct TestTable {
    private let rows: [TestRow]

    package init(_ results: [AccountTester.Result]) { rows = results.map(TestRow.init) }

    /// The table, ending in a newline; below each account what else there is to know, and with `verbose` its stages.
    package func render(_ style: TextStyle, verbose: Bool, at now: Timestamp) -> String {
        guard !rows.isEmpty else { return "" }
        let cells = rows.map { row in
            [row.result.address.name, "\(row.result.endpoint)", row.stage?.rawValue ?? "-", row.time, row.meaning]
        }
        let table = ColumnTable(["Account", "Server", "Stage", "Time", "What it means"], cells)
        let lines = table.lines { row, column, cell in
            column == 2 ? (rows[row].hasPassed ? style.green(cell) : style.red(cell)) : cell
        }
        var text = "  \(table.head(style))\n"
        for (row, line) in zip(rows, lines) {
            text += "\(row.hasPassed ? style.green("+") : style.red("x")) \(line)\n"
            let below = row.remarks(style, at: now) + (verbose ? row.stages(style) : [])
            text += below.map { "      \($0)\n" }.joined()
        }
        return text
    }
}

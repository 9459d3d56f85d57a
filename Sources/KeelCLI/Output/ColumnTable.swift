import KeelDiagnostics

/// Rows of cells under a heading, each column as wide as the widest of its cells on a terminal.
package struct ColumnTable {
    private let heading: [String]
    private let rows: [[String]]
    /// Columns whose cells stand to the right, as numbers do.
    private let numbers: Set<Int>
    private let widths: [Int]

    /// Each row has as many cells as the heading; whatever moves a cursor is taken out of them.
    package init(_ heading: [String], _ rows: [[String]], numbers: Set<Int> = []) {
        self.heading = heading
        self.rows = rows.map { $0.map(TerminalText.clean) }
        self.numbers = numbers
        widths = self.rows.reduce(into: heading.map(TerminalText.width(of:))) { widths, row in
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], TerminalText.width(of: cell))
            }
        }
    }

    /// The heading, without a line end.
    package func head(_ style: TextStyle) -> String { line(heading) { style.bold($1) } }

    /// Each row without a line end, and with nothing behind its last word.
    package func lines(_ paint: (_ row: Int, _ column: Int, _ cell: String) -> String = { $2 }) -> [String] {
        rows.enumerated().map { index, row in line(row) { paint(index, $0, $1) } }
    }

    private func line(_ cells: [String], _ paint: (Int, String) -> String) -> String {
        let last = cells.lastIndex { !$0.isEmpty } ?? 0
        var text = ""
        for (column, cell) in cells[...last].enumerated() {
            let blank = String(repeating: " ", count: widths[column] - TerminalText.width(of: cell))
            let isNumber = numbers.contains(column)
            text += (isNumber ? blank : "") + paint(column, cell)
            if column < last { text += (isNumber ? "" : blank) + "  " }
        }
        return text
    }
}

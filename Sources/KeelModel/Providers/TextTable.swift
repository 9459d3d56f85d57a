import KeelDiagnostics

/// Columns of text, each as wide as its widest cell. A column in which no row says anything is left out.
struct TextTable {
    let heads: [String]
    var rows: [[String]] = []
    let indent: String

    init(_ heads: String..., indent: String = "") {
        self.heads = heads
        self.indent = indent
    }

    /// What a cell holds that says nothing.
    static let nothing = "-"

    func lines(_ style: TextStyle) -> [String] {
        let columns = heads.indices.filter { column in rows.contains { $0[column] != Self.nothing } }
        let widths = columns.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = zip(columns, widths).map { cells[$0] + String(repeating: " ", count: $1 - cells[$0].count) }
            let text = padded.joined(separator: "  ")
            return indent + String(text[..<(text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.startIndex)])
        }
        return [style.bold(line(heads))] + rows.map(line)
    }
}

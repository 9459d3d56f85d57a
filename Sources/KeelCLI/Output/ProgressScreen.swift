import KeelDiagnostics

/// The control sequences of a view: lines that stay scroll above a block that is drawn again and again.
///
/// The cursor rests below the block, in the first column, and no mode of the terminal is changed. So whatever else is
/// written begins on a line of its own, and a process that is killed leaves nothing to be mended.
package struct ProgressScreen {
    /// The cells of each line of the block that stands there now.
    private var drawn: [Int] = []

    package init() {}

    /// The rows that the block may take of so many: the cursor rests below it, and some of what scrolls by stays in sight.
    static func room(_ rows: Int) -> Int { rows < 2 ? 0 : max(1, min(rows - 1, rows * 2 / 3)) }

    /// What takes away the block, adds `lines` above, and draws the block anew.
    package mutating func frame(_ lines: [String], _ rows: [ProgressRow], columns: Int) -> String {
        var text = erasure(columns: columns)
        for line in lines { text += line + "\n" }
        // Some terminals wrap as soon as the last column is written.
        let cut = rows.map { $0.cut(to: columns - 1) }
        for row in cut { text += row.text + "\n" }
        drawn = cut.map(\.cells)
        return text
    }

    /// Moves to where the block began and erases everything from there (ECMA-48 sections 8.3.22 and 8.3.39).
    private func erasure(columns: Int) -> String {
        guard !drawn.isEmpty else { return "" }
        // A terminal that became narrower has wrapped what stood there.
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
        return "\r\u{1B}[\(rows)A\u{1B}[J"
    }
}

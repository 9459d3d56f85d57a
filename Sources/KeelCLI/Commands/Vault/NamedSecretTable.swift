import KeelBase
import KeelDiagnostics
import KeelVault

/// The secrets in the vault, as `vault list` shows them.
package enum NamedSecretTable {
    private static let heads = ["NAME", "REVISION", "UPDATED"]

    /// A line for each, under a head.
    package static func text(_ secrets: [SealedSecret], _ style: TextStyle) -> String {
        let rows = secrets.map { [TerminalText.clean($0.name), "\($0.revision)", $0.updated.description] }
        let widths = heads.indices.map { column in ([heads] + rows).map { width($0[column]) }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let name = cells[0] + String(repeating: " ", count: widths[0] - width(cells[0]))
            let revision = String(repeating: " ", count: widths[1] - width(cells[1])) + cells[1]
            return "\(name)  \(revision)  \(cells[2])"
        }
        return style.bold(line(heads)) + "\n" + rows.map { line($0) + "\n" }.joined()
    }

    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + TerminalText.cells($1) }
    }
}

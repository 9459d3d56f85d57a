import KeelBase
import KeelDiagnostics
import KeelVault

/// The secrets in the vault, as `vault list` shows them.
package enum NamedSecretTable {
    /// A line for each, under a head.
    package static func text(_ secrets: [SealedSecret], _ style: TextStyle) -> String {
        let rows = secrets.map { [$0.name, "\($0.revision)", $0.updated.description] }
        let table = ColumnTable(["NAME", "REVISION", "UPDATED"], rows, numbers: [1])
        return ([table.head(style)] + table.lines()).map { "\($0)\n" }.joined()
    }
}

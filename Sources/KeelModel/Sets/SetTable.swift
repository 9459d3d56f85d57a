import KeelDiagnostics

/// A CSV file that a set of accounts names.
package struct SetTable: Sendable, Equatable {
    /// From the project's directory.
    package let path: String
    /// Where a manifest names it.
    package let place: SourceRange
}

import KeelDiagnostics

/// What references may name at some place of the manifests.
struct ReferenceScope: Sendable {
    let variables: VariableScope
    /// The item that a set's template is filled from; nil outside of sets.
    var item: SetItem?

    init(_ variables: VariableScope, item: SetItem? = nil) {
        self.variables = variables
        self.item = item
    }

    static let empty = ReferenceScope(.empty)
}

/// Of what a field's value was made, when it is not just what is written.
struct ReferenceTrace: Sendable {
    /// In the order of their first use.
    private(set) var variables: [String] = []
    /// The first cell that the value holds.
    private(set) var cell: SourceRange?
    /// The first empty cell that was wanted, for the sake of which the value is left out.
    private(set) var emptyCell: SourceRange?

    var isEmpty: Bool { variables.isEmpty && cell == nil && emptyCell == nil }

    mutating func note(variable: String) { if !variables.contains(variable) { variables.append(variable) } }

    mutating func note(cell place: SourceRange) { cell = cell ?? place }

    mutating func note(emptyCell place: SourceRange) { emptyCell = emptyCell ?? place }
}

import KeelDiagnostics

/// What references may name at some place of the manifests.
struct ReferenceScope {
    let variables: VariableScope
    /// The item that a set's template is filled from; nil outside of sets.
    let item: SetItem?
    let budget: ReferenceBudget

    init(_ variables: VariableScope) {
        self.variables = variables
        item = nil
        budget = ReferenceBudget()
    }

    private init(_ scope: ReferenceScope, item: SetItem) {
        variables = scope.variables
        self.item = item
        budget = scope.budget
    }

    /// The same scope in the template of a set.
    func with(_ item: SetItem) -> ReferenceScope { ReferenceScope(self, item: item) }

    static var empty: ReferenceScope { ReferenceScope(.empty) }
}

/// How much text references may make in all the manifests of a project. A value may stand in many places, and what is written
/// once be repeated for many items, so small files could fill the memory.
///
/// An object, because it outlives the decoder of each single resource.
final class ReferenceBudget {
    /// Bytes of one value.
    static let value = 16 << 10
    /// Bytes of all of them.
    static let total = 64 << 20
    private var used = 0

    /// Spends as many bytes; false if they are too many.
    func spend(_ bytes: Int) -> Bool {
        used += bytes
        return used <= Self.total
    }
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

import KeelBase
import KeelDiagnostics

/// A text in an item, and where it stands.
typealias ItemCell = Located<String>

/// The names that `${item.NAME}` may have in a set.
final class ItemColumns: Sendable {
    let names: [String]
    /// Whether there are no others.
    let isComplete: Bool
    private let index: [String: Int]

    /// Those of items that could not be read: there is no saying what they have not.
    static let any = ItemColumns([], isComplete: false)

    init(_ names: [String], isComplete: Bool = true) {
        self.names = names
        self.isComplete = isComplete
        index = Dictionary(zip(names.indices.map { names[$0] }, names.indices)) { first, _ in first }
    }

    subscript(name: String) -> Int? { isComplete ? index[name] : 0 }
}

/// One item of a set.
struct SetItem: Sendable {
    enum Cells: Sendable {
        /// By column; nil where the item says nothing.
        case written([ItemCell?])
        case row(CSVTable, Int)
        /// Those of the template's check, which asks what there is and for no values.
        case unknown
    }

    let columns: ItemColumns
    let cells: Cells
    /// Where the item stands.
    let place: SourceRange

    /// The cell of a column; the place alone if it is empty or absent.
    func cell(_ column: Int) -> (text: String?, place: SourceRange) {
        switch cells {
        case .written(let cells):
            guard let cell = cells[column] else { return (nil, place) }
            return (cell.value.isEmpty ? nil : cell.value, cell.range)
        case .row(let table, let row):
            let cell = table.cell(row, column)
            return (cell.value.isEmpty ? nil : cell.value, cell.range)
        case .unknown: return (nil, place)
        }
    }
}

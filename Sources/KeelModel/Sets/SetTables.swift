import KeelDiagnostics

/// The tables that sets name, each read once.
struct SetTables {
    private let files: [String: SourceFileID]
    private let sources: SourceMap
    private var known: [Key: SetItems] = [:]

    private struct Key: Hashable {
        let path: String
        let delimiter: UInt8
    }

    /// `files` are the CSV files that could be read, by their paths.
    init(_ files: [String: SourceFileID], in sources: SourceMap) {
        self.files = files
        self.sources = sources
    }

    /// The rows of a table. Mistakes in it are added when it is read first.
    mutating func items(of table: SetTable, delimiter: UInt8, _ diagnostics: inout [Diagnostic]) -> SetItems {
        let key = Key(path: table.path, delimiter: delimiter)
        if let items = known[key] { return items }
        guard let file = files[table.path] else { return .unknown }
        var reader = CSVReader(file, in: sources, delimiter: delimiter)
        let read = reader.read()
        diagnostics += reader.diagnostics
        let items: SetItems
        if let read {
            let columns = ItemColumns(read.columns)
            items = SetItems(
                columns: columns,
                items: (0..<read.rowCount).map {
                    SetItem(columns: columns, cells: .row(read, $0), place: read.place($0))
                },
                isIncomplete: !reader.diagnostics.isEmpty)
        } else {
            items = .unknown
        }
        known[key] = items
        return items
    }
}

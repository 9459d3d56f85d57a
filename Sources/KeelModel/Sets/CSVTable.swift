import KeelBase
import KeelDiagnostics

/// The rows of a CSV file under the names of its header. Cells keep their places; their texts are made when somebody asks.
final class CSVTable: Sendable {
    /// One cell of the file.
    struct Cell: Sendable {
        /// The offset of its text, without quotes around it.
        let offset: UInt32
        /// The bytes of its text as written.
        let length: UInt32
        /// Quotes around it are a part of its place.
        let start: SourcePosition
        let end: SourcePosition
        let isQuoted: Bool
        /// Whether quotes in it are doubled.
        let hasQuotes: Bool
    }

    let columns: [String]
    private let file: SourceFileID
    private let bytes: [UInt8]
    /// Row by row, without the header; as many in each as there are columns.
    private let cells: [Cell]

    init(columns: [String], cells: [Cell], of file: SourceFileID, bytes: [UInt8]) {
        self.columns = columns
        self.cells = cells
        self.file = file
        self.bytes = bytes
    }

    var rowCount: Int { cells.count / columns.count }

    func cell(_ row: Int, _ column: Int) -> ItemCell {
        let cell = cells[row * columns.count + column]
        return ItemCell(Self.text(cell, in: bytes), range(cell))
    }

    /// Where a row begins.
    func place(_ row: Int) -> SourceRange { range(cells[row * columns.count]) }

    private func range(_ cell: Cell) -> SourceRange { SourceRange(file: file, start: cell.start, end: cell.end) }

    /// The text of a cell: in quotes, two of them stand for one (RFC 4180 section 2.7).
    static func text(_ cell: Cell, in bytes: [UInt8]) -> String {
        let written = bytes[Int(cell.offset)..<Int(cell.offset) + Int(cell.length)]
        guard cell.hasQuotes else { return String(decoding: written, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(written.count)
        var isSecond = false
        for byte in written {
            isSecond = byte == UInt8(ascii: "\"") && !isSecond
            if !isSecond { text.append(byte) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

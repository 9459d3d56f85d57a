import KeelBase
import KeelDiagnostics
import KeelYAML

/// Reads a CSV file (RFC 4180) with the place of each cell.
///
/// A record ends with LF, CR LF or CR, as lines of a source do. Blanks around a cell without quotes are no part of it, and a
/// record without any text is passed over: spreadsheets leave such lines. All else that is not as the RFC has it is a mistake.
struct CSVReader {
    private let file: SourceFileID
    private let source: SourceFile
    private let bytes: [UInt8]
    private let delimiter: UInt8
    private let limits: CSVLimits
    private var index = 0
    private var position = SourcePosition.start
    private var columns: [String] = []
    /// Those of the rows that are in order, and of the record that is being read.
    private var cells: [CSVTable.Cell] = []
    private var mistakes: [Diagnostic] = []
    /// Nothing behind this place can be read.
    private var isBroken = false

    init(_ file: SourceFileID, in sources: SourceMap, delimiter: UInt8, limits: CSVLimits = CSVLimits()) {
        self.file = file
        source = sources[file]
        bytes = source.bytes
        self.delimiter = delimiter
        self.limits = limits
    }

    var diagnostics: [Diagnostic] { mistakes }

    /// The table; nil if its columns are not known.
    mutating func read() -> CSVTable? {
        mistakes = SourceAdmission(file: file, source: source, limits: .standard, format: .csv).refusals
        guard mistakes.isEmpty else { return nil }
        if bytes.starts(with: SourceFile.byteOrderMark) { index = SourceFile.byteOrderMark.count }
        while columns.isEmpty, index < bytes.count, !isBroken { readHeader() }
        guard !columns.isEmpty else {
            if mistakes.isEmpty {
                add(
                    "csv.no-header", "file has no header", at: range(.start), help: "name the columns in the first line"
                )
            }
            return nil
        }
        cells.reserveCapacity((bytes.count - index) / 16)
        while index < bytes.count, !isBroken { readRow() }
        return CSVTable(columns: columns, cells: cells, of: file, bytes: bytes)
    }

    // MARK: Records

    private mutating func readHeader() {
        let reported = mistakes.count
        guard readRecord() else { return }
        var places: [String: SourceRange] = [:]
        var names: [String] = []
        for cell in cells {
            let name = CSVTable.text(cell, in: bytes)
            let place = SourceRange(file: file, start: cell.start, end: cell.end)
            names.append(name)
            if name.isEmpty {
                add("csv.empty-column", "the column has no name", at: place, help: "name it, or remove it")
            } else if let earlier = places[name] {
                add(
                    "csv.duplicate-column", "two columns are named \(quoted(name))", at: place,
                    notes: [.init("the other one", at: earlier)], help: "rename or remove one of them")
            }
            places[name] = places[name] ?? place
        }
        if names.count > limits.columns {
            add("csv.limit", "file has more than \(limits.columns) columns", at: range(.start))
        }
        cells.removeAll()
        isBroken = mistakes.count > reported
        if !isBroken { columns = names }
    }

    private mutating func readRow() {
        let first = cells.count
        let line = position
        guard first / columns.count < limits.rows else {
            isBroken = true
            cells.removeAll()
            return add(
                "csv.limit", "file has more than \(limits.rows) rows", at: range(line),
                help: "split it into several files")
        }
        let reported = mistakes.count
        guard readRecord(), mistakes.count == reported else { return cells.removeSubrange(first...) }
        let count = cells.count - first
        guard count != columns.count else { return }
        let odd = cells[min(first + columns.count, cells.count - 1)]
        let place = SourceRange(file: file, start: count < columns.count ? odd.end : odd.start, end: odd.end)
        add(
            "csv.ragged-row", "the row has \(counted(count, "cell")), and the header \(columns.count)", at: place,
            help: count > columns.count
                ? "put a cell that holds the delimiter in quotes" : "write a delimiter for each empty cell, too")
        cells.removeSubrange(first...)
    }

    /// Reads a record's cells, and what ends it; false if there is nothing in it.
    private mutating func readRecord() -> Bool {
        let first = cells.count
        while true {
            readCell()
            guard !isBroken else { return false }
            guard index < bytes.count, bytes[index] == delimiter else { break }
            advance()
        }
        endLine()
        guard cells[first...].allSatisfy({ $0.length == 0 && !$0.isQuoted }) else { return true }
        cells.removeSubrange(first...)
        return false
    }

    // MARK: Cells

    private mutating func readCell() {
        skipBlanks()
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") { return readQuoted() }
        let offset = index
        let start = position
        var end = index
        var endPosition = position
        var hasStrayQuote = false
        while index < bytes.count, !isEnd(bytes[index]) {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\""), !hasStrayQuote {
                hasStrayQuote = true
                add(
                    "csv.syntax", "a quote within a cell without quotes", at: range(position),
                    help: "put the cell in quotes, and double the quotes within")
            }
            advance()
            if byte != UInt8(ascii: " ") {
                end = index
                endPosition = position
            }
        }
        cells.append(
            CSVTable.Cell(
                offset: UInt32(clamping: offset), length: UInt32(clamping: end - offset), start: start,
                end: endPosition, isQuoted: false, hasQuotes: false))
    }

    private mutating func readQuoted() {
        let start = position
        advance()
        let offset = index
        var hasQuotes = false
        while true {
            guard index < bytes.count else {
                isBroken = true
                let end = SourcePosition(line: start.line, column: start.column + 1)
                return add(
                    "csv.syntax", "the quote is not closed", at: SourceRange(file: file, start: start, end: end),
                    help: "add the closing quote; a quote within a cell is doubled")
            }
            guard bytes[index] == UInt8(ascii: "\"") else {
                if isLineEnd(bytes[index]) { endLine() } else { advance() }
                continue
            }
            guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") else { break }
            hasQuotes = true
            advance()
            advance()
        }
        let length = index - offset
        advance()
        cells.append(
            CSVTable.Cell(
                offset: UInt32(clamping: offset), length: UInt32(clamping: length), start: start, end: position,
                isQuoted: true, hasQuotes: hasQuotes))
        skipBlanks()
        guard index < bytes.count, !isEnd(bytes[index]) else { return }
        add(
            "csv.syntax", "text behind the closing quote", at: range(position),
            help: "end the cell there; a quote within a cell is doubled")
        while index < bytes.count, !isEnd(bytes[index]) { advance() }
    }

    // MARK: Going on

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private func isEnd(_ byte: UInt8) -> Bool { byte == delimiter || isLineEnd(byte) }

    private mutating func skipBlanks() {
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") { advance() }
    }

    /// Passes a byte within a line. Columns count Unicode scalars.
    private mutating func advance() {
        index += 1
        guard index == bytes.count || bytes[index] & 0xC0 != 0x80 else { return }
        position = SourcePosition(line: position.line, column: position.column + 1)
    }

    private mutating func endLine() {
        guard index < bytes.count else { return }
        let isPaired = bytes[index...].starts(with: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
        index += isPaired ? 2 : 1
        position = SourcePosition(line: position.line + 1, column: 1)
    }

    private func range(_ position: SourcePosition) -> SourceRange { SourceRange(file: file, at: position) }

    /// Adds a mistake; a hostile file must not fill the memory with complaints about it.
    private mutating func add(
        _ code: String, _ message: String, at place: SourceRange, notes: [Diagnostic.Note] = [], help: String? = nil
    ) {
        guard mistakes.count < limits.mistakes else {
            if !isBroken {
                mistakes.append(
                    .error(
                        "csv.limit", "more than \(limits.mistakes) mistakes in this file; the others are not listed",
                        at: place))
            }
            isBroken = true
            return
        }
        mistakes.append(.error(code, message, at: place, notes: notes, help: help))
    }
}

/// How much a table may ask for before it is refused; its bytes are limited as those of all files are.
struct CSVLimits {
    var rows = 100_000
    var columns = 1_000
    /// Mistakes that are listed.
    var mistakes = 1_000
}

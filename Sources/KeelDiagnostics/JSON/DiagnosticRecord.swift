import FoundationEssentials
import KeelBase

/// A diagnostic as it stands in JSON: places as path, line and column, absent facts absent.
///
/// It can be a member of a larger document; `json()` gives it alone.
package struct DiagnosticRecord: Encodable, Sendable, Equatable {
    package struct Note: Encodable, Sendable, Equatable {
        package let message: String
        package let file: String?
        package let line: Int?
        package let column: Int?
        package let endLine: Int?
        package let endColumn: Int?
    }

    package struct Answer: Encodable, Sendable, Equatable {
        package let code: String?
        package let words: String
    }

    package let code: String
    package let severity: String
    package let message: String
    package let file: String?
    /// From one.
    package let line: Int?
    /// From one, in Unicode scalars.
    package let column: Int?
    package let endLine: Int?
    /// The column after the last one.
    package let endColumn: Int?
    package let notes: [Note]
    package let help: String?
    package let address: String?
    package let answer: Answer?
    package let responsible: String?

    package init(_ diagnostic: Diagnostic, in sources: SourceMap) {
        let range = diagnostic.range
        code = diagnostic.code
        severity = diagnostic.severity.rawValue
        message = diagnostic.message
        file = range.map { sources[$0.file].path }
        line = range?.start.line
        column = range?.start.column
        endLine = range?.end.line
        endColumn = range?.end.column
        notes = diagnostic.notes.map { note in
            Note(
                message: note.message, file: note.range.map { sources[$0.file].path }, line: note.range?.start.line,
                column: note.range?.start.column, endLine: note.range?.end.line, endColumn: note.range?.end.column)
        }
        help = diagnostic.help
        address = diagnostic.address?.description
        answer = diagnostic.answer.map { Answer(code: $0.code, words: $0.words.text) }
        responsible = diagnostic.responsible?.rawValue
    }

    /// One object on one line, members sorted by name.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

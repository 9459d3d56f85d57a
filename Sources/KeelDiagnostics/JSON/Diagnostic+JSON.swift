import KeelBase

extension Diagnostic {
    /// The diagnostic for machines; its place is named by file, line and column.
    package func json(in sources: SourceMap) -> JSON {
        .present(
            ("severity", .string(severity.rawValue)),
            ("code", .string(code)),
            ("message", .string(message)),
            ("address", address.map { .string($0.description) }),
            ("place", range?.json(in: sources)),
            (
                "answer",
                answer.map { .present(("code", $0.code.map(JSON.string)), ("words", .string($0.words.text))) }
            ),
            ("responsible", responsible.map { .string($0.rawValue) }),
            ("help", help.map(JSON.string)),
            (
                "notes",
                notes.isEmpty
                    ? nil
                    : .array(
                        notes.map { .present(("message", .string($0.message)), ("place", $0.range?.json(in: sources))) }
                    )
            ))
    }
}

extension SourceRange {
    /// `file`, `line`, `column`, `endLine`, `endColumn`; lines and columns begin at 1.
    package func json(in sources: SourceMap) -> JSON {
        .object([
            .init("file", .string(sources[file].path)), .init("line", .integer(start.line)),
            .init("column", .integer(start.column)), .init("endLine", .integer(end.line)),
            .init("endColumn", .integer(end.column)),
        ])
    }
}

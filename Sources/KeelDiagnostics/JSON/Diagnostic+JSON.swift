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
            ("answer", answer.map(\.json)),
            ("responsible", responsible.map { .string($0.rawValue) }),
            ("class", failureClass.map { .string($0.rawValue) }),
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

extension ServerAnswer {
    /// `code`, `words`, and each fact under the server's own name for it.
    fileprivate var json: JSON {
        let said: [JSON.Member] =
            (code.map { [.init("code", .string($0))] } ?? []) + [.init("words", .string(words.text))]
        return .object(said + facts.map { .init($0.name, .string($0.text)) })
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

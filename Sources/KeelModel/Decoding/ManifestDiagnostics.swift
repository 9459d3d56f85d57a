import KeelBase
import KeelDiagnostics
import KeelYAML

/// The text in quotes, cleaned as foreign text is.
func quoted(_ text: String) -> String { "\"\(ForeignText(text).text)\"" }

extension Diagnostic {
    static func unknownField(_ field: String, _ range: SourceRange, in owner: String, known: [String]) -> Diagnostic {
        let meant = Suggestion.nearest(to: field, among: known)
        var diagnostic = Diagnostic(
            .error, "manifest.unknown-field", "unknown field \(quoted(field)) in \(owner)",
            at: range,
            help: ReferenceText.mayRefer(Array(field.utf8)[...])
                ? "write the name out; references stand in values"
                : meant.map { "did you mean \"\($0)\"?" } ?? "the fields are \(known.sorted().joined(separator: ", "))")
        // What stands behind a misspelt "password:" may be one.
        diagnostic.hidesSource = SecretLines.isSecret(field)
        return diagnostic
    }

    static func missingField(_ field: String, at range: SourceRange, help: String) -> Diagnostic {
        Diagnostic(.error, "manifest.missing-field", "\(field) is missing", at: range, help: help)
    }

    static func wrongType(_ field: String, wanted: String, _ node: YAMLNode) -> Diagnostic {
        Diagnostic(
            .error, "manifest.wrong-type",
            "\(field) must be \(wanted), not \(node.typeName)", at: node.range.firstLine)
    }

    /// The same diagnostic, about a resource.
    func about(_ address: ResourceAddress) -> Diagnostic {
        var copy = self
        copy.address = copy.address ?? address
        return copy
    }
}

extension YAMLNode {
    /// Whether the node is a scalar with that text.
    func isScalar(_ text: String) -> Bool {
        if case .scalar(let scalar) = content { scalar.text == text } else { false }
    }

    /// What the node is, for people.
    var typeName: String {
        switch content {
        case .scalar(let scalar):
            switch scalar.isPlain ? scalar.plainMeaning : .string {
            case .null: "nothing"
            case .boolean: "true or false"
            case .integer, .float: "a number"
            case .timestamp: "a date"
            case .string: "text"
            }
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension SourceRange {
    /// The range cut at the end of its first line, so that a caret stays readable under a whole mapping.
    package var firstLine: SourceRange {
        guard end.line > start.line else { return self }
        return SourceRange(
            file: file, start: start, end: SourcePosition(line: start.line, column: start.column + 1))
    }
}

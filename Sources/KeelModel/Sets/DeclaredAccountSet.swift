import KeelBase
import KeelDiagnostics
import KeelYAML

/// A set as a manifest declares it, before its items are known.
struct DeclaredAccountSet {
    enum Source {
        case items([SetItem], ItemColumns)
        case csv(SetTable, delimiter: UInt8)
        /// There is none, or it could not be read, which was reported.
        case none
    }

    /// The spec of the accounts.
    struct Template {
        /// Nil for the only one.
        let name: String?
        /// Where its name stands.
        let place: SourceRange
        let spec: YAMLNode
    }

    let name: Located<String>
    let labels: YAMLNode?
    let annotations: YAMLNode?
    /// The directory of the manifest, relative to the project; empty for the project's own.
    let directory: String
    /// The column that names each item; nil if it was refused.
    var key: Located<String>?
    var source = Source.none
    var templates: [Template] = []
    /// Whether an item or template is missing here because it was refused.
    var isIncomplete = false

    /// Another delimiter that stands in the only name of the columns, which then are several.
    func otherDelimiter(in names: [String]) -> String? {
        guard case .csv(_, let delimiter) = source, names.count == 1 else { return nil }
        return EmailAccountSet.delimiters
            .first { $0.byte != delimiter && names[0].utf8.contains($0.byte) }
            .map { $0.word == "tab" ? $0.word : "\"\($0.word)\"" }
    }

    /// The CSV file, if it names one.
    var table: SetTable? { if case .csv(let table, _) = source { table } else { nil } }
}

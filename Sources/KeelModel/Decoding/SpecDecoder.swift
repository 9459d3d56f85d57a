import KeelBase
import KeelDiagnostics
import KeelYAML

/// Decodes the mapping under `spec` by its kind's field table.
struct SpecDecoder<Field: ResourceField> {
    let table: FieldTable
    private(set) var spec = Spec<Field>()
    private let recent: RecentFields
    private var values = ValueDecoder()

    init(table: FieldTable, recent: RecentFields) {
        self.table = table
        self.recent = recent
    }

    var diagnostics: [Diagnostic] { values.diagnostics }

    mutating func decode(_ node: YAMLNode, owner: Located<String>) {
        guard case .mapping(let mapping) = node.content else {
            values.report(.wrongType("spec", wanted: "a mapping", node))
            for index in table.definitions.indices { spec.refuse(index) }
            return
        }
        spec = Spec(capacity: mapping.count)
        decode(mapping, of: table.names, prefix: "")
        for index in table.required where !spec.isWritten(index) {
            let definition = table.definitions[index]
            values.report(
                Diagnostic(
                    .error, "manifest.missing-field",
                    "spec.\(definition.name) is missing in \(table.kind.rawValue) \(quoted(owner.value))",
                    at: owner.range, help: definition.documentation))
        }
    }

    /// Decodes the mapping at `prefix`. Dots are for people and tables; a manifest nests.
    private mutating func decode(_ mapping: YAMLMapping, of names: NameTable<FieldTable.Name>, prefix: String) {
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content else { continue }
            switch names[name.bytes] {
            case .field(let index)?: decode(value, index)
            case .group(let path, let names)?:
                if case .mapping(let inner) = value.content {
                    decode(inner, of: names, prefix: path + ".")
                } else {
                    values.report(.wrongType("spec.\(path)", wanted: "a mapping", value))
                    refuse(path)
                }
            case nil where name.isRefusedAsKey: refuseAll(below: prefix)
            case nil: refuseUnknown(name.text, key.range, prefix)
            }
        }
    }

    private mutating func refuseUnknown(_ name: String, _ range: SourceRange, _ prefix: String) {
        let place =
            prefix.isEmpty ? "\(table.kind.rawValue) spec" : "\(table.kind.rawValue) spec.\(prefix.dropLast())"
        let known = names(below: prefix)
        values.report(.unknownField(name, range, in: place, known: known))
        if let meant = Suggestion.nearest(to: name, among: known) { refuse(prefix + meant) }
    }

    private mutating func decode(_ node: YAMLNode, _ index: Int) {
        if let value = recent.value(index, of: node) {
            spec.set(index, Located(value, node.range.firstLine))
            return
        }
        let reported = values.diagnostics.count
        guard let value = values.value(node, table.definitions[index].type, field: .spec(table.definitions[index].name))
        else {
            spec.refuse(index)
            return
        }
        spec.set(index, Located(value, node.range.firstLine))
        if values.diagnostics.count == reported { recent.remember(index, value, of: node) }
    }

    /// Marks a field, or all fields of a group, as written.
    private mutating func refuse(_ path: String) {
        for (index, definition) in table.definitions.enumerated()
        where definition.name == path || definition.name.hasPrefix(path + ".") {
            spec.refuse(index)
        }
    }

    /// A merge was refused here, so that nobody knows what is missing.
    private mutating func refuseAll(below prefix: String) {
        for (index, definition) in table.definitions.enumerated() where definition.name.hasPrefix(prefix) {
            spec.refuse(index)
        }
    }

    /// The names that may stand in the mapping at `prefix`, in order: of equally near ones the first is suggested.
    private func names(below prefix: String) -> [String] {
        var names: Set<String> = []
        for definition in table.definitions where definition.name.hasPrefix(prefix) {
            let rest = definition.name.dropFirst(prefix.count)
            names.insert(String(rest.prefix { $0 != "." }))
        }
        return names.sorted()
    }
}

import KeelBase
import KeelDiagnostics
import KeelYAML

/// Decodes the mapping under `spec` by its kind's field table.
struct SpecDecoder<Field: ResourceField> {
    let table: FieldTable
    private(set) var spec = Spec<Field>()
    private(set) var diagnostics: [Diagnostic] = []

    init(table: FieldTable) { self.table = table }

    mutating func decode(_ node: YAMLNode, owner: Located<String>) {
        guard case .mapping(let mapping) = node.content else {
            diagnostics.append(.wrongType("spec", wanted: "a mapping", node))
            for index in table.definitions.indices { spec.refuse(index) }
            return
        }
        decode(mapping, prefix: "")
        for (index, definition) in table.definitions.enumerated()
        where definition.isRequired && !spec.isWritten(index) {
            diagnostics.append(
                Diagnostic(
                    .error, "manifest.missing-field",
                    "spec.\(definition.name) is missing in \(table.kind.rawValue) \(quoted(owner.value))",
                    at: owner.range, help: definition.documentation))
        }
    }

    private mutating func decode(_ mapping: YAMLMapping, prefix: String) {
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content else { continue }
            let path = prefix + name.text
            // Dots are for people and tables; a manifest nests.
            if let index = table.index[path], !name.text.contains(".") {
                decode(value, index)
            } else if table.groups.contains(path) {
                if case .mapping(let inner) = value.content {
                    decode(inner, prefix: path + ".")
                } else {
                    diagnostics.append(.wrongType("spec.\(path)", wanted: "a mapping", value))
                    refuse(path)
                }
            } else {
                let place =
                    prefix.isEmpty ? "\(table.kind.rawValue) spec" : "\(table.kind.rawValue) spec.\(prefix.dropLast())"
                let known = names(below: prefix)
                diagnostics.append(.unknownField(name.text, key.range, in: place, known: known))
                if let meant = Suggestion.nearest(to: name.text, among: known) { refuse(prefix + meant) }
            }
        }
    }

    private mutating func decode(_ node: YAMLNode, _ index: Int) {
        let definition = table.definitions[index]
        var decoder = ValueDecoder()
        if let value = decoder.value(node, definition.type, field: "spec.\(definition.name)") {
            spec.set(index, Located(value, node.range.firstLine))
        } else {
            spec.refuse(index)
        }
        diagnostics += decoder.diagnostics
    }

    /// Marks a field, or all fields of a group, as written.
    private mutating func refuse(_ path: String) {
        for (index, definition) in table.definitions.enumerated()
        where definition.name == path || definition.name.hasPrefix(path + ".") {
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

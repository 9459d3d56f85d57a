import KeelBase
import KeelDiagnostics
import KeelYAML

/// Decodes the mapping under `spec` by its kind's field table.
struct SpecDecoder<Field: ResourceField> {
    let table: FieldTable
    private(set) var spec = Spec<Field>()
    /// The fields of a set's template that name columns: what they hold is known for each item only.
    private(set) var open: [(index: Int, node: YAMLNode)] = []
    private let recent: RecentFields
    private var values: ValueDecoder

    /// A scope with an item is that of a set's template.
    init(table: FieldTable, recent: RecentFields, scope: ReferenceScope) {
        self.table = table
        self.recent = recent
        values = ValueDecoder(scope)
    }

    var diagnostics: [Diagnostic] { values.diagnostics }

    /// `owner` is whose the spec is, for people, and `place` where it is named.
    mutating func decode(_ node: YAMLNode, owner: @autoclosure () -> String, at place: SourceRange) {
        guard case .mapping(let mapping) = node.content else {
            values.report(.wrongType("spec", wanted: "a mapping", node))
            for index in table.definitions.indices { spec.refuse(index) }
            return
        }
        spec = Spec(capacity: mapping.count)
        decode(mapping, of: table.names, prefix: "")
        for index in table.required where !spec.isWritten(index) && !open.contains(where: { $0.index == index }) {
            let definition = table.definitions[index]
            values.report(
                Diagnostic(
                    .error, "manifest.missing-field",
                    "spec.\(definition.name) is missing in \(owner())",
                    at: place, help: definition.documentation))
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
        if values.scope.item != nil, values.mentionsItem(node) {
            // A reference that is wrong is wrong for every item.
            if values.checkReferences(in: node) { open.append((index, node)) } else { spec.refuse(index) }
            return
        }
        let reported = values.diagnostics.count
        if let value = spec.read(node, index, table.definitions[index], with: &values),
            values.diagnostics.count == reported
        {
            recent.remember(index, value, of: node)
        }
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

extension Spec {
    /// Reads a field's value from a node, and of what it was made. Returns it if it is just what is written, so that who reads
    /// the same again may take it for the same.
    mutating func read(
        _ node: YAMLNode, _ index: Int, _ definition: FieldDefinition, with values: inout ValueDecoder
    ) -> FieldValue? {
        let reported = values.diagnostics.count
        let value = values.value(node, definition.type, field: .spec(definition.name))
        guard values.trace.isEmpty else {
            let trace = values.takeTrace()
            set(index, trace)
            if let value {
                set(index, Located(value, trace.cell ?? node.range.firstLine))
            } else if values.diagnostics.count > reported || trace.emptyCell == nil {
                refuse(index)
            }
            return nil
        }
        guard let value else {
            refuse(index)
            return nil
        }
        set(index, Located(value, node.range.firstLine))
        return value
    }
}

import KeelBase

/// A kind's table with what is looked up in it, made once for all resources of the kind.
package final class FieldTable: Sendable {
    package let kind: ResourceKind
    /// In the order of the raw values of the kind's enumeration.
    package let definitions: [FieldDefinition]
    /// From the dotted name to the raw value.
    package let index: [String: Int]
    /// Dotted names of mappings that hold fields: `client`, `tls`.
    package let groups: Set<String>
    /// What may stand in the mapping of `spec` itself.
    let names: NameTable<Name>
    let required: [Int]
    /// What a resource's values are visited in: the ascending UTF-8 order of names.
    let order: [Slot]
    /// Indices of the fields that a login proves, in the same order.
    package let settings: [Int]
    /// The fields' defaults as they hold in a resource.
    let defaults: FieldSlots<EffectiveValue>
    /// What the fields ask of each other.
    let rules: FieldRules

    /// What a name in a mapping means.
    enum Name: Sendable {
        case field(Int)
        /// A mapping of fields, by its dotted name.
        indirect case group(String, NameTable<Name>)
    }

    /// Where a value of a resource is kept.
    enum Slot: Sendable, Equatable {
        case field(Int)
        /// They stand under `metadata`, and are in no table.
        case labels
    }

    package init<Field: ResourceField>(of field: Field.Type) {
        kind = Field.kind
        definitions = Field.allCases.map(\.row)
        precondition(definitions.count <= FieldSet.capacity, "a set of fields has not that many bits")
        index = Dictionary(uniqueKeysWithValues: definitions.enumerated().map { ($0.element.name, $0.offset) })
        groups = Set(
            definitions.compactMap { definition in
                definition.name.lastIndex(of: ".").map { String(definition.name[..<$0]) }
            })
        names = Self.names(below: "", definitions)
        required = definitions.indices.filter { [definitions] in definitions[$0].isRequired }
        let slots = definitions.enumerated().map { ($0.element.name, Slot.field($0.offset)) }
        order = (slots + [(EffectiveSpec.labelsField, .labels)])
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }.map(\.1)
        var settings: [Int] = []
        for case .field(let index) in order where definitions[index].effect.isProvenByLogin { settings.append(index) }
        self.settings = settings
        var defaults = FieldSlots<EffectiveValue>()
        for (index, definition) in definitions.enumerated() {
            if let value = definition.defaultValue { defaults.set(index, EffectiveValue(value, .schemaDefault)) }
        }
        self.defaults = defaults
        rules = FieldRules(definitions, index)
    }

    package static let emailAccount = FieldTable(of: AccountField.self)
    package static let oauthProfile = FieldTable(of: ProfileField.self)

    /// The table of a kind that can be declared; nil for derived kinds.
    package static func of(_ kind: ResourceKind) -> FieldTable? {
        switch kind {
        case .emailAccount: emailAccount
        case .oauthProfile: oauthProfile
        case .authorization: nil
        }
    }

    package func definition(_ name: String) -> FieldDefinition? { index[name].map { definitions[$0] } }

    /// What may stand in the mapping at `prefix`, which is empty or ends with a dot.
    private static func names(below prefix: String, _ definitions: [FieldDefinition]) -> NameTable<Name> {
        var names: [(name: String, meaning: Name)] = []
        var seen: Set<Substring> = []
        for (index, definition) in definitions.enumerated() where definition.name.hasPrefix(prefix) {
            let rest = definition.name.dropFirst(prefix.count)
            let name = rest.prefix { $0 != "." }
            if name == rest {
                names.append((String(name), .field(index)))
            } else if seen.insert(name).inserted {
                let path = prefix + name
                names.append((String(name), .group(path, Self.names(below: path + ".", definitions))))
            }
        }
        return NameTable(names)
    }
}

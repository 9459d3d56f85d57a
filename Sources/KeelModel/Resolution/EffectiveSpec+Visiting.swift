import KeelBase

extension EffectiveSpec {
    /// Hands over what the manifest says in ascending UTF-8 order of names, the labels among them.
    package func visitDeclared(_ body: (String, FieldValue) -> Void) {
        for slot in table.order {
            switch slot {
            case .field(let index): if let value = written(index) { body(table.definitions[index].name, value) }
            case .labels: if !labels.isEmpty { body(Self.labelsField, .map(labels)) }
            }
        }
    }

    /// Hands over what holds in ascending UTF-8 order of names, the labels among them.
    package func visitEffective(_ body: (String, EffectiveValue) -> Void) {
        for slot in table.order {
            switch slot {
            case .field(let index): if let value = holding(index) { body(table.definitions[index].name, value) }
            case .labels: if !labels.isEmpty { body(Self.labelsField, EffectiveValue(.map(labels), .manifest)) }
            }
        }
    }

    /// Hands over what holds in the order in which people read it: that of the kind's table, then the labels.
    package func visitInTableOrder(_ body: (String, EffectiveValue) -> Void) {
        for index in table.definitions.indices {
            if let value = holding(index) { body(table.definitions[index].name, value) }
        }
        if !labels.isEmpty { body(Self.labelsField, EffectiveValue(.map(labels), .manifest)) }
    }

    /// Hands over the effective values that a login proves, in ascending UTF-8 order of names: neither whether the account is
    /// in service, nor what is only recorded.
    package func visitSettings(_ body: (String, FieldValue) -> Void) {
        for index in table.settings {
            if let value = value(index) { body(table.definitions[index].name, value) }
        }
    }
}

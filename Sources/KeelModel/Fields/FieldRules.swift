import KeelBase

/// What the fields of a table ask of each other, with all names looked up: it is checked for every resource.
struct FieldRules: Sendable {
    /// A condition of a field.
    struct Condition: Sendable {
        /// The field that has a meaning only where the condition holds.
        let field: Int
        let other: Int
        /// Empty: the other must be given.
        let values: [String]
    }

    /// A field that must be given.
    struct Requirement: Sendable {
        let field: Int
        /// Where; nil: everywhere.
        let condition: Condition?
        /// Fields of which any will do instead.
        let alternatives: FieldSet
        let definition: FieldRequirement
    }

    struct Derivation: Sendable {
        let field: Int
        let given: Int
        let value: FieldValue
    }

    /// A word that has a meaning only where the condition holds.
    struct Limit: Sendable {
        let condition: Condition
        let definition: WordCondition
    }

    /// The fields that have conditions.
    let conditioned: FieldSet
    let conditions: [Condition]
    let limits: [Limit]
    let requirements: [Requirement]
    let derivations: [Derivation]

    init(_ definitions: [FieldDefinition], _ index: [String: Int]) {
        /// The place of a field that the table itself names, and so has.
        func place(_ name: String) -> Int {
            guard let place = index[name] else { preconditionFailure("the table has no field \(name)") }
            return place
        }
        func compiled(_ condition: FieldCondition, of field: Int) -> Condition {
            Condition(field: field, other: place(condition.field), values: condition.values)
        }
        conditions = definitions.enumerated().flatMap { field, definition in
            definition.conditions.map { compiled($0, of: field) }
        }
        conditioned = FieldSet(conditions.map(\.field))
        limits = definitions.enumerated().flatMap { field, definition in
            definition.wordConditions.map { Limit(condition: compiled($0.condition, of: field), definition: $0) }
        }
        requirements = definitions.enumerated().compactMap { field, definition in
            definition.requirement.map { requirement in
                Requirement(
                    field: field, condition: requirement.condition.map { compiled($0, of: field) },
                    alternatives: FieldSet(requirement.alternatives.map(place)), definition: requirement)
            }
        }
        derivations = definitions.enumerated().flatMap { field, definition in
            definition.derivations.map { Derivation(field: field, given: place($0.given), value: .text($0.value)) }
        }
    }
}

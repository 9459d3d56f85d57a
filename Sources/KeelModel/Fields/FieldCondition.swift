/// What another field of the resource must be for a field to have a meaning, or to be needed.
package struct FieldCondition: Sendable, Hashable {
    /// The other field's name, with dots.
    package let field: String
    /// It must have one of these values; when there are none, it must be given, whatever it says.
    package let values: [String]

    /// The other field has this value.
    package static func when(_ field: String, is value: String) -> FieldCondition { when(field, isOneOf: [value]) }

    /// The other field has one of these values.
    package static func when(_ field: String, isOneOf values: [String]) -> FieldCondition {
        FieldCondition(field: field, values: values)
    }

    /// The other field is there.
    package static func given(_ field: String) -> FieldCondition { FieldCondition(field: field, values: []) }
}

/// That a field must be given although its row is not required everywhere.
package struct FieldRequirement: Sendable, Hashable {
    /// Where it must be given; nil: in every resource of the kind.
    package let condition: FieldCondition?
    /// Fields of which any will do instead, with dots.
    package let alternatives: [String]
    /// What is wrong when neither is given; nil: made from the condition and the names.
    package let complaint: String?
    /// What to write.
    package let remedy: String
    /// Whether only resolving tells if one of the alternatives gives the value: a preset knows some and not others. The
    /// resolver then checks it by itself.
    let isCheckedLater: Bool

    package init(
        when condition: FieldCondition? = nil, or alternatives: [String] = [], complaint: String? = nil,
        remedy: String, isCheckedLater: Bool = false
    ) {
        self.condition = condition
        self.alternatives = alternatives
        self.complaint = complaint
        self.remedy = remedy
        self.isCheckedLater = isCheckedLater
    }
}

/// That one word of a field has a meaning only where another field says so.
package struct WordCondition: Sendable, Hashable {
    package let word: String
    package let condition: FieldCondition
    /// What is wrong where it does not hold.
    package let complaint: String
    /// What to write.
    package let remedy: String

    package init(_ word: String, only condition: FieldCondition, _ complaint: String, remedy: String) {
        self.word = word
        self.condition = condition
        self.complaint = complaint
        self.remedy = remedy
    }
}

/// The value that a field has when it is not written and another one is.
package struct FieldDerivation: Sendable, Hashable {
    /// The other field's name, with dots.
    package let given: String
    package let value: String

    package init(given: String, _ value: String) {
        self.given = given
        self.value = value
    }
}

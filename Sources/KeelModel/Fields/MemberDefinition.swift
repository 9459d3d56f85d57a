import KeelBase

/// One member of a mapping that is no field of a resource: of the `spec` of `Project` and `EmailAccountSet`, and of what
/// stands within. Diagnostics about unknown names, JSON Schemas and the reference page follow from it.
package struct MemberDefinition: Sendable {
    package let name: String
    package let type: MemberType
    /// One line for people.
    package let documentation: String
    package let isRequired: Bool
    /// What holds when the member is absent.
    package let defaultValue: JSON?
    package let example: JSON?

    package init(
        _ name: String, _ type: MemberType, _ documentation: String, required: Bool = false,
        default defaultValue: JSON? = nil, example: JSON? = nil
    ) {
        self.name = name
        self.type = type
        self.documentation = documentation
        isRequired = required
        self.defaultValue = defaultValue
        self.example = example
    }
}

/// What a member holds.
package indirect enum MemberType: Sendable {
    /// What a field of a resource could hold.
    case value(FieldType)
    /// Text, a number, or true or false.
    case scalar
    /// The same, or nothing.
    case cell
    case list(MemberType)
    /// A mapping whose names the author chooses.
    case map(MemberType)
    /// A mapping with these members.
    case members([MemberDefinition])
    /// The `spec` of an `EmailAccount`, in which `${item.x}` may stand.
    case accountSpec
}

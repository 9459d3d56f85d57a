import KeelBase

/// What a change of a field means, and so which work it needs.
package enum Effect: String, Sendable, CaseIterable {
    /// Another application, tenant, mailbox or person: a new authorization, a test, the old grant retired.
    case identity
    /// Other scopes: growing asks for consent, shrinking narrows; a test either way.
    case consent
    /// Another secret for the same identity: a token again or a login, without a person; a test.
    case credential
    /// Another way to the server: a test.
    case connection
    /// Another sender: a test that the server accepts it.
    case sender
    /// In service or not: on authorizes if needed and tests; off only records.
    case service
    /// Only the record changes; no network.
    case record

    /// What a plan does about a change, for people.
    package var documentation: String {
        switch self {
        case .identity: "a new authorization and a test; the old grant is retired last"
        case .consent:
            "wider: a refresh with the wider scope, and a person only if that is refused; narrower: a refresh; a test"
        case .credential: "a token again, or a login, without a person; a test"
        case .connection: "a test"
        case .sender: "a test that the server accepts the sender"
        case .service: "on: what an account needs to be in service, and a test; off: the record only"
        case .record: "the record only, without the network"
        }
    }

    /// Whether a login with the new value says something that one with the old value did not.
    var isProvenByLogin: Bool {
        switch self {
        case .identity, .consent, .credential, .connection, .sender: true
        case .service, .record: false
        }
    }
}

/// The type of a field, from which decoding, diagnostics and JSON Schema follow.
package enum FieldType: Sendable, Equatable {
    /// Any text but the empty one, without control characters.
    case text
    /// A host name or an IP address literal.
    case host
    /// 1 to 65535.
    case port
    /// A whole number in this range.
    case count(ClosedRange<Int>)
    case boolean
    /// One of these words.
    case choice([String])
    /// `2027-03-01`.
    case date
    /// A number of days, hours or minutes: `90d`, `12h`, `30m`.
    case duration
    /// An endpoint: https, or http to a loopback literal.
    case url
    /// A file; relative paths start at the manifest's directory.
    case path
    /// The SHA-256 of a public key, in base 64.
    case keyHash
    /// A set of texts.
    case textSet
    /// Names and texts.
    case textMap
    /// Where a secret comes from.
    case secret
}

/// One row of a kind's field table: the only place that says what a field is.
package struct FieldDefinition: Sendable {
    /// The path below `spec`, with dots: `client.secret`.
    package let name: String
    package let type: FieldType
    package let effect: Effect
    /// One line for people.
    package let documentation: String
    package let isRequired: Bool
    /// The value when the manifest gives none and nothing else does.
    package let defaultValue: FieldValue?
    /// What holds when it is omitted and has no default, in words: `the preset's; else tls`.
    package let omitted: String?
    /// What must hold for the field to have a meaning: all of it. A field that is given where one does not hold is refused.
    package let conditions: [FieldCondition]
    /// Which of its words have a meaning only beside others.
    package let wordConditions: [WordCondition]
    /// Where it must be given, if not everywhere.
    package let requirement: FieldRequirement?
    /// What it is when another field is given; the first that holds.
    let derivations: [FieldDerivation]
    /// The only texts that mean something, when that is not for the decoder to say but for who uses them; empty: any.
    package let words: [String]
    package let example: JSON?

    package init(
        _ name: String, _ type: FieldType, _ effect: Effect, _ documentation: String, required: Bool = false,
        default defaultValue: FieldValue? = nil, omitted: String? = nil, only conditions: FieldCondition...,
        word wordConditions: WordCondition..., needed requirement: FieldRequirement? = nil,
        derived derivations: [FieldDerivation] = [],
        among words: [String] = [], example: JSON? = nil
    ) {
        self.name = name
        self.type = type
        self.effect = effect
        self.documentation = documentation
        isRequired = required
        self.defaultValue = defaultValue
        self.omitted = omitted
        self.conditions = conditions
        self.wordConditions = wordConditions
        self.requirement = requirement
        self.derivations = derivations
        self.words = words
        self.example = example
    }
}

/// The fields of one kind: a closed enumeration whose rows are its table.
package protocol ResourceField: RawRepresentable<Int>, CaseIterable, Hashable, Sendable {
    static var kind: ResourceKind { get }
    /// The table, made once.
    static var table: FieldTable { get }
    /// The field's row, made anew; read `definition` instead.
    var row: FieldDefinition { get }
}

extension ResourceField {
    /// The field's row in the table.
    package var definition: FieldDefinition { Self.table.definitions[rawValue] }
}

import KeelBase

/// What a step does.
package enum StepKind: String, Sendable, CaseIterable {
    /// Reads a secret from its source.
    case resolve
    /// Finds endpoints in an issuer's metadata.
    case discover
    /// Obtains a candidate grant.
    case authorize
    /// Logs in with the new settings.
    case test
    /// Writes the record, inactive.
    case stage
    /// Commits the record.
    case record
    /// Puts a staged record into service.
    case activate
    /// Reads a record back.
    case verify
    /// Revokes a grant at the provider.
    case revoke
}

/// The name of a step: one kind of work for one address.
package struct StepID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let address: ResourceAddress
    package let kind: StepKind

    package init(_ address: ResourceAddress, _ kind: StepKind) {
        self.address = address
        self.kind = kind
    }

    /// `EmailAccount/support-in#test`.
    package var description: String { "\(address)#\(kind.rawValue)" }

    package static func < (left: Self, right: Self) -> Bool {
        left.address == right.address ? left.kind.rawValue < right.kind.rawValue : left.address < right.address
    }
}

/// One piece of work with everything that its executor needs.
package struct Step: Sendable, Equatable {
    package let id: StepID
    package let work: Work
    /// Steps that must have succeeded before.
    package let after: [StepID]

    package init(_ address: ResourceAddress, _ work: Work, after: [StepID]) {
        id = StepID(address, work.kind)
        self.work = work
        self.after = after
    }

    /// The kinds of work, each with its input.
    package enum Work: Sendable, Equatable {
        case resolve(ResolveWork)
        case discover(DiscoverWork)
        case authorize(AuthorizeWork)
        case test(TestWork)
        case record(RecordWork)

        package var kind: StepKind {
            switch self {
            case .resolve: .resolve
            case .discover: .discover
            case .authorize: .authorize
            case .test: .test
            case .record: .record
            }
        }
    }
}

/// Secrets to read, by dotted field name.
package struct ResolveWork: Sendable, Equatable {
    package let secrets: [String: SecretSource]
}

/// The issuer whose metadata gives the token endpoint.
package struct DiscoverWork: Sendable, Equatable {
    package let issuer: EndpointURL
    /// The issuer exactly as written: the metadata must name it so (RFC 8414 section 3.3).
    package let asWritten: String
    package let trust: Trust
}

/// What a token request needs.
package struct AuthorizeWork: Sendable, Equatable {
    package let profile: ResourceAddress
    package let subject: String
    package let grant: GrantType
    /// Nil: the profile's `discover` step finds it.
    package let tokenEndpoint: EndpointURL?
    /// The issuer as written, when endpoints are discovered.
    package let issuer: String?
    package let clientID: String
    /// Nil: the metadata decides, else HTTP Basic.
    package let clientAuthentication: ClientAuthenticationMethod?
    package let secret: SecretSource?
    package let scopes: [String]
    package let parameters: [String: String]
    package let trust: Trust
    /// Names application, endpoint and grant type: a candidate of the same digest may be adopted.
    package let clientDigest: String
}

/// What a login needs.
package struct TestWork: Sendable, Equatable {
    package let type: MailProtocol
    package let endpoint: HostPort
    package let security: ConnectionSecurity
    package let mechanism: SASLMechanism
    package let userName: String
    package let authorization: ResourceAddress
    package var trust: Trust
    package let debug: Bool
    /// The digest of the settings that the login proves.
    package let settings: String

    package init(
        type: MailProtocol, endpoint: HostPort, security: ConnectionSecurity, mechanism: SASLMechanism,
        userName: String,
        authorization: ResourceAddress, trust: Trust, debug: Bool, settings: String
    ) {
        self.type = type
        self.endpoint = endpoint
        self.security = security
        self.mechanism = mechanism
        self.userName = userName
        self.authorization = authorization
        self.trust = trust
        self.debug = debug
        self.settings = settings
    }
}

/// What is committed; nil: the address is no longer managed.
package struct RecordWork: Sendable, Equatable {
    package let record: PlannedRecord?
}

/// A record without what only the run can know: time, proof and grant.
package struct PlannedRecord: Sendable, Equatable {
    package let declared: [String: FieldValue]
    package let effective: [String: EffectiveValue]
    package let dependencies: [ResourceAddress]
    /// The authorization whose grant the record names.
    package let authorization: ResourceAddress?
    /// Whether a login in this run proves it; otherwise an earlier proof is kept.
    package let proven: Bool
}

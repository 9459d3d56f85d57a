import KeelBase
import KeelModel

/// Secrets to read, by dotted field name.
package struct ResolveWork: Sendable, Equatable {
    package let secrets: [String: SecretSource]

    package init(secrets: [String: SecretSource]) { self.secrets = secrets }
}

/// The issuer whose metadata gives the endpoints that the manifest does not.
package struct DiscoverWork: Sendable, Equatable {
    package let issuer: EndpointURL
    /// The issuer exactly as written: the metadata must name it so (RFC 8414 section 3.3).
    package let asWritten: String
    /// What the metadata must name, because the profile's grant cannot do without and the manifest does not say it.
    package let required: Set<EndpointName>
    /// What is used where the metadata name it.
    package let useful: Set<EndpointName>
    /// What the manifest and its preset give. It wins over what is discovered, and an endpoint that is discovered away from the
    /// issuer's site must be on the site of one of these.
    package let listed: ProviderEndpoints
    package let trust: Trust
}

/// How a client asks for tokens, and for what.
package struct ClientWork: Sendable, Equatable {
    package let grant: GrantType
    /// What the manifest and its preset give; the profile's `discover` step finds the others.
    package let endpoints: ProviderEndpoints
    /// The issuer as written, when the manifest names one.
    package let issuer: String?
    /// The issuer that must have answered where an answer or an ID token names one; nil: it is not known for sure.
    package let expectedIssuer: String?
    package let clientID: String
    /// Nil: the metadata decides, else HTTP Basic.
    package let clientAuthentication: ClientAuthenticationMethod?
    /// Where the secrets come from that show who the client is, or for whom it acts.
    package let credentials: [CredentialField: SecretSource]
    package let scopes: [String]
    package let parameters: [String: String]
    /// The registered redirect URI; nil: `http://127.0.0.1`, sent with a free port.
    package let redirectURI: String?
    /// How long a refresh token lives that nobody uses, in seconds; nil: not known.
    package let refreshTokenLifetime: Int64?
    /// What else dies when one of its tokens is revoked.
    package let revocationReach: RevocationReach
    package let trust: Trust

    /// Nil: the profile's `discover` step finds it.
    package var tokenEndpoint: EndpointURL? { endpoints.token }

    /// What is to be found out of the issuer's metadata; nil where nothing is, or no issuer could tell.
    package var discovery: DiscoverWork? {
        guard let issuer, let url = try? EndpointURL(parsing: issuer) else { return nil }
        let required = grant.requiredEndpoints.filter { endpoints[$0] == nil }
        let useful = grant.usefulEndpoints.filter { endpoints[$0] == nil }
        guard !required.isEmpty || !useful.isEmpty else { return nil }
        return DiscoverWork(
            issuer: url, asWritten: issuer, required: required, useful: useful, listed: endpoints, trust: trust)
    }

    /// Names application, endpoint and grant type: a candidate of the same digest may be adopted.
    package var digest: String {
        [grant.rawValue, tokenEndpoint?.description ?? issuer ?? "", clientID].joined(separator: " ")
    }
}

/// Whether the token endpoint accepts the client.
package struct VerifyClientWork: Sendable, Equatable {
    /// How that is found out.
    package enum How: Sendable, Equatable {
        /// By the token that the application gets for itself. It is kept for the profile's slot.
        case token
        /// By an assertion for one of the users that it acts for. A refusal of that user says nothing of the client.
        case assertion(subject: String)
        /// By requests that cost nobody anything: the first of these that the provider offers. An answer that does not tell
        /// is no failure.
        case probe([ClientProbe])
    }

    package let client: ClientWork
    package let how: How
}

/// A request that shows whether a client is accepted, and that nobody has to consent for.
package enum ClientProbe: String, Sendable, Equatable {
    /// RFC 9126.
    case pushedAuthorization = "pushed_authorization_request"
    /// RFC 8628 section 3.1.
    case deviceAuthorization = "device_authorization"
    /// A refresh with a token that cannot be valid: the client is looked at first (RFC 6749 section 5.2).
    case refresh
}

/// What filling a slot needs.
package struct AuthorizeWork: Sendable, Equatable {
    /// How the grant comes to be there.
    package enum Way: Sendable, Equatable {
        /// By a request without anybody: the token endpoint answers the client.
        case request
        /// An earlier consent that is in the vault and fits.
        case adopt(grant: String)
        /// By the refresh token of the grant in service, which goes on under the same id.
        case refresh(grant: String, Renewal)
        /// By a person in a browser.
        case consent

        var needsPerson: PersonNeed {
            switch self {
            case .request, .adopt, .refresh(_, .again), .refresh(_, .narrower): .none
            case .refresh(_, .wider): .maybe
            case .consent: .yes
            }
        }
    }

    /// Why a grant in service is renewed.
    package enum Renewal: String, Sendable {
        /// The client shows who it is in another way, or asks elsewhere; the scopes stay.
        case again
        /// Some scopes are given up.
        case narrower
        /// More is asked for than was granted. If the provider refuses that, a person must consent.
        case wider
    }

    package let profile: ResourceAddress
    package let subject: String
    package let way: Way
    package let client: ClientWork
}

/// Grants that are out of service, and whose tokens are to end at the provider as well (RFC 7009).
package struct RevokeWork: Sendable, Equatable {
    package let profile: ResourceAddress
    package let subject: String
    /// Their ids.
    package let grants: [String]
    /// Nil: their recipes say, or nothing does.
    package let endpoint: EndpointURL?
    /// What else ends with them.
    package let reach: RevocationReach
}

/// What becomes of the state's entry.
package enum RecordWork: Sendable, Equatable {
    case commit(PlannedRecord)
    /// No longer managed, and its grant taken out of service.
    case destroy
    /// No longer managed; its grant stays as it is.
    case release
}

/// A record without what only the run can know: time, proof and grant.
package struct PlannedRecord: Sendable, Equatable {
    /// Under which address it was committed, when it was renamed.
    package let previous: ResourceAddress?
    package let values: PlannedValues
    package let dependencies: [ResourceAddress]
    /// The authorization whose grant the record names.
    package let authorization: ResourceAddress?
    package let proof: Proof
    /// The digest of the settings that are committed: a proof holds for these.
    package let settings: String?

    /// What the record has to show for itself.
    package enum Proof: String, Sendable {
        /// A success in this run.
        case login
        /// What an earlier run proved still holds.
        case earlier
        /// Nothing: it is committed unproven.
        case none
    }

    package init(
        values: PlannedValues, dependencies: [ResourceAddress], authorization: ResourceAddress?, proof: Proof,
        settings: String? = nil, previous: ResourceAddress? = nil
    ) {
        self.values = values
        self.dependencies = dependencies
        self.authorization = authorization
        self.proof = proof
        self.settings = settings
        self.previous = previous
    }
}

/// The values of a record. Those of a declared resource are spelled out only when they are written: a plan holds many.
package enum PlannedValues: Sendable, Equatable {
    case of(EffectiveSpec)
    /// Of a resource that no manifest declares.
    case derived([String: EffectiveValue])

    package var declared: [String: FieldValue] {
        switch self {
        case .of(let spec): spec.declared
        case .derived: [:]
        }
    }

    package var effective: [String: EffectiveValue] {
        switch self {
        case .of(let spec): spec.effective
        case .derived(let values): values
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.of(let left), .of(let right)): left.recordDigest == right.recordDigest
        case (.derived(let left), .derived(let right)): left == right
        default: false
        }
    }
}

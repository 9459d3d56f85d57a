import KeelBase

/// An OAuth profile, ready to be planned.
package struct EffectiveProfile: Sendable {
    package let spec: EffectiveSpec
    package let grant: GrantType
    package let clientID: String
    package let clientSecret: SecretSource?
    /// Nil: the metadata says, else HTTP Basic.
    package let clientAuthentication: ClientAuthenticationMethod?
    package let endpoints: TokenEndpointSource
    package let scopes: [String]
    package let trust: Trust
    /// The first second of the day on which the client secret expires.
    package let secretExpires: Timestamp?
    package let authorizationParameters: [String: String]
    /// The preset, if the profile names one.
    package let provider: String?

    /// What else dies when one of its tokens is revoked.
    package var revocationReach: RevocationReach {
        spec.value(ProfileField.revocationReach.rawValue)?.text.flatMap(RevocationReach.init) ?? .unknown
    }

    package var address: ResourceAddress { spec.address }
    package var name: String { spec.address.name }
}

/// How the token endpoint is known.
package enum TokenEndpointSource: Sendable, Hashable {
    case given(EndpointURL)
    /// Found in the issuer's metadata.
    case discovered(issuer: EndpointURL, asWritten: String)
}

/// The slot that accounts with the same profile and subject share.
package struct EffectiveAuthorization: Sendable {
    package let address: ResourceAddress
    /// The profile's address.
    package let profile: ResourceAddress
    package let subject: String
    package let scopes: [String]
    /// Active accounts that need it, in order of their addresses; never empty.
    package var accounts: [ResourceAddress]

    package init(
        address: ResourceAddress, profile: ResourceAddress, subject: String, scopes: [String],
        accounts: [ResourceAddress] = []
    ) {
        self.address = address
        self.profile = profile
        self.subject = subject
        self.scopes = scopes
        self.accounts = accounts
    }

    /// A slot of the profile, before anybody needs it.
    package init(_ address: ResourceAddress, of profile: EffectiveProfile) {
        self.init(
            address: address, profile: profile.address, subject: String(address.name.dropFirst(profile.name.count + 1)),
            scopes: profile.scopes)
    }
}

/// Everything that the manifests want, with presets, defaults, references and derived authorizations resolved.
package struct EffectiveSet: Sendable {
    /// By address, in order.
    package var profiles: [EffectiveProfile] = []
    package var authorizations: [EffectiveAuthorization] = []
    package var accounts: [EffectiveAccount] = []
    package var refactoring = Refactoring()
    /// Whether everything that the manifests declare is in it: nothing was left out for a mistake.
    package var isWhole = true

    package init() {}
}

import KeelBase
import KeelProviders

/// An OAuth profile, ready to be planned.
package struct EffectiveProfile: Sendable {
    package let spec: EffectiveSpec
    package let grant: GrantType
    package let clientID: String
    /// Nil: the metadata says, else HTTP Basic.
    package let clientAuthentication: ClientAuthenticationMethod?
    package let endpoints: TokenEndpointSource
    /// The issuer that the manifest names, and how it is written there: metadata must name it so.
    package let issuer: (url: EndpointURL, asWritten: String)?
    /// The issuer that must have answered where an answer or an ID token names one: the manifest's, else that of a preset whose
    /// word for it was checked. Nil: it is not known for sure.
    package let expectedIssuer: String?
    /// The endpoints that the manifest or the preset gives.
    package let known: ProviderEndpoints
    /// Where the secrets come from that show who the client is, or for whom it acts.
    package let credentials: [CredentialField: SecretSource]
    /// The registered redirect URI; nil: `http://127.0.0.1`, sent with a free port.
    package let redirectURI: String?
    /// How long a refresh token lives that nobody uses, in seconds; nil: not known.
    package let refreshTokenLifetime: Int64?
    package let scopes: [String]
    package let trust: Trust
    /// The first second of the day on which the client secret expires.
    package let secretExpires: Timestamp?
    /// The first second of the day on which the client certificate expires.
    package let certificateExpires: Timestamp?
    package let authorizationParameters: [String: String]
    /// The provider, as the manifest names it.
    package let provider: String?
    /// What is known of the provider; nil for one without a preset.
    package let preset: PresetChoice?

    /// Whether its authorizations have the scopes that their accounts need, because the manifest names none.
    var derivesScopes: Bool { preset != nil && spec.value(ProfileField.scopes.rawValue) == nil }

    /// What else dies when one of its tokens is revoked.
    package var revocationReach: RevocationReach {
        spec.value(ProfileField.revocationReach.rawValue)?.text.flatMap(RevocationReach.init) ?? .unknown
    }

    /// Where the client's secret comes from.
    package var clientSecret: SecretSource? { credentials[.clientSecret] }

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
    /// The subject of an application that acts for itself.
    package static let application = "(app)"

    package let address: ResourceAddress
    /// The profile's address.
    package let profile: ResourceAddress
    package let subject: String
    /// Where the password of the user comes from, where the grant asks for one.
    package private(set) var password: SecretSource?
    /// The profile's, else the union of what the accounts' protocols need.
    package private(set) var scopes: [String]
    /// Who set the scopes.
    package private(set) var scopesOrigin: EffectiveValue.Origin
    /// Active accounts that need it, in order of their addresses; never empty.
    package private(set) var accounts: [ResourceAddress]
    /// The protocols of the accounts.
    private var protocols: Set<MailProtocol> = []

    /// A slot of the profile, before anybody needs it.
    package init(_ address: ResourceAddress, of profile: EffectiveProfile) {
        self.address = address
        self.profile = profile.address
        subject = String(address.name.dropFirst(profile.name.count + 1))
        scopes = profile.scopes
        scopesOrigin = profile.spec.origin(ProfileField.scopes.definition.name) ?? .manifest
        accounts = []
    }

    /// Adds an account that needs it, and what the account's protocol needs.
    package mutating func add(_ account: EffectiveAccount, of profile: EffectiveProfile) {
        accounts.append(account.address)
        // Others of the slot that name another source were refused.
        if profile.grant == .password, password == nil { password = account.password }
        guard profile.derivesScopes, let choice = profile.preset, protocols.insert(account.type).inserted else {
            return
        }
        scopes = choice.preset.scopes(for: protocols, by: profile.grant, in: choice.cloud)
        scopesOrigin = choice.origin
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

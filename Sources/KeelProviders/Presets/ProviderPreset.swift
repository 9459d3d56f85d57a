import KeelBase

/// What is known of a provider: endpoints, scopes, servers, offers and limits, as versioned data. Never anybody's client id.
package struct ProviderPreset: Sendable {
    /// The name in `provider:`.
    package let name: String
    /// Grows whenever a fact changes, so that a plan can say why a value moved.
    package let version: Int
    /// The name for people.
    package let title: String
    package let tenancy: Tenancy
    /// The regions or national clouds; the first is the default. Without any, the preset says nothing.
    package let clouds: [Cloud]
    /// The grants that give tokens for mail, the most usual first; empty where mail has no OAuth.
    package let grants: [GrantType]
    /// The scope without which a consent gives no refresh token, beside those of the protocols.
    package let offlineScope: String?
    /// What a person's consent needs in the authorization request beyond RFC 6749.
    package let authorizationParameters: [String: String]
    package let pkce: PKCESupport
    /// How long an unused refresh token lives, as a manifest says it; nil: not known, or no end.
    package let refreshTokenLifetime: String?
    package let revocationReach: RevocationReach?
    package let registration: Registration
    /// What people should know before they start, one sentence each.
    package let remarks: [String]
    package let unverified: [Unverified]
    /// The pages and programs from which the facts come.
    package let sources: [Source]

    init(
        name: String, version: Int, title: String, tenancy: Tenancy = .none, clouds: [Cloud], grants: [GrantType] = [],
        offlineScope: String? = nil, authorizationParameters: [String: String] = [:], pkce: PKCESupport = .unknown,
        refreshTokenLifetime: String? = nil, revocationReach: RevocationReach? = nil,
        registration: Registration = .none,
        remarks: [String] = [], unverified: [Unverified] = [], sources: [Source] = []
    ) {
        self.name = name
        self.version = version
        self.title = title
        self.tenancy = tenancy
        self.clouds = clouds
        self.grants = grants
        self.offlineScope = offlineScope
        self.authorizationParameters = authorizationParameters
        self.pkce = pkce
        self.refreshTokenLifetime = refreshTokenLifetime
        self.revocationReach = revocationReach
        self.registration = registration
        self.remarks = remarks
        self.unverified = unverified
        self.sources = sources
    }
}

extension ProviderPreset {
    /// All presets, in the order in which people are shown them.
    package static let all: [ProviderPreset] = [
        microsoft365, microsoftPersonal, google, yahoo, aol, fastmail, zoho, yandex, mailru, icloud, generic,
    ]

    /// The names in `provider:`, in the same order.
    package static let names = all.map(\.name)

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The preset of that name.
    package static func named(_ name: String) -> ProviderPreset? { byName[name] }

    /// The cloud of that name; the default cloud for nil.
    package func cloud(_ name: String?) -> Cloud? {
        guard let name else { return clouds.first }
        return clouds.first { $0.name == name }
    }

    /// Whether it says nothing, and all is asked of the manifest or of an issuer's metadata.
    package var isGeneric: Bool { clouds.isEmpty }

    /// Whether mail has OAuth there at all.
    package var offersOAuth: Bool { !grants.isEmpty }

    /// Whether `tenant` must be written.
    package var needsTenant: Bool { tenancy == .required }

    /// Whether devices get tokens there, but none for mail.
    package var refusesMailToDevices: Bool {
        offersOAuth && !grants.contains(.deviceCode) && clouds.contains { $0.deviceAuthorizationEndpoint != nil }
    }

    /// The scopes that accounts of these protocols need of a grant; in order, and none twice.
    package func scopes(for protocols: Set<MailProtocol>, by grant: GrantType, in cloud: Cloud) -> [String] {
        if grant == .clientCredentials { return cloud.applicationScopes }
        var scopes = Set(protocols.flatMap { cloud.servers[$0]?.scopes ?? [] })
        // Without a scope of its own for mail there is nothing to renew.
        if !scopes.isEmpty, !grant.isCache, let offlineScope { scopes.insert(offlineScope) }
        return scopes.sorted()
    }
}

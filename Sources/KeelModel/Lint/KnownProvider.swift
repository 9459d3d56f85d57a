import KeelBase
import KeelProviders

/// A provider and one of its clouds, as the rules ask about them.
final class KnownProvider: Sendable {
    /// Providers with rules that are not in the data of a preset.
    enum Family: Sendable { case microsoft, google, other }

    let preset: ProviderPreset
    let cloud: ProviderPreset.Cloud
    let family: Family

    init(_ preset: ProviderPreset, _ cloud: ProviderPreset.Cloud) {
        self.preset = preset
        self.cloud = cloud
        family =
            switch preset.name {
            case "microsoft365", "microsoft-personal": .microsoft
            case "google": .google
            default: .other
            }
    }

    var name: String { preset.name }
    var title: String { preset.title }
    var cloudName: String { cloud.name }

    /// Whether the tokens of this one are good for the servers of the other.
    func isSame(as other: KnownProvider) -> Bool {
        let isSameProvider = family == .other ? name == other.name : family == other.family
        return isSameProvider && cloud.name == other.cloud.name
    }

    // MARK: Recognizing

    private static let all: [KnownProvider] = ProviderPreset.all.flatMap { preset in
        preset.clouds.map { KnownProvider(preset, $0) }
    }

    /// By the hosts of mail servers; several clouds may share one.
    private static let byServer: [String: [KnownProvider]] = grouped { known in
        known.cloud.servers.values.map(\.host)
    }

    /// By the hosts of token endpoints and issuers.
    private static let byLogin: [String: [KnownProvider]] = grouped { known in
        [known.cloud.tokenEndpoint, known.cloud.issuer].compactMap { template in
            let text = template?.replacing("{tenant}", with: "tenant")
            return text.flatMap { try? EndpointURL(parsing: $0) }?.authority.host
        }
    }

    /// By the hosts of the resources that its scopes are for.
    private static let byAudience: [String: [KnownProvider]] = grouped { known in
        (known.cloud.applicationScopes + known.cloud.servers.values.flatMap(\.scopes)).compactMap(host)
    }

    private static func host(_ scope: String) -> String? {
        guard let scheme = scope.firstRange(of: "://") else { return nil }
        return scope[scheme.upperBound...].prefix { $0 != "/" }.lowercased()
    }

    private static func grouped(_ hosts: (KnownProvider) -> [String]) -> [String: [KnownProvider]] {
        var groups: [String: [KnownProvider]] = [:]
        for known in all {
            for host in Set(hosts(known)) { groups[host, default: []].append(known) }
        }
        return groups
    }

    /// The providers that a mail server belongs to.
    static func server(_ host: String) -> [KnownProvider] { byServer[host] ?? [] }

    /// The providers whose mail a scope is for; empty where it is for something else.
    static func audience(of scope: String) -> [KnownProvider] { host(scope).flatMap { byAudience[$0] } ?? [] }

    /// The provider of a profile: that of its preset, else the one whose token endpoint or issuer it uses.
    static func of(_ profile: EffectiveProfile) -> KnownProvider? {
        if let choice = profile.preset { return KnownProvider(choice.preset, choice.cloud) }
        return byLogin[profile.endpoints.url.authority.host]?.first
    }
}

extension TokenEndpointSource {
    /// The token endpoint, or the issuer that knows it.
    var url: EndpointURL {
        switch self {
        case .given(let url): url
        case .discovered(let issuer, _): issuer
        }
    }
}

// MARK: What a provider offers

extension KnownProvider {
    func offers(_ grant: GrantType) -> Bool { preset.grants.contains(grant) }

    /// Whether servers take tokens for the protocol.
    func offersOAuth(_ type: MailProtocol) -> Bool { cloud.servers[type]?.offersOAuth ?? false }

    /// How passwords stand with the protocol.
    enum Passwords: Sendable { case taken, retiring, refused }

    func passwords(_ type: MailProtocol) -> Passwords {
        switch cloud.servers[type]?.passwords {
        case .account, .application, nil: .taken
        case .retiring: .retiring
        case .refused: .refused
        }
    }

    /// The mechanisms by which servers take tokens.
    func tokenMechanisms(_ type: MailProtocol) -> [SASLMechanism] { cloud.servers[type]?.tokenMechanisms ?? [] }

    /// Ports that are registered for the protocol, and not answered.
    func unansweredPorts(_ type: MailProtocol) -> [Int] { cloud.servers[type]?.unansweredPorts ?? [] }

    /// The scopes that a consent needs for the protocol.
    func scopes(_ type: MailProtocol) -> [String] { cloud.servers[type]?.scopes ?? [] }

    /// Whether these scopes allow the protocol: one of the preset's, or one that does instead.
    func allows(_ type: MailProtocol, by scopes: [String]) -> Bool {
        let needed = self.scopes(type)
        return needed.isEmpty || scopes.contains { needed.contains($0) || isAlternative($0, to: needed) }
    }

    private func isAlternative(_ scope: String, to needed: [String]) -> Bool {
        switch family {
        // The same permission by another name of the same resource.
        case .microsoft: needed.contains { Self.permission($0) == Self.permission(scope) }
        // For service accounts: all labels, whatever a mailbox shows by IMAP.
        case .google: scope == "https://www.googleapis.com/auth/gmail.imap_admin"
        case .other: needed == ["mail:imap_full"] && scope == "mail:imap_ro"
        }
    }

    private static func permission(_ scope: String) -> Substring { scope.split(separator: "/").last ?? "" }
}

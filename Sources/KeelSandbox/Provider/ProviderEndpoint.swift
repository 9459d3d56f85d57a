/// The places of the provider.
enum ProviderEndpoint: CaseIterable {
    case metadata, keys, authorization, pushedAuthorization, deviceAuthorization, devicePage, token, introspection,
        revocation, userInfo
    /// Where a redirect leads whom it should not have led anywhere.
    case redirected
    /// How tests order faults and read counts.
    case faults, calm, counts, ending

    init?(at path: String, issuerPath: String) {
        // RFC 8414 section 3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery behind it.
        if path == "/.well-known/oauth-authorization-server" + issuerPath
            || path == issuerPath + "/.well-known/openid-configuration"
        {
            self = .metadata
            return
        }
        if let found = Self.allCases.first(where: { $0.isOfTests && $0.path == path }) {
            self = found
            return
        }
        guard path.hasPrefix(issuerPath) else { return nil }
        let rest = path.dropFirst(issuerPath.count)
        guard let found = Self.allCases.first(where: { $0 != .metadata && !$0.isOfTests && $0.path == rest }) else {
            return nil
        }
        self = found
    }

    /// Behind the issuer.
    var path: String {
        switch self {
        case .metadata: "/.well-known/openid-configuration"
        case .keys: "/jwks"
        case .authorization: "/authorize"
        case .pushedAuthorization: "/par"
        case .deviceAuthorization: "/device_authorization"
        case .devicePage: "/device"
        case .token: "/token"
        case .introspection: "/introspect"
        case .revocation: "/revoke"
        case .userInfo: "/userinfo"
        case .redirected: "/redirected"
        case .faults: "/control/faults"
        case .calm: "/control/calm"
        case .counts: "/control/counts"
        case .ending: "/control/end"
        }
    }

    /// How the log speaks of it.
    var service: String {
        switch self {
        case .metadata: "oauth_metadata"
        case .keys: "oauth_keys"
        case .authorization: "oauth_authorization"
        case .pushedAuthorization: "oauth_pushed_authorization"
        case .deviceAuthorization: "oauth_device_authorization"
        case .devicePage: "oauth_device_page"
        case .token: "oauth_token"
        case .introspection: "oauth_introspection"
        case .revocation: "oauth_revocation"
        case .userInfo: "oauth_userinfo"
        case .redirected: "oauth_redirected"
        case .faults, .calm, .counts, .ending: "control"
        }
    }

    /// Whether it is no part of a provider, and stands outside the issuer's path.
    var isOfTests: Bool {
        switch self {
        case .redirected, .faults, .calm, .counts, .ending: true
        default: false
        }
    }

    /// What the faults that any endpoint may have are called at this one: `token` in `token-slow`.
    var faultPrefix: String? {
        switch self {
        case .metadata: "metadata"
        case .keys: "jwks"
        case .authorization: "authorize"
        case .pushedAuthorization: "par"
        case .deviceAuthorization: "device"
        case .token: "token"
        case .introspection: "introspection"
        case .revocation: "revocation"
        case .userInfo: "userinfo"
        case .devicePage, .redirected, .faults, .calm, .counts, .ending: nil
        }
    }

    var methods: [String] {
        switch self {
        case .metadata, .keys, .authorization, .devicePage, .counts: ["GET", "HEAD"]
        case .userInfo, .faults, .redirected: ["GET", "POST"]
        case .calm, .ending, .pushedAuthorization, .deviceAuthorization, .token, .introspection, .revocation: ["POST"]
        }
    }
}

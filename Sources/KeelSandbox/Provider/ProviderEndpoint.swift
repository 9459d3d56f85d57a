/// The places of the provider.
enum ProviderEndpoint: CaseIterable {
    case metadata, keys, authorization, pushedAuthorization, deviceAuthorization, devicePage, token, introspection,
        revocation, userInfo

    init?(at path: String, issuerPath: String) {
        // RFC 8414 section 3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery behind it.
        if path == "/.well-known/oauth-authorization-server" + issuerPath
            || path == issuerPath + "/.well-known/openid-configuration"
        {
            self = .metadata
            return
        }
        guard path.hasPrefix(issuerPath) else { return nil }
        let rest = path.dropFirst(issuerPath.count)
        guard let found = Self.allCases.first(where: { $0 != .metadata && $0.path == rest }) else { return nil }
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
        }
    }

    var methods: [String] {
        switch self {
        case .metadata, .keys, .authorization, .devicePage: ["GET", "HEAD"]
        case .userInfo: ["GET", "POST"]
        case .pushedAuthorization, .deviceAuthorization, .token, .introspection, .revocation: ["POST"]
        }
    }
}

/// What an authorization server offers. The raw value is the name in its metadata (RFC 8414 section 2) without `_endpoint`.
package enum EndpointName: String, Sendable, CaseIterable, Comparable {
    case authorization, token
    case deviceAuthorization = "device_authorization"
    case revocation, introspection, userinfo
    case pushedAuthorization = "pushed_authorization_request"

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension ProviderEndpoints {
    package subscript(_ name: EndpointName) -> EndpointURL? {
        switch name {
        case .authorization: authorization
        case .token: token
        case .deviceAuthorization: deviceAuthorization
        case .revocation: revocation
        case .introspection: introspection
        case .userinfo: userinfo
        case .pushedAuthorization: pushedAuthorization
        }
    }
}

extension GrantType {
    /// Where no token can be had without.
    package var requiredEndpoints: Set<EndpointName> {
        switch self {
        case .authorizationCode: [.authorization, .token]
        case .deviceCode: [.deviceAuthorization, .token]
        case .clientCredentials, .jwtBearer, .password: [.token]
        }
    }

    /// What is used where a provider offers it: to see who consented and to what, and to end it. A cache has nothing that is
    /// worth ending, and nobody behind it.
    package var usefulEndpoints: Set<EndpointName> {
        switch self {
        case .authorizationCode: [.revocation, .introspection, .userinfo, .pushedAuthorization]
        case .deviceCode, .password: [.revocation, .introspection, .userinfo]
        case .clientCredentials, .jwtBearer: []
        }
    }
}

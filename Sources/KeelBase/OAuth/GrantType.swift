/// The way in which an OAuth profile obtains tokens.
package enum GrantType: String, Sendable, CaseIterable {
    /// RFC 6749 section 4.1 with PKCE (RFC 7636).
    case authorizationCode = "authorization_code"
    /// RFC 8628.
    case deviceCode = "device_code"
    /// RFC 6749 section 4.4: the application acts for itself.
    case clientCredentials = "client_credentials"
    /// RFC 7523 section 2.1.
    case jwtBearer = "jwt_bearer"
    /// RFC 6749 section 4.3; RFC 9700 section 2.4 forbids it.
    case password
}

extension GrantType {
    /// Whether losing the grant is no event, because a new one costs no person's time.
    package var isCache: Bool {
        switch self {
        case .clientCredentials, .jwtBearer: true
        case .authorizationCode, .deviceCode, .password: false
        }
    }

    /// Whether a person has to consent.
    package var needsPerson: Bool {
        switch self {
        case .authorizationCode, .deviceCode: true
        case .clientCredentials, .jwtBearer, .password: false
        }
    }
}

/// How a client shows the token endpoint who it is (RFC 6749 section 2.3, RFC 7523 section 2.2).
package enum ClientAuthenticationMethod: String, Sendable, CaseIterable {
    /// The secret in an `Authorization: Basic` header.
    case basic = "client_secret_basic"
    /// The secret in the form body.
    case post = "client_secret_post"
    /// A signed assertion.
    case privateKeyJWT = "private_key_jwt"
    /// A public client.
    case none
}

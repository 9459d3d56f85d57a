import KeelBase

/// What a token request offers for a token: its `grant_type`.
enum TokenGrant: String, CaseIterable {
    case authorizationCode = "authorization_code"
    case refreshToken = "refresh_token"
    case deviceCode = "urn:ietf:params:oauth:grant-type:device_code"
    case clientCredentials = "client_credentials"
    case jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    case password

    /// What the form asks for; nil if that is unknown here.
    init?(_ form: FormParameters) {
        guard let known = form["grant_type"].flatMap(Self.init(rawValue:)) else { return nil }
        self = known
    }

    /// How the log speaks of it.
    var name: String { kind?.rawValue ?? rawValue }

    /// What the client must be registered for; nil for what follows from any grant with a person.
    var kind: GrantType? {
        switch self {
        case .authorizationCode: .authorizationCode
        case .refreshToken: nil
        case .deviceCode: .deviceCode
        case .clientCredentials: .clientCredentials
        case .jwtBearer: .jwtBearer
        case .password: .password
        }
    }

    func isAllowed(to client: SandboxClient) -> Bool {
        guard let kind else { return !client.grants.isDisjoint(with: [.authorizationCode, .deviceCode, .password]) }
        return client.grants.contains(kind)
    }
}

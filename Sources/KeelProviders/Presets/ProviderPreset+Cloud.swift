import KeelBase

extension ProviderPreset {
    /// One region or national cloud.
    package struct Cloud: Sendable {
        /// The name in `cloud:`.
        package let name: String
        /// The issuer whose metadata describes the endpoints; nil where the provider has none. Like the endpoints, with
        /// `{tenant}` where the tenant goes.
        package let issuer: String?
        /// Nil where mail has no OAuth.
        package let tokenEndpoint: String?
        package let authorizationEndpoint: String?
        package let deviceAuthorizationEndpoint: String?
        /// RFC 7009; nil where there is none that follows it.
        package let revocationEndpoint: String?
        /// RFC 7662.
        package let introspectionEndpoint: String?
        /// The scopes of an application that acts for itself; empty where there is no such thing.
        package let applicationScopes: [String]
        package let servers: [MailProtocol: Server]

        init(
            name: String, issuer: String? = nil, tokenEndpoint: String? = nil, authorizationEndpoint: String? = nil,
            deviceAuthorizationEndpoint: String? = nil, revocationEndpoint: String? = nil,
            introspectionEndpoint: String? = nil, applicationScopes: [String] = [], servers: [MailProtocol: Server]
        ) {
            self.name = name
            self.issuer = issuer
            self.tokenEndpoint = tokenEndpoint
            self.authorizationEndpoint = authorizationEndpoint
            self.deviceAuthorizationEndpoint = deviceAuthorizationEndpoint
            self.revocationEndpoint = revocationEndpoint
            self.introspectionEndpoint = introspectionEndpoint
            self.applicationScopes = applicationScopes
            self.servers = servers
        }
    }

    /// A mail server, and what it takes.
    package struct Server: Sendable {
        package let host: String
        package let port: Int
        package let security: ConnectionSecurity
        /// The mechanisms that take an access token, the preferred first; empty: no OAuth by this protocol.
        package let tokenMechanisms: [SASLMechanism]
        /// The scopes that a consent or a service account needs for it.
        package let scopes: [String]
        package let passwords: PasswordOffer
        /// How many connections a mailbox may have at once; nil: no limit is known.
        package let maxConnections: Int?
        /// Ports that are usual for the protocol and that nobody answers here.
        package let unansweredPorts: [Int]

        init(
            _ host: String, _ port: Int, _ security: ConnectionSecurity = .tls,
            tokens tokenMechanisms: [SASLMechanism] = [], scopes: [String] = [], passwords: PasswordOffer,
            maxConnections: Int? = nil, unansweredPorts: [Int] = []
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.tokenMechanisms = tokenMechanisms
            self.scopes = scopes
            self.passwords = passwords
            self.maxConnections = maxConnections
            self.unansweredPorts = unansweredPorts
        }

        /// Whether accounts log in with access tokens.
        package var offersOAuth: Bool { !tokenMechanisms.isEmpty }
    }

    /// What becomes of a login with a password.
    package enum PasswordOffer: Sendable, Equatable {
        /// The account's own password.
        case account
        /// A password that the account's owner makes for one program.
        case application
        /// Still taken by some, and when no longer.
        case retiring(String)
        /// Never taken.
        case refused
    }
}

import KeelBase

/// An application registered at the sandbox's provider.
package struct SandboxClient: Sendable {
    package let id: String
    /// Nil for a client that has none: it signs assertions, or it is a public one (RFC 6749 section 2.1).
    package let secret: Secret?
    /// The scopes that it may ask for; all of them when it asks for none.
    package let scopes: [String]
    /// The mailboxes that tokens of its own open, those without a user.
    package let mailboxes: Set<String>
    package let grants: Set<GrantType>
    /// Where answers of the authorization endpoint may go; for a loopback address any port will do (RFC 8252 section 7.3).
    package let redirectURIs: [String]
    /// The keys with which it may sign in place of the secret (`private_key_jwt`, RFC 7523 section 3).
    package var keys: [SandboxKey] = []
    /// Who else may vouch for it.
    package var trustedIssuers: [TrustedIssuer] = []

    package init(
        id: String, secret: Secret?, scopes: [String], mailboxes: Set<String> = [],
        grants: Set<GrantType> = [.clientCredentials], redirectURIs: [String] = []
    ) {
        self.id = id
        self.secret = secret
        self.scopes = scopes
        self.mailboxes = mailboxes
        self.grants = grants
        self.redirectURIs = redirectURIs
    }

    /// Whether it has nothing to show.
    var isPublic: Bool { secret == nil && keys.isEmpty && trustedIssuers.isEmpty }
}

extension Set<String> {
    /// Whether one of these mailboxes is meant; the case of ASCII letters does not count.
    func containsMailbox(_ name: String) -> Bool {
        let wanted = name.lowercased()
        return contains { $0.lowercased() == wanted }
    }
}

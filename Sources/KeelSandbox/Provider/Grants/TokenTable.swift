import KeelBase
import Synchronization

/// An access token that was issued.
struct IssuedToken: Sendable {
    /// Its number in this run, such as `token-3`: how the log speaks of it.
    let reference: String
    let client: SandboxClient
    /// Nil for a token of the client's own.
    let user: SandboxUser?
    let scopes: [String]
    /// The consent that it goes back to; nil for a token of the client's own.
    let family: Int?
    let issuedAt: Timestamp
    let expiresAt: Timestamp

    /// Whether it opens this mailbox.
    func mayOpen(_ mailbox: String) -> Bool { (user?.mailboxes ?? client.mailboxes).containsMailbox(mailbox) }

    /// What it says of itself, if it is a JWT (RFC 9068 section 2.2).
    func claims(issuer: String) -> JSONText {
        var claims: [(name: String, value: JSONText)] = [
            ("iss", .string(issuer)), ("aud", .string("mail")), ("sub", .string(user?.subject ?? client.id)),
            ("client_id", .string(client.id)), ("scope", .string(scopes.joined(separator: " "))),
            ("iat", .number(issuedAt.seconds)), ("exp", .number(expiresAt.seconds)),
            ("jti", .string(OpaqueToken().text)),
        ]
        if let user {
            claims += [("email", .string(user.name)), ("preferred_username", .string(user.name))]
        }
        return .object(claims)
    }
}

/// The live tokens: the provider writes the table, its introspection and the mail servers read it.
final class TokenTable: Sendable {
    private struct State {
        var issued = 0
        /// By digest.
        var tokens: [[UInt8]: IssuedToken] = [:]
        var purgeAt = 1024
    }

    private let lifetime: Int
    private let time: any TimeSource
    private let text: (@Sendable (IssuedToken) -> String)?
    private let state = Mutex(State())

    /// The lifetime of each token is in seconds. Tokens are opaque, unless `text` says what is in one.
    init(lifetime: Int, time: any TimeSource, text: (@Sendable (IssuedToken) -> String)? = nil) {
        self.lifetime = lifetime
        self.text = text
        self.time = time
    }

    /// A new token.
    func issue(
        to client: SandboxClient, for user: SandboxUser? = nil, scopes: [String], family: Int? = nil
    ) -> (text: String, token: IssuedToken) {
        let now = time.now
        return state.withLock { state in
            if state.tokens.count >= state.purgeAt {
                state.tokens = state.tokens.filter { $0.value.expiresAt > now }
                state.purgeAt = max(1024, state.tokens.count * 2)
            }
            state.issued += 1
            let token = IssuedToken(
                reference: "token-\(state.issued)", client: client, user: user, scopes: scopes, family: family,
                issuedAt: now, expiresAt: now.adding(seconds: Int64(lifetime)))
            let text = self.text?(token) ?? OpaqueToken().text
            state.tokens[OpaqueToken.digest(of: text)] = token
            return (text, token)
        }
    }

    /// What is known of a token; nil if it was never issued here, has expired or was revoked.
    func introspect(_ token: String) -> IssuedToken? {
        let digest = OpaqueToken.digest(of: token)
        let now = time.now
        return state.withLock { $0.tokens[digest] }.flatMap { $0.expiresAt > now ? $0 : nil }
    }

    func revoke(_ token: String) {
        let digest = OpaqueToken.digest(of: token)
        state.withLock { _ = $0.tokens.removeValue(forKey: digest) }
    }

    /// Revokes all tokens that go back to one consent.
    func revoke(family: Int) {
        state.withLock { state in state.tokens = state.tokens.filter { $0.value.family != family } }
    }
}

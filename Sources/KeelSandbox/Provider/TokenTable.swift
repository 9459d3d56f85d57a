import KeelBase
import KeelCrypto
import Synchronization

/// An access token that was issued.
struct IssuedToken: Sendable {
    /// Its number in this run, such as `token-3`: how the log speaks of it.
    let reference: String
    let client: SandboxClient
    let scopes: [String]
    let issuedAt: Timestamp
    let expiresAt: Timestamp
}

/// The live tokens: the provider writes the table, its introspection and the mail servers read it.
final class TokenTable: Sendable {
    private struct State {
        var issued = 0
        /// By digest, so that the table holds no token; 32 random bytes cannot be guessed from theirs.
        var tokens: [[UInt8]: IssuedToken] = [:]
        var purgeAt = 1024
    }

    private let lifetime: Int
    private let time: any TimeSource
    private let state = Mutex(State())

    /// The lifetime of each token is in seconds.
    init(lifetime: Int, time: any TimeSource) {
        self.lifetime = lifetime
        self.time = time
    }

    /// A new opaque token.
    func issue(to client: SandboxClient, scopes: [String]) -> (text: String, token: IssuedToken) {
        let text = Base64.text(RandomBytes.make(count: 32), .url)
        let now = time.now
        let token = state.withLock { state in
            if state.tokens.count >= state.purgeAt {
                state.tokens = state.tokens.filter { $0.value.expiresAt > now }
                state.purgeAt = max(1024, state.tokens.count * 2)
            }
            state.issued += 1
            let token = IssuedToken(
                reference: "token-\(state.issued)", client: client, scopes: scopes, issuedAt: now,
                expiresAt: now.adding(seconds: Int64(lifetime)))
            state.tokens[SHA256Digest.bytes(of: Array(text.utf8))] = token
            return token
        }
        return (text, token)
    }

    /// What is known of a token; nil if it was never issued here or has expired.
    func introspect(_ token: [UInt8]) -> IssuedToken? {
        let digest = SHA256Digest.bytes(of: token)
        let now = time.now
        return state.withLock { $0.tokens[digest] }.flatMap { $0.expiresAt > now ? $0 : nil }
    }
}

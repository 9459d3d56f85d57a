import KeelBase
import Synchronization

/// The refresh tokens, in families: all those that go back to one consent.
final class RefreshTable: Sendable {
    struct Token: Sendable {
        /// Its number in this run, such as `refresh-3`: how the log speaks of it.
        let reference: String
        let family: Int
        let consent: Consent
        let expiresAt: Timestamp?
        /// When it was used, if it is spent.
        var spentAt: Timestamp?
    }

    /// What came of a refresh token that a client showed.
    enum Outcome {
        /// It counts; the text is that of its successor, or nil if it stays.
        case good(Token, successor: (text: String, token: Token)?)
        /// It was used before; whether that ended its family.
        case reused(Token, endsFamily: Bool)
        case refused(reason: String, Token?)
    }

    private struct State {
        var issued = 0
        var families = 0
        var ended: Set<Int> = []
        /// By digest.
        var tokens: [[UInt8]: Token] = [:]
    }

    private let rules: RefreshRules
    private let time: any TimeSource
    private let state = Mutex(State())

    init(_ rules: RefreshRules, time: any TimeSource) {
        self.rules = rules
        self.time = time
    }

    /// The number of a new family.
    func newFamily() -> Int {
        state.withLock { state in
            state.families += 1
            return state.families
        }
    }

    /// The first token of a family.
    func issue(for consent: Consent, family: Int) -> (text: String, token: Token) {
        let now = time.now
        return state.withLock { state in issue(consent, family, now, &state) }
    }

    /// Takes a refresh token from a client, and gives its successor in the same moment where tokens rotate.
    func redeem(_ text: String, by client: SandboxClient) -> Outcome {
        let digest = OpaqueToken.digest(of: text)
        let now = time.now
        return state.withLock { state in
            guard let token = state.tokens[digest] else { return .refused(reason: "unknown_refresh_token", nil) }
            guard token.consent.client.id == client.id else {
                return .refused(reason: "refresh_token_of_another_client", token)
            }
            guard !state.ended.contains(token.family) else { return .refused(reason: "family_ended", token) }
            guard token.expiresAt.map({ $0 > now }) ?? true else {
                return .refused(reason: "refresh_token_expired", token)
            }
            if let spentAt = token.spentAt, now.seconds - spentAt.seconds >= Int64(rules.grace) {
                if rules.detectsReuse { state.ended.insert(token.family) }
                return .reused(token, endsFamily: rules.detectsReuse)
            }
            guard rules.rotates else { return .good(token, successor: nil) }
            if token.spentAt == nil { state.tokens[digest]?.spentAt = now }
            return .good(token, successor: issue(token.consent, token.family, now, &state))
        }
    }

    /// What is known of a token; nil unless it would be taken, grace aside.
    func introspect(_ text: String) -> Token? {
        let digest = OpaqueToken.digest(of: text)
        let now = time.now
        return state.withLock { state in
            guard let token = state.tokens[digest], !state.ended.contains(token.family), token.spentAt == nil,
                token.expiresAt.map({ $0 > now }) ?? true
            else { return nil }
            return token
        }
    }

    /// What is known of a token, live or not.
    func find(_ text: String) -> Token? {
        let digest = OpaqueToken.digest(of: text)
        return state.withLock { $0.tokens[digest] }
    }

    /// Ends a family; false if it had ended before.
    @discardableResult
    func end(family: Int) -> Bool { state.withLock { $0.ended.insert(family).inserted } }

    /// Ends all families of one person, and returns which.
    func end(of user: SandboxUser) -> [Int] {
        state.withLock { state in
            let families = Set(state.tokens.values.filter { $0.consent.user.subject == user.subject }.map(\.family))
            let live = families.subtracting(state.ended)
            state.ended.formUnion(live)
            return live.sorted()
        }
    }

    private func issue(
        _ consent: Consent, _ family: Int, _ now: Timestamp, _ state: inout State
    ) -> (text: String, token: Token) {
        let opaque = OpaqueToken()
        state.issued += 1
        let token = Token(
            reference: "refresh-\(state.issued)", family: family, consent: consent,
            expiresAt: rules.lifetime.map { now.adding(seconds: Int64($0)) })
        state.tokens[opaque.digest] = token
        return (opaque.text, token)
    }
}

import KeelBase

/// Decides which token opens which mailbox, from the provider's own table of live tokens.
struct MailboxGate: Sendable {
    enum Verdict {
        case admitted(IssuedToken)
        /// The token does not count here.
        case invalidToken(reason: String, IssuedToken?)
        /// The token counts, but not for this mailbox.
        case otherMailbox(IssuedToken)
    }

    /// What a token must have been granted to read mail.
    static let scope = "mail"

    let tokens: TokenTable

    func admit(_ response: XOAUTH2Response) -> Verdict {
        guard let token = tokens.introspect(response.token.revealText()) else {
            return .invalidToken(reason: "unknown_or_expired_token", nil)
        }
        guard token.scopes.contains(Self.scope) else {
            return .invalidToken(reason: "insufficient_scope", token)
        }
        return token.mayOpen(response.mailbox) ? .admitted(token) : .otherMailbox(token)
    }
}

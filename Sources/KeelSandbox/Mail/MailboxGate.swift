import KeelBase

/// Somebody who was let in.
struct MailboxLogin: Sendable {
    /// The mailbox that is open.
    let mailbox: String
    /// Whom mail may be from: the mailbox itself, and those that were shared with its owner.
    let senders: Set<String>
}

/// Decides who opens which mailbox: by the provider's own table of live tokens, and by the mailboxes' password.
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
    /// What is enough to send it.
    static let sendingScope = "mail.send"

    let tokens: TokenTable
    let users: UserDirectory
    /// Of every mailbox; the same one, so that it need not be looked up.
    let password: Secret

    func admit(_ mailbox: String, by secret: Secret, to service: MailProtocol) -> Verdict {
        guard let token = tokens.introspect(secret.revealText()) else {
            return .invalidToken(reason: "unknown_or_expired_token", nil)
        }
        let isEnough =
            token.scopes.contains(Self.scope) || (service == .smtp && token.scopes.contains(Self.sendingScope))
        guard isEnough else { return .invalidToken(reason: "insufficient_scope", token) }
        return token.mayOpen(mailbox) ? .admitted(token) : .otherMailbox(token)
    }

    /// Whether there is such a mailbox.
    func knows(_ mailbox: String) -> Bool { users.user(mailbox) != nil }

    /// The password of a mailbox; nil if there is no such mailbox.
    func password(of mailbox: String) -> Secret? { knows(mailbox) ? password : nil }

    func login(_ mailbox: String) -> MailboxLogin {
        let user = users.user(mailbox)
        return MailboxLogin(mailbox: user?.name ?? mailbox, senders: user?.mailboxes ?? [mailbox])
    }
}

import KeelBase

extension MailReply {
    /// Answers to a login (RFC 2449 section 8, RFC 3206, and what providers say without a code).
    static let pop3 = [
        MailReply(
            .pop3, "auth", code: "AUTH", "the server does not accept the credential for this user", .ambiguous,
            by: .tenantAdministrator,
            fix:
                "check userName, and that the credential is for this server; a token is renewed once before this is said"
        ),
        MailReply(
            .pop3, "unknown-user", of: .microsoft, hint: "unknown user name or bad password",
            "Exchange does not accept the token for this mailbox, and does not say why", .ambiguous,
            by: .tenantAdministrator, fix: "go through the list in this order",
            checklist: [
                "the token is for https://outlook.office.com, not for Graph",
                "its scope or role is POP.AccessAsUser.All or POP.AccessAsApp",
                "POP is on for the mailbox: Get-CASMailbox shows it",
                "app-only: the service principal is registered in Exchange with the object id of the enterprise application, and has FullAccess to the mailbox",
                "userName is the mailbox, and the person who consented may open it",
            ]),
        MailReply(
            .pop3, "sys-temp", code: "SYS/TEMP", "the server reports a trouble of its own that should pass", .transient,
            fix:
                "try again later; if it stays at the login, its connection to the OAuth provider or to its users is broken"
        ),
        MailReply(
            .pop3, "sys-perm", code: "SYS/PERM", "the server says that the account cannot be used", .fixTenant,
            fix: "ask the administrator of the mail server; POP may be off for the mailbox"),
        MailReply(
            .pop3, "login-delay", code: "LOGIN-DELAY", "the last login was too short a time ago", .throttled,
            fix: "wait; the server allows a login only every so often"),
        MailReply(
            .pop3, "in-use", code: "IN-USE", "the mailbox is in use by another session", .transient,
            fix: "try again later: only one POP3 session may have it at a time"),
    ]
}

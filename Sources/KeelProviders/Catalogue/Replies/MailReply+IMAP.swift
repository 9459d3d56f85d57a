import KeelBase

extension MailReply {
    /// Answers to a login (RFC 9051 section 7.1, RFC 5530, and what providers say without a code).
    static let imap = coded + microsoft + asked

    private static let coded = [
        MailReply(
            .imap, "authenticationfailed", code: "AUTHENTICATIONFAILED",
            "the server does not accept the credential for this user", .ambiguous, by: .tenantAdministrator,
            fix:
                "check userName, and that the credential is for this server; a token is renewed once before this is said"
        ),
        MailReply(
            .imap, "authenticationfailed.google", code: "AUTHENTICATIONFAILED", of: .google,
            "Google does not accept the token or password for this user", .ambiguous, by: .user,
            fix: "run mailkeel authorize if a forced renewal did not help",
            checklist: [
                "the grant was not revoked in the user's account", "its scope is https://mail.google.com/",
                "userName is the account that consented", "not too many sessions are open at once",
            ]),
        MailReply(
            .imap, "authorizationfailed", code: "AUTHORIZATIONFAILED",
            "the credential is good, but it may not open this mailbox", .fixTenant,
            fix: "give the person or application access to the mailbox"),
        MailReply(
            .imap, "expired", code: "EXPIRED", "the password of the account has expired", .fixTenant, by: .user,
            fix: "let the user set a new password, or the administrator lift its expiry"),
        MailReply(
            .imap, "contactadmin", code: "CONTACTADMIN", "the server sends the user to its administrator", .fixTenant,
            fix: "ask the administrator of the mail server what is wrong with the account"),
        MailReply(
            .imap, "privacyrequired", code: "PRIVACYREQUIRED", "the server wants an encrypted connection", .fixManifest,
            fix: "set connectionSecurity to tls or starttls"),
        MailReply(
            .imap, "logindisabled", hint: "logindisabled", "the server takes no login in clear", .fixManifest,
            fix: "set connectionSecurity to tls or starttls"),
        MailReply(
            .imap, "unavailable", code: "UNAVAILABLE", "the server cannot reach what it checks credentials with",
            .transient, fix: "try again later; if it stays, its connection to the OAuth provider is broken"),
        MailReply(
            .imap, "inuse", code: "INUSE", "the mailbox is in use by another session", .transient,
            fix: "try again later"),
        MailReply(
            .imap, "limit", code: "LIMIT", "the server has reached a limit", .throttled,
            fix: "try again later, with fewer connections at once: maxConnections"),
        MailReply(
            .imap, "overquota", code: "OVERQUOTA", "the mailbox is over its quota", .fixTenant, by: .user,
            fix: "let the user make room, or the administrator raise the quota"),
        MailReply(
            .imap, "referral", code: "REFERRAL",
            "the server sends to another one; Mailkeel shows a credential only where the manifest says",
            .fixManifest,
            fix: "ask the administrator of the mail server where the mailbox is; if it has moved, set server to that"),
        MailReply(
            .imap, "serverbug", code: "SERVERBUG", "the server reports a fault of its own", .transient,
            fix: "try again later, or read its log"),
    ]

    private static let microsoft = [
        MailReply(
            .imap, "authenticate-failed", of: .microsoft, hint: "authenticate failed",
            "Exchange does not accept the token for this mailbox, and does not say why", .ambiguous,
            by: .tenantAdministrator, fix: "go through the list in this order",
            checklist: [
                "the token is for https://outlook.office.com, not for Graph",
                "its scope or role is IMAP.AccessAsUser.All or IMAP.AccessAsApp",
                "IMAP is on for the mailbox: Get-CASMailbox shows it",
                "app-only: the service principal is registered in Exchange with the object id of the enterprise application, and has FullAccess to the mailbox",
                "userName is the mailbox, and the person who consented may open it",
            ]),
        MailReply(
            .imap, "not-connected", hint: "authenticated but not connected",
            "the login was accepted, but the server gives no session for this mailbox", .ambiguous,
            by: .tenantAdministrator,
            fix: "go through the list in this order; nothing is concluded from one such answer",
            checklist: [
                "the mailbox exists, has a licence, and IMAP is on for it",
                "the person or application has access to it, if it is not their own",
                "the token's scope includes IMAP", "not too many sessions are open at once",
                "the provider reports no incident",
            ]),
        MailReply(
            .imap, "session-invalidated", hint: "accesstokenexpired", "the access token expired during the session",
            .transient,
            fix: "try again later: a new token was obtained and the login repeated already, where there is a grant"),
        MailReply(
            .imap, "connection-closed-14", hint: "connection closed. 14",
            "Exchange ended the session after errors, or because of too many requests", .throttled,
            fix: "try again later, with fewer connections at once: maxConnections"),
    ]

    private static let asked = [
        MailReply(
            .imap, "web-login", hint: "log in via your web browser",
            "the provider wants the user to sign in with a browser first", .reauthorize,
            fix: "let the user sign in with a browser and answer the challenge there"),
        MailReply(
            .imap, "webalert", code: "WEBALERT", "the provider wants the user to sign in with a browser first",
            .reauthorize, fix: "let the user sign in with a browser and answer the challenge there"),
        MailReply(
            .imap, "too-many-connections", hint: "too many simultaneous connections",
            "more sessions are open than the provider allows", .throttled,
            fix: "set maxConnections lower, and close other programs that use the mailbox"),
    ]
}

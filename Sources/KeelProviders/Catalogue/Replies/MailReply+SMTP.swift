import KeelBase

extension MailReply {
    /// Replies to a login or a sender (RFC 4954 section 6, RFC 3463, and what providers say of their own).
    static let smtp = logins + microsoftLogins + senders + busy + sessions

    private static func smtp(
        _ code: String, as id: String? = nil, of origin: ErrorOrigin? = nil, hint: String? = nil, _ cause: String,
        _ failureClass: FailureClass, by responsible: Responsible? = nil, fix: String, checklist: [String] = []
    ) -> MailReply {
        MailReply(
            .smtp, code.replacing(" ", with: "-") + (id.map { ".\($0)" } ?? ""), code: code, of: origin, hint: hint,
            cause,
            failureClass, by: responsible, fix: fix, checklist: checklist)
    }

    private static let logins = [
        smtp(
            "334", "the server refuses the credential, and its challenge says why", .ambiguous,
            fix:
                "read the status in the challenge: Mailkeel answers it as the mechanism demands, then reads the verdict"
        ),
        smtp(
            "535", "the server does not accept the credential", .ambiguous, by: .tenantAdministrator,
            fix:
                "compare userName and the credential; if it worked before, ask whether the server can reach what it checks with",
            checklist: [
                "Postfix gives this reply too when it cannot ask the OAuth provider: a bad token comes with a challenge before it",
                "userName is the mailbox as the server knows it", "the credential belongs to this server",
            ]),
        smtp(
            "535 5.7.8", as: "google", of: .google, "Google does not accept the token or password for this user",
            .ambiguous,
            by: .user, fix: "check userName; with oauth2 run mailkeel authorize if a forced renewal did not help",
            checklist: [
                "the grant was not revoked in the user's account", "its scope is https://mail.google.com/",
                "userName is the account that consented",
            ]),
        smtp(
            "534 5.7.9", "the account has 2-step verification, and takes an application password instead", .reauthorize,
            fix: "use authentication: oauth2, or put an application password where the password comes from"),
        smtp(
            "534 5.7.14", "the provider wants the user to sign in with a browser first", .reauthorize,
            fix: "let the user sign in with a browser and answer the challenge there"),
        smtp(
            "538 5.7.11", "the mechanism needs an encrypted connection", .fixManifest,
            fix: "set connectionSecurity to tls or starttls"),
        smtp(
            "504 5.5.4", "the server does not know the mechanism", .fixManifest,
            fix: "set mechanism to one that the server offers; mailkeel test -v shows them"),
        smtp(
            "504 5.7.4", "the server does not take this mechanism", .fixManifest,
            fix: "set mechanism to one that the server offers; mailkeel test -v shows them"),
        smtp(
            "500 5.5.6", "the credential is longer than the server's line", .fixTenant,
            fix: "raise the server's line limit, or let the provider issue shorter tokens"),
        smtp(
            "500 5.3.3", "the credential is longer than the server's line", .fixTenant,
            fix: "raise the server's line limit, or let the provider issue shorter tokens"),
        smtp(
            "501 5.5.127", of: .microsoft, "the token ends too soon for the server", .transient,
            fix: "run mailkeel refresh: high volume mail wants tokens with at least ten minutes left"),
    ]

    private static let tenant =
        "enable it by Set-TransportConfig -SmtpClientAuthenticationDisabled $false, or for this mailbox by Set-CASMailbox -SmtpClientAuthenticationDisabled $false; a new token does not help"

    private static let microsoftLogins = [
        smtp(
            "535 5.7.3", of: .microsoft, "Exchange does not accept the token for this mailbox, and does not say why",
            .ambiguous, by: .tenantAdministrator, fix: "go through the list in this order",
            checklist: [
                "the token is for https://outlook.office.com, not for Graph",
                "its scope or role is SMTP.Send or SMTP.SendAsApp",
                "SMTP AUTH is on for the mailbox and the tenant",
                "app-only: the service principal is registered in Exchange with the object id of the enterprise application, and has the mailbox",
                "userName is the mailbox, and the person who consented may open it",
            ]),
        smtp(
            "535 5.7.139", of: .microsoft, "Exchange refuses the login by a policy", .fixTenant,
            fix: "read the server's words: they name the policy; SMTP AUTH is the usual one, so \(tenant)"),
        smtp(
            "535 5.7.139", as: "smtp-auth-disabled", of: .microsoft, hint: "smtpclientauthentication is disabled",
            "SMTP AUTH is switched off for the tenant or the mailbox, for OAuth as well", .fixTenant, fix: tenant),
        smtp(
            "535 5.7.139", as: "security-defaults", of: .microsoft, hint: "security defaults",
            "the tenant's security defaults lock out logins by password", .fixTenant,
            fix:
                "use authentication: oauth2, or let the tenant's administrator replace the security defaults by policies"
        ),
        smtp(
            "535 5.7.139", as: "criteria", of: .microsoft, hint: "did not meet the criteria",
            "a policy of the tenant does not allow this login", .fixTenant,
            fix: "let the tenant's administrator look at the sign-in log: it names the policy"),
        smtp(
            "550 5.7.30", of: .microsoft, "Exchange no longer takes passwords for sending", .fixManifest,
            fix: "set authentication: oauth2, with a profile of provider microsoft365"),
    ]

    private static let senders = [
        smtp(
            "530 5.7.57", of: .microsoft, "Exchange counts the session as not logged in", .fixTenant,
            fix: "check that SMTP AUTH is on for the mailbox, and that the account logs in at all"),
        smtp(
            "530 5.7.0", "the server wants a login, or TLS, before it takes a sender", .fixManifest,
            fix: "set authentication, and connectionSecurity to tls or starttls"),
        smtp(
            "550 5.7.60", of: .microsoft, "the login may not send as this sender", .fixTenant,
            fix: "grant Send As on that address to the mailbox, or set from to an address of its own"),
        smtp(
            "554 5.7.60", of: .microsoft, "the login may not send as this sender", .fixTenant,
            fix: "grant Send As on that address to the mailbox, or set from to an address of its own"),
        smtp(
            "553 5.7.1", "the sender does not belong to the login", .fixTenant,
            fix: "let the server's administrator give the address to the login, or change from"),
        smtp(
            "550 5.7.1", "the server does not allow this sender", .fixTenant,
            fix: "let the server's administrator allow it, or change from"),
    ]

    private static let busy = [
        smtp(
            "432 4.3.2", of: .microsoft, "more connections send for this mailbox than Exchange allows", .throttled,
            fix: "set maxConnections to 1, 2 or 3"),
        smtp("421", "the server closes the session", .transient, fix: "try again later"),
        smtp(
            "421 4.3.2", "the service is busy or not available", .transient,
            fix: "try again later"),
        smtp(
            "421 4.4.2", "the session was idle too long, or messages came too fast", .throttled,
            fix: "try again later, with fewer connections at once"),
        smtp("421 4.7.0", "the server wants fewer logins from here", .throttled, fix: "try again later"),
        smtp("451 4.7.500", of: .microsoft, "Exchange is busy", .transient, fix: "try again in some minutes"),
        smtp(
            "454 4.7.0", "the server cannot check credentials just now", .transient,
            fix: "try again later; if it stays, its connection to the OAuth provider or to its users is broken"),
        smtp(
            "454 4.7.0", as: "too-many-logins", hint: "too many login attempts",
            "too many logins failed or came at once",
            .throttled, fix: "wait; a login that works resets it"),
    ]

    private static let sessions = [
        smtp(
            "500", "the server does not know the command", .ambiguous, by: .operatorHere,
            fix:
                "check type, server and port; said of EHLO or STARTTLS, something on the way may be taking the encryption out"
        ),
        smtp(
            "502", "the server does not offer the command", .ambiguous, by: .operatorHere,
            fix:
                "check type, server and port; said of EHLO or STARTTLS, something on the way may be taking the encryption out"
        ),
        smtp(
            "503", "the server holds the commands for out of order", .ambiguous, by: .tenantAdministrator,
            fix: "read the server's log; some say it where a login is not possible at all"),
    ]
}

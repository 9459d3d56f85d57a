import KeelDiagnostics

extension RuleDescription {
    static let oauthNotOffered = RuleDescription(
        .error, "The provider does not take OAuth tokens for this protocol",
        why:
            "Some providers know OAuth for IMAP and SMTP only (Yandex and Mail.ru have none for POP3), and some know none for mail at all (iCloud).",
        fix: "Read the mailbox by imap, or use authentication: password with an application password.",
        before: "type: pop3\noauthProfile: yandex", after: "type: imap\noauthProfile: yandex")

    static let passwordNotOffered = RuleDescription(
        .error, "The provider takes no passwords here",
        why:
            "Microsoft ended password logins for IMAP and POP3 in January 2023, and for personal accounts on 16 September 2024. For SMTP they still work where an administrator allows it: they are off by default from the end of December 2026, are not available in tenants made after that, and the day of their removal is to be announced in the second half of 2027 (Exchange team blog, 27 January 2026; then: 550 5.7.30). SMTP is therefore a warning.",
        fix: "Use authentication: oauth2 with an OAuthProfile.",
        before: "server: outlook.office365.com\npassword: { fromEnv: PASSWORD }",
        after: "server: outlook.office365.com\noauthProfile: m365")

    static let mechanismNotOffered = RuleDescription(
        .error, "The provider's servers do not know this SASL mechanism",
        why:
            "Microsoft's servers take tokens by XOAUTH2 only, not by OAUTHBEARER (learn.microsoft.com, Authenticate an IMAP, POP or SMTP connection using OAuth). A login never falls back to another mechanism than the declared one.",
        fix: "Remove mechanism; the preset knows the right one.",
        before: "oauthProfile: m365\nmechanism: OAUTHBEARER", after: "oauthProfile: m365")

    static let mechanismContradicts = RuleDescription(
        .error, "The mechanism cannot carry this kind of credential",
        why:
            "XOAUTH2 and OAUTHBEARER carry a token; PLAIN, LOGIN, CRAM-MD5 and SCRAM carry a password. An account without authentication has no mechanism.",
        fix: "Remove mechanism, or change authentication.", before: "authentication: oauth2\nmechanism: PLAIN",
        after: "authentication: oauth2", canBeSilenced: false)

    static let userNameNotAddress = RuleDescription(
        .error, "The provider knows its mailboxes by their addresses",
        why:
            "Microsoft and Google compare the user name of a login with the token, by the whole address. A bare name fails with no more than AUTHENTICATE failed.",
        fix: "Write the whole address of the mailbox.", before: "userName: support",
        after: "userName: support@contoso.com")

    static let sharedMailboxName = RuleDescription(
        .error, "A shared mailbox is not named by user\\mailbox any more",
        why:
            "That form belonged to password logins. With a token the user name is the shared mailbox's own address, and the token is that of the person who may open it (learn.microsoft.com, Authenticate an IMAP, POP or SMTP connection using OAuth: shared mailboxes).",
        fix: "Write the shared mailbox as userName and the person as authorizedAs.",
        before: "userName: desk.lead@contoso.com\\support",
        after: "userName: support@contoso.com\nauthorizedAs: desk.lead@contoso.com")

    static let authorizedAsWithoutEffect = RuleDescription(
        .warning, "Nobody consents, so authorizedAs has no effect",
        why:
            "With client_credentials the application acts for itself, and with a password the mailbox does. Whoever reads the manifest would think that a person is involved.",
        fix: "Remove authorizedAs, or use a grant in which a person consents.",
        before: "oauthProfile: application\nauthorizedAs: desk.lead@contoso.com", after: "oauthProfile: application")

    static let senderPermission = RuleDescription(
        .note, "Sending under another address needs a permission",
        why:
            "A mail server lets a mailbox send under its own addresses. For another one Exchange wants Send As (else 550 5.7.60, SendAsDenied), and Gmail an alias that the mailbox has verified (else it replaces the sender). Servers tell only when a message is sent.",
        fix: "Give the mailbox the permission at the provider, and silence this note with the ticket that did.",
        before: "userName: support@contoso.com\nfrom: no-reply@contoso.com", after: "userName: support@contoso.com")

    static let debug = RuleDescription(
        .warning, "debug is on",
        why:
            "Transcripts are for finding a fault. Left on, they keep names of people and folders for as long as somebody keeps the files.",
        fix:
            "Remove the line when the fault is found, or say how long it is needed: allow/lint.debug: \"case 4711 until May\".",
        before: "debug: true", after: "debug: false")
}

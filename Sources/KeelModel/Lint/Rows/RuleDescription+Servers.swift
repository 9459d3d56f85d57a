import KeelDiagnostics

extension RuleDescription {
    static let clearText = RuleDescription(
        .error, "Mail and credentials would go in clear text",
        why:
            "Everybody on the way can read and change them (RFC 8314). A token in clear text is an open mailbox. Where the project's policy allows it, this is a warning.",
        fix: "Use tls or starttls. For a server without either, allow clear text in the project's policy.",
        before: "connectionSecurity: none", after: "connectionSecurity: tls", canBeSilenced: false)

    static let credentialInClear = RuleDescription(
        .error, "The mechanism shows its credential, and nothing hides it on the way",
        why:
            "A policy may allow connections without TLS. XOAUTH2, OAUTHBEARER, PLAIN and LOGIN would give the credential itself to everybody on the way, so no login ever uses them there. CRAM-MD5, SCRAM and POP3's APOP show only that the password is known.",
        fix:
            "Use tls or starttls, or a password with CRAM-MD5 or SCRAM, or authentication: none for a server that takes the account without.",
        before: "connectionSecurity: none\noauthProfile: m365", after: "connectionSecurity: tls\noauthProfile: m365",
        canBeSilenced: false)

    static let portSecurity = RuleDescription(
        .error, "Port and connectionSecurity contradict each other",
        why:
            "993, 995 and 465 speak TLS from the first byte; 143, 110 and 587 begin in clear text and change by STARTTLS (RFC 8314 section 7). With the other kind both sides wait for each other until time is up.",
        fix: "Change one of the two, or leave out port.", before: "connectionSecurity: starttls\nport: 993",
        after: "connectionSecurity: tls\nport: 993")

    static let portOfOtherProtocol = RuleDescription(
        .error, "The port is the registered one of another protocol",
        why: "A server that follows the registry of ports does not answer in this protocol there.",
        fix: "Correct type or port, or leave out port.", before: "type: smtp\nport: 993",
        after: "type: smtp\nport: 465")

    static let relayPort = RuleDescription(
        .warning, "Port 25 is where servers hand mail to each other",
        why:
            "Mail of users is submitted on 587 or 465 (RFC 6409 section 3.1, RFC 8314 section 3.3). Port 25 is closed in many networks, and many servers take no logins there.",
        fix: "Use port 587 with starttls, or 465 with tls.", before: "type: smtp\nport: 25",
        after: "type: smtp\nport: 587")

    static let portNotAnswered = RuleDescription(
        .error, "The provider does not answer on this port",
        why:
            "smtp.office365.com takes submissions on 587 with STARTTLS only (learn.microsoft.com, POP, IMAP, and SMTP settings for Outlook.com and Microsoft 365). A connection to 465 is never answered.",
        fix: "Use port 587 with starttls, or leave out server, port and connectionSecurity for those of the preset.",
        before: "server: smtp.office365.com\nport: 465\nconnectionSecurity: tls", after: "server: smtp.office365.com")

    static let serverOfOtherProvider = RuleDescription(
        .error, "The server belongs to another provider or cloud than the profile",
        why:
            "A server takes tokens of its own provider, and of its own cloud (Microsoft's global, GCC High, DoD and China clouds know nothing of each other). Others would be shown a token that opens mailboxes elsewhere.",
        fix: "Leave out server for the preset's, or name the right profile or cloud.",
        before: "oauthProfile: m365\nserver: imap.gmail.com", after: "oauthProfile: m365")
}

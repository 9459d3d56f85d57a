import KeelBase

extension Meaning {
    /// The meaning of a failed login, by the stable code of the mail machines. `showing` is what was shown to the server;
    /// `isForGood` says that the same login fails until something changes.
    package static func ofMailFailure(
        _ code: String, showing: AuthenticationMethod, isForGood: Bool = false
    ) -> Meaning {
        (showing == .password ? passwordFailures[code] : nil) ?? (isForGood ? refusedForGood[code] : nil)
            ?? mailFailures[code]
            ?? Meaning(
                "the mail server refused the login", .tenantAdministrator, "read the server's words above, or its log")
    }

    /// What a reply adds to the meaning of a failure: the words of its row, where the row knows who must act. What passes by the
    /// protocol's own codes stays so.
    package func refined(by reply: MailReply?, mayPass: Bool) -> Meaning {
        guard let reply else { return self }
        if mayPass, !reply.failureClass.mayPass { return self }
        return reply.meaning
    }

    /// What the failure means where a password was shown; nil where that is the same as with a token.
    package static func ofPassword(_ code: String) -> Meaning? { passwordFailures[code] }

    private static let passwordFailures: [String: Meaning] = [
        "authentication_failed": Meaning(
            "the mail server does not accept this user name and password", .operatorHere,
            "put the right password where it comes from, and check userName; the same one is not offered again"),
        "authorization_failed": Meaning(
            "the password is right, but it may not open this mailbox", .tenantAdministrator,
            "give the user access to the mailbox"),
        "credential_expired": Meaning(
            "the server says that the password has expired", .user, "set a new password, and put it where it comes from"
        ),
        "credential_too_long": Meaning(
            "the server says that the password is too long for it", .user, "set a shorter password"),
        "closed_on_credential": Meaning(
            "the server closed the connection instead of judging the password", .tenantAdministrator,
            "look into the server's log; try again later"),
    ]

    /// Where to wait is no advice, by the server's own code.
    private static let refusedForGood = [
        "greeting_refused": Meaning(
            "the server refuses connections, and will go on to", .tenantAdministrator,
            "read the server's words above: it may take no logins at this port, or nothing from this machine's address"
        )
    ]

    /// The server agreed to TLS after STARTTLS, and no handshake came of it.
    package static let noTLSAfterGoAhead = Meaning(
        "agreed to STARTTLS, and what came then was no TLS; nothing was sent in clear", .tenantAdministrator,
        "check the server's certificate and log; if it is sound, something sits between and adds to what it says: connectionSecurity: tls, with its port, leaves no room for that"
    )

    /// By the code of a failure, without `mail.`.
    package static let mailFailures: [String: Meaning] = [
        "authentication_failed": Meaning(
            "the mail server does not accept this token for this mailbox", .tenantAdministrator,
            "check userName, give the application access to the mailbox, and check that the token's scope is the one the server wants"
        ),
        "authorization_failed": Meaning(
            "the token is good, but it may not open this mailbox", .tenantAdministrator,
            "give the application or person access to the mailbox"),
        "credential_expired": Meaning(
            "the server says that the credential has expired", .tenantAdministrator,
            "check the clocks and the token's lifetime"),
        "mechanism_not_offered": Meaning(
            "the server does not offer the SASL mechanism", .manifestAuthor,
            "check server and port, enable the mechanism there, or set spec.mechanism"),
        "temporarily_unavailable": Meaning(
            "the server cannot check credentials just now", .nobody,
            "try again later; if it stays, the server's connection to the OAuth provider is broken"),
        "contact_administrator": Meaning(
            "the server asks for its administrator", .tenantAdministrator, "ask the administrator of the mail server"),
        "privacy_required": Meaning(
            "the server wants an encrypted connection", .manifestAuthor, "set connectionSecurity: tls"),
        "mailbox_in_use": Meaning("the mailbox is in use by another session", .nobody, "try again later"),
        "limit_reached": Meaning("the server has reached a limit", .nobody, "try again later, or lower --parallelism"),
        "unexpected_preauth": Meaning(
            "the server claims that nobody needs to log in; that proves nothing", .tenantAdministrator,
            "check server and port; something may sit between"),
        "post_login_refused": Meaning(
            "the login was accepted, but the mailbox cannot be used", .tenantAdministrator,
            "check that the mailbox exists, is licensed, and matches userName"),
        "protocol_violation": Meaning(
            "what answered does not speak this protocol", .manifestAuthor, "check type, server and port"),
        "closed_early": Meaning(
            "the server closed the connection before it had answered", .tenantAdministrator,
            "check server and port; some servers close without a word when a token is too long"),
        "bye_before_login": Meaning(
            "the server ended the session", .nobody, "try again later, or read the server's words above"),
        "greeting_refused": Meaning("the server refuses connections", .nobody, "try again later"),
        "line_too_long": Meaning(
            "what answered does not keep to the limits of this protocol", .manifestAuthor, "check type, server and port"
        ),
        "unusable_user_name": Meaning(
            "the user name holds characters that no login may hold", .manifestAuthor, "correct userName"),
        "unusable_token": Meaning(
            "the provider's token holds characters that no login may hold", .appAdministrator, "ask the provider"),
        "mechanism_refused": Meaning(
            "the server announces the mechanism but does not accept it", .tenantAdministrator,
            "enable the mechanism for this mailbox, or set spec.mechanism"),
        "credential_not_asked": Meaning(
            "the server ended the login before it asked for the password: it may not know the user name, or not let it in by this mechanism",
            .manifestAuthor, "check userName and server, or set spec.mechanism"),
        "channel_binding_refused": Meaning(
            "the server does not take its certificate as what the login is bound to: it binds to something else, or something between ends TLS",
            .tenantAdministrator,
            "find out what ends TLS between here and the server; where that is meant to be, set spec.mechanism to one that is not SCRAM"
        ),
        "unpreparable_password": Meaning(
            "the password holds characters that SCRAM cannot be given safely; nothing was sent", .manifestAuthor,
            "set spec.mechanism to PLAIN where the server offers it, or let the user set a password of plain letters, digits and signs"
        ),
        "mechanism_not_supported": Meaning(
            "this version of Mailkeel does not speak the mechanism", .manifestAuthor, "set spec.mechanism: XOAUTH2"),
        "method_not_of_protocol": Meaning(
            "the protocol has no such way to log in; nothing was sent", .manifestAuthor,
            "correct authentication, mechanism or type: only smtp goes without authentication"),
        "closed_on_credential": Meaning(
            "the server closed the connection instead of judging the token; some do so when they are overloaded, some when a token has more than 8192 bytes",
            .tenantAdministrator, "look into the server's log; try again later"),
        "command_rejected": Meaning(
            "the server did not understand a command of the protocol", .manifestAuthor, "check type, server and port"),
        "server_fault": Meaning("the server reports a fault of its own", .nobody, "try again later, or read its log"),
        "literal_too_large": Meaning(
            "the server sends more than any login needs", .manifestAuthor, "check type, server and port"),
        "response_too_large": Meaning(
            "the server sends more than any login needs", .manifestAuthor, "check type, server and port"),
        "unusable_password": Meaning(
            "the password is empty or holds characters that no login may hold", .manifestAuthor,
            "correct the password where it comes from"),
        "unusable_sender": Meaning(
            "the sender is no address that a server could be told", .manifestAuthor, "correct from"),
        "starttls_not_offered": Meaning(
            "the server does not offer STARTTLS; nothing was sent in clear", .manifestAuthor,
            "set connectionSecurity: tls and its port; if the server is known to offer STARTTLS, something sits between and removes it"
        ),
        "starttls_refused": Meaning(
            "the server offers STARTTLS and refuses it; nothing was sent in clear", .tenantAdministrator,
            "check the server's certificate and log, or set connectionSecurity: tls and its port"),
        "injected_before_tls": Meaning(
            "somebody put bytes between the server's go-ahead and TLS, as an attack does; nothing was sent",
            .tenantAdministrator, "find out what sits between here and the server, or set connectionSecurity: tls"),
        "credential_too_long": Meaning(
            "the server says that the credential is too long for it", .tenantAdministrator,
            "raise the server's limit, or let the provider issue shorter tokens"),
        "server_not_authentic": Meaning(
            "the server could not prove that it knows the password; it is not the account's server",
            .tenantAdministrator, "check server and port; something may sit between"),
        "authentication_required": Meaning(
            "the server wants a login before it takes a sender", .manifestAuthor, "set authentication"),
        "sender_refused": Meaning(
            "the account may not send as this sender", .tenantAdministrator,
            "give the account the permission to send as that address, or change from"),
        "credential_in_clear": Meaning(
            "without TLS the server offers only mechanisms that show the credential; nothing was sent", .manifestAuthor,
            "set connectionSecurity: tls or starttls"),
        "token_too_long": Meaning(
            "the provider's token is longer than mail servers take; nothing was sent", .appAdministrator,
            "let the provider put less into its tokens, such as fewer groups"),
        "not_connected": Meaning(
            "the login was accepted, but the server connected nobody to the mailbox: a missing permission or scope, too many connections, or a mishap of the server's",
            .tenantAdministrator,
            "try again later; if it stays, check that the protocol is enabled for the mailbox and that userName may open it"
        ),
        "unusable_recipient": Meaning(
            "the recipient is no address that a server could be told", .operatorHere, "correct the address of --send-to"
        ),
        "recipient_refused": Meaning(
            "the server does not take messages to this recipient", .operatorHere, "check the address of --send-to"),
        "message_refused": Meaning(
            "the server took sender and recipient, but not the message", .tenantAdministrator,
            "check that the account may send as its From address, and the server's rules for messages"),
        "submission_unknown": Meaning(
            "the connection ended after the message, before the server's word on it; the message may arrive",
            .nobody, "look whether the message arrived before it is sent again"),
        "smtputf8_not_offered": Meaning(
            "the sender's address is not ASCII, and the server does not take such addresses", .manifestAuthor,
            "set from to an ASCII address"),
    ]
}

import KeelBase

/// What a login probe wants done, in this order.
package enum ProbeAction: Sendable {
    /// Write these bytes; `shown` says the same without a credential.
    case send(Secret, shown: String)
    /// Begin TLS, verify the server, then call `tlsStarted`. Should there be bytes that were read and not handed over, hand
    /// them over first: it is an attack, and the probe will say so.
    case startTLS
    /// Write these bytes if that is still possible; the probe is over either way.
    case farewell(Secret, shown: String)
    /// Close the connection; the probe is over.
    case finished(Result<LoginProof, MailFailure>)
}

/// That a server took a credential, or a sender, and obeyed a command afterwards.
package struct LoginProof: Sendable, Hashable {
    package let mechanism: LoginMethod
    /// As announced last: by IMAP after the login, by SMTP and POP3 before it.
    package let capabilities: [String]
    /// Empty where it came before TLS.
    package let greeting: ForeignText
    /// The last command that worked once logged in: `NAMESPACE`.
    package let command: String
    /// `[ALERT]` texts of the logged-in session, which a person must see (RFC 9051 section 7.1).
    package let alerts: [ForeignText]
    /// What the server said when it took the message; nil where none was to be sent.
    package internal(set) var submission: ServerAnswer?
    /// What came of the search for a message; nil where none was looked for, or the search broke off.
    package internal(set) var arrival: Arrival?

    package init(
        mechanism: LoginMethod, capabilities: [String], greeting: ForeignText, command: String,
        alerts: [ForeignText] = [], submission: ServerAnswer? = nil, arrival: Arrival? = nil
    ) {
        self.mechanism = mechanism
        self.capabilities = capabilities
        self.greeting = greeting
        self.command = command
        self.alerts = alerts
        self.submission = submission
        self.arrival = arrival
    }
}

/// What came of the search for a message.
package enum Arrival: Sendable, Hashable {
    /// It is there; this is its From as it arrived.
    case found(from: ForeignText)
    /// It is not there yet.
    case missing
    /// The server does not let a mailbox be looked through; its words where it had any.
    case unsearchable(ServerAnswer?)
}

import KeelBase

/// What a login probe wants done, in this order.
package enum ProbeAction: Sendable {
    /// Write these bytes; `shown` says the same without a credential.
    case send(Secret, shown: String)
    /// Close the connection; the probe is over.
    case finished(Result<LoginProof, MailFailure>)
}

/// That a server took a credential and obeyed a command afterwards.
package struct LoginProof: Sendable, Hashable {
    package let mechanism: SASLMechanism
    /// As announced after the login.
    package let capabilities: [String]
    package let greeting: ForeignText
    /// The command that worked once logged in: `NAMESPACE`.
    package let command: String
    /// `[ALERT]` texts of the logged-in session, which a person must see (RFC 9051 section 7.1).
    package let alerts: [ForeignText]

    package init(
        mechanism: SASLMechanism, capabilities: [String], greeting: ForeignText, command: String,
        alerts: [ForeignText] = []
    ) {
        self.mechanism = mechanism
        self.capabilities = capabilities
        self.greeting = greeting
        self.command = command
        self.alerts = alerts
    }
}

import KeelBase

/// What a probe is to prove, and over what connection.
package struct ProbeOrder: Sendable {
    /// Whom the connection is to.
    package let endpoint: HostPort
    /// With `tls` the connection is secure from the first byte; with `starttls` the probe makes sure that it becomes so.
    package let security: ConnectionSecurity
    package let login: MailLogin
    /// The hash of the server's certificate, where TLS stands already (`tls-server-end-point`, RFC 5929 section 4).
    package let endPoint: [UInt8]?
    /// What SCRAM makes its messages unique with.
    package let nonce: String

    package init(
        endpoint: HostPort, security: ConnectionSecurity, login: MailLogin, endPoint: [UInt8]? = nil,
        nonce: String = SASLExchange.freshNonce()
    ) {
        self.endpoint = endpoint
        self.security = security
        self.login = login
        self.endPoint = endPoint
        self.nonce = nonce
    }

    /// Throws what is wrong with the login before anything is sent. `methods` are those that the protocol has beside SASL.
    func check(having methods: Set<LoginMethod>) throws(MailFailure) {
        guard let credential = login.credential else {
            guard methods.contains(.none) else { throw MailFailure(.mechanismRefused) }
            return
        }
        switch login.choice.declared {
        case .sasl(let mechanism)?: _ = try exchange(mechanism, credential, offered: [], endPoint: nil)
        case .command?, .apop?:
            guard case .password = credential else { throw MailFailure(.unusablePassword) }
            guard login.choice.declared.map(methods.contains) == true else { throw MailFailure(.mechanismRefused) }
            try checkPlain(credential)
        case .some(.none), nil: try checkPlain(credential)
        }
    }

    private func checkPlain(_ credential: MailLogin.Credential) throws(MailFailure) {
        switch credential {
        case .accessToken: _ = try exchange(.xoauth2, credential, offered: [], endPoint: nil)
        case .password: _ = try exchange(.plain, credential, offered: [], endPoint: nil)
        }
    }

    func exchange(
        _ mechanism: SASLMechanism, _ credential: MailLogin.Credential, offered: [String], endPoint: [UInt8]?
    ) throws(MailFailure) -> SASLExchange {
        try SASLExchange(
            mechanism, userName: login.userName, credential: credential, endpoint: endpoint, offered: offered,
            endPoint: endPoint, nonce: nonce)
    }
}

/// A machine without I/O that logs in to a mail server and proves that the login is worth something.
///
/// `start`, then hand it every byte that arrives and do the actions that it returns, in order, until one is
/// `finished`. It shows the credential once, by the one method it was told.
package protocol LoginProbe: Sendable {
    /// What was said so far, without credentials.
    var transcript: Transcript { get }
    /// What was seen so far, for a report.
    var evidence: ProbeEvidence { get }
    /// The time since the connection was begun, by the driver's clock: what happens from now on is stamped with it. Nobody
    /// need set it who wants no times.
    var clock: Duration { get set }
    /// Set as soon as the login is proven; it stands even if the leave-taking fails.
    var proof: LoginProof? { get }

    /// Begins; the server speaks first. Finished at once when there is no credential that could be sent.
    mutating func start() -> [ProbeAction]
    /// Takes the next bytes from the server, cut anyhow. Before `start` and after the end it takes nothing.
    mutating func receive(_ bytes: [UInt8]) -> [ProbeAction]
    /// TLS stands, verified, after `startTLS` was asked for.
    mutating func tlsStarted(_ facts: TLSFacts) -> [ProbeAction]
    /// The server closed the connection, or it broke.
    mutating func receiveEnd() -> [ProbeAction]
}

extension LoginProbe {
    /// Where the conversation stands: `greeting`, `capability`, `tls` while STARTTLS is under way, `auth` or `proof`.
    package var stage: ProbeStage { evidence.stage }
}

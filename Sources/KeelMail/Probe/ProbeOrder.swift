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

    /// Whether a mechanism shows the credential.
    var isSASL: Bool { if case .sasl = login.method { true } else { false } }

    /// Throws what is wrong with the login before anything is sent.
    func check() throws(MailFailure) {
        switch login.method {
        case .none: return
        case .sasl(let mechanism): _ = try exchange(mechanism, offered: [], endPoint: nil)
        case .command, .apop:
            _ = try SASLText.userName(login.userName)
            guard case .password(let password) = login.credential else { throw MailFailure(.unusablePassword) }
            _ = try SASLText.password(password)
        }
    }

    func exchange(
        _ mechanism: SASLMechanism, offered: [String], endPoint: [UInt8]?
    ) throws(MailFailure) -> SASLExchange {
        try SASLExchange(
            mechanism, userName: login.userName, credential: login.credential, endpoint: endpoint, offered: offered,
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
    /// Set as soon as the login is proven; it stands even if the leave-taking fails.
    var proof: LoginProof? { get }

    /// Begins; the server speaks first. Finished at once when there is no credential that could be sent.
    mutating func start() -> [ProbeAction]
    /// Takes the next bytes from the server, cut anyhow. Before `start` and after the end it takes nothing.
    mutating func receive(_ bytes: [UInt8]) -> [ProbeAction]
    /// TLS stands, verified, after `startTLS` was asked for; `endPoint` is the hash of the server's certificate.
    mutating func tlsStarted(endPoint: [UInt8]?) -> [ProbeAction]
    /// The server closed the connection, or it broke.
    mutating func receiveEnd() -> [ProbeAction]
}

import KeelBase

/// What a probe is to prove, and over what connection.
package struct ProbeOrder: Sendable {
    /// Whom the connection is to.
    package let endpoint: HostPort
    /// With `tls` the connection is secure from the first byte; with `starttls` the probe makes sure that it becomes so.
    package let security: ConnectionSecurity
    package let login: MailLogin
    /// What is done once the login is proven.
    package let task: ProbeTask
    /// The hash of the server's certificate, where TLS stands already (`tls-server-end-point`, RFC 5929 section 4).
    package let endPoint: [UInt8]?
    /// What stands in a transcript for a credential, beside its length; nil where its length is enough.
    package let fingerprint: (@Sendable (Secret) -> String)?
    /// Makes what SCRAM's messages are unique by, for each exchange.
    package let nonce: @Sendable () -> String

    package init(
        endpoint: HostPort, security: ConnectionSecurity, login: MailLogin, task: ProbeTask = .prove,
        endPoint: [UInt8]? = nil, fingerprint: (@Sendable (Secret) -> String)? = nil,
        nonce: @escaping @Sendable () -> String = SASLExchange.freshNonce
    ) {
        self.endpoint = endpoint
        self.security = security
        self.login = login
        self.task = task
        self.endPoint = endPoint
        self.fingerprint = fingerprint
        self.nonce = nonce
    }

    /// A mechanism's message may have so many bytes in base 64 (RFC 4954 section 4).
    static let longestMessage = 12288
    /// Dovecot takes 8192, other servers less.
    static let commonMessage = 6 * 1024

    /// Throws what is wrong with the login before anything is sent, and returns what may be. `methods` are those that the
    /// protocol has beside SASL.
    func check(having methods: Set<LoginMethod>) throws(MailFailure) -> String? {
        guard let credential = login.credential else {
            guard methods.contains(.none) else { throw MailFailure(.methodNotOfProtocol) }
            return nil
        }
        var mechanism: SASLMechanism = if case .accessToken = credential { .xoauth2 } else { .plain }
        switch login.choice.declared {
        case .sasl(let declared)?: mechanism = declared
        case .some(let declared):
            guard case .password = credential, methods.contains(declared) else {
                throw MailFailure(.methodNotOfProtocol)
            }
        case nil: break
        }
        let exchange = try exchange(mechanism, credential, offered: [], endPoint: nil)
        guard case .accessToken = credential, let length = exchange.initialResponse?.text.count else { return nil }
        guard length <= Self.longestMessage else {
            throw MailFailure(.tokenTooLong(bytes: credential.secret.count))
        }
        guard length > Self.commonMessage else { return nil }
        return
            "the token has \(credential.secret.count) bytes, \(length) on the wire; some servers take no more than 8192"
    }

    func exchange(
        _ mechanism: SASLMechanism, _ credential: MailLogin.Credential, offered: [String], endPoint: [UInt8]?
    ) throws(MailFailure) -> SASLExchange {
        try SASLExchange(
            mechanism, userName: login.userName, credential: credential, endpoint: endpoint, offered: offered,
            endPoint: endPoint, nonce: nonce())
    }
}

/// What a probe does once the login is proven.
package enum ProbeTask: Sendable, Hashable {
    /// Nothing more.
    case prove
    /// Sends a message, by SMTP; the server's word on it is the proof.
    case submit(MailMessage)
    /// Looks for the message with this Message-ID, by IMAP or POP3, and changes nothing.
    case find(messageID: String)
}

/// A machine without I/O that logs in to a mail server and proves that the login is worth something.
///
/// `start`, then hand it every byte that arrives and do the actions that it returns, in order, until one is
/// `finished`. It shows the credential once, by one method.
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

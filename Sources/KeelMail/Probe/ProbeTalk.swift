import KeelBase

/// What every probe knows of its conversation: it speaks, keeps transcript and evidence, and hides what a server repeats
/// of a credential.
struct ProbeTalk: Sendable {
    let order: ProbeOrder
    private(set) var transcript: Transcript
    var evidence = ProbeEvidence()
    /// By the driver's clock.
    var clock = Duration.zero
    var phase = ProbePhase.idle {
        didSet { if let stage = phase.stage { evidence.enter(stage, at: clock) } else { evidence.finish(at: clock) } }
    }
    /// Whether TLS is still to come.
    private(set) var isBeforeTLS: Bool
    /// The hash of the server's certificate, where TLS stands.
    private(set) var endPoint: [UInt8]?
    var exchange: SASLExchange?
    var greeting = ForeignText("")
    var proof: LoginProof?
    private(set) var credentialWasOffered = false
    /// The length of the line that showed the credential.
    private(set) var credentialLength = 0
    private var mask: CredentialMask

    init(_ order: ProbeOrder) {
        self.order = order
        transcript = Transcript(endpoint: order.endpoint)
        mask = CredentialMask([order.login.credential?.secret].compactMap { $0 })
        isBeforeTLS = order.security == .starttls
        endPoint = order.endPoint
    }

    /// By what the login was.
    var method: LoginMethod { evidence.method ?? .none }

    /// TLS stands. Whoever sat between may have said all that was heard before.
    mutating func secured(_ facts: TLSFacts) {
        isBeforeTLS = false
        endPoint = facts.endPoint
        greeting = ForeignText("")
        evidence.secured(facts, at: clock)
    }

    /// The server told by what one may log in: what is chosen, and kept of it for the report.
    mutating func choose(_ offer: LoginOffer, capabilities: [String]) throws(MailFailure) -> LoginMethod {
        evidence.offer = offer
        evidence.capabilities = capabilities
        evidence.greeting = greeting
        let method = try order.login.choice.method(
            for: order.login.credential, offer: offer, isSecure: order.security != .none)
        evidence.method = method
        return method
    }

    /// A failure at this place of the conversation.
    func failure(
        _ kind: MailFailure.Kind, _ answer: ServerAnswer? = nil, transience: MailFailure.Transience? = nil
    ) -> MailFailure {
        MailFailure(
            placed(kind), answer: answer,
            challenge: exchange?.error, transience: transience,
            credentialWasOffered: credentialWasOffered, wasBeforeTLS: isBeforeTLS)
    }

    /// The kind in the light of what the server was shown.
    private func placed(_ kind: MailFailure.Kind) -> MailFailure.Kind {
        guard kind.judgesCredential else { return kind }
        if exchange?.refusesBinding == true { return .channelBindingRefused }
        return credentialWasOffered ? kind : .credentialNotAsked
    }
}

extension ProbeTalk {
    /// Sends a line that holds no secret.
    mutating func say(_ line: String) -> ProbeAction {
        add(.client, ForeignText(line))
        return .send(Secret(copying: line + "\r\n"), shown: line)
    }

    /// Sends the last line of all, of which it does not matter whether it arrives.
    mutating func sayLast(_ line: String) -> ProbeAction {
        add(.client, ForeignText(line))
        return .farewell(Secret(copying: line + "\r\n"), shown: line)
    }

    /// Sends a line of an exchange, behind `prefix`.
    mutating func say(_ prefix: String = "", _ line: SASLExchange.Line) -> ProbeAction {
        say(prefix, secret: line.text, shown: line.shown, isCredential: line.holdsCredential)
    }

    /// Sends `prefix`, then what `shown` stands for, which holds the credential.
    mutating func say(_ prefix: String, secret: Secret, shown: String, isCredential: Bool = true) -> ProbeAction {
        var shown = shown
        if isCredential {
            credentialWasOffered = true
            credentialLength = secret.count
            mask.add(secret)
            if let mark = fingerprint { shown += " [\(mark)]" }
        }
        add(.client, ForeignText(prefix + shown))
        return .send(
            Secret(copying: Array(prefix.utf8) + secret.reveal() + [0x0D, 0x0A]), shown: prefix + shown)
    }

    /// Sends bytes that hold no credential and are no line to be kept; `shown` stands for them.
    mutating func say(bytes: [UInt8], shown: String) -> ProbeAction {
        add(.client, ForeignText(shown))
        return .send(Secret(copying: bytes), shown: shown)
    }

    /// A line of the server's without what it repeats of the credential. Only one that was shown it can repeat it.
    mutating func cleaned(_ line: [UInt8]) -> [UInt8] { credentialWasOffered ? mask.applied(to: line) : line }

    mutating func heard(_ text: ForeignText) { add(.server, text) }

    mutating func heard(_ line: [UInt8]) { heard(ForeignText(line)) }

    private mutating func add(_ side: Transcript.Side, _ text: ForeignText) { transcript.add(side, text, at: clock) }

    private var fingerprint: String? {
        guard let secret = order.login.credential?.secret, let fingerprint = order.fingerprint else { return nil }
        return fingerprint(secret)
    }
}

extension MailFailure.Kind {
    /// Whether it says that something is wrong with a credential. With one that was not shown nothing can be.
    fileprivate var judgesCredential: Bool {
        switch self {
        case .authenticationFailed, .authorizationFailed, .credentialExpired: true
        default: false
        }
    }
}

import KeelBase

/// What every probe does alike: it speaks, keeps the transcript, and hides what a server repeats of a credential.
struct ProbeVoice: Sendable {
    private(set) var transcript: Transcript
    var evidence = ProbeEvidence()
    /// By the driver's clock.
    var clock = Duration.zero
    private(set) var credentialWasOffered = false
    /// The length of the line that showed the credential.
    private(set) var credentialLength = 0
    private var mask: CredentialMask

    init(_ order: ProbeOrder) {
        transcript = Transcript(endpoint: order.endpoint)
        mask = CredentialMask([order.login.credential?.secret].compactMap { $0 })
    }

    /// A stage begins; nil where the conversation is over.
    mutating func enter(_ stage: ProbeStage?) {
        if let stage { evidence.enter(stage, at: clock) } else { evidence.finish(at: clock) }
    }

    /// The server told by what one may log in: what is chosen, and kept of it for the report.
    mutating func choose(
        _ order: ProbeOrder, _ offer: LoginOffer, capabilities: [String], greeting: ForeignText
    ) throws(MailFailure) -> LoginMethod {
        evidence.offer = offer
        evidence.capabilities = capabilities
        evidence.greeting = greeting
        let method = try order.login.choice.method(
            for: order.login.credential, offer: offer, isSecure: order.security != .none)
        evidence.method = method
        return method
    }

    /// Sends a line that holds no secret.
    mutating func say(_ line: String) -> ProbeAction {
        transcript.add(.client, ForeignText(line))
        return .send(Secret(copying: line + "\r\n"), shown: line)
    }

    /// Sends the last line of all, of which it does not matter whether it arrives.
    mutating func sayLast(_ line: String) -> ProbeAction {
        transcript.add(.client, ForeignText(line))
        return .farewell(Secret(copying: line + "\r\n"), shown: line)
    }

    /// Sends a line of an exchange, behind `prefix`.
    mutating func say(_ prefix: String = "", _ line: SASLExchange.Line) -> ProbeAction {
        say(prefix, secret: line.text, shown: line.shown, isCredential: line.holdsCredential)
    }

    /// Sends `prefix`, then what `shown` stands for.
    mutating func say(_ prefix: String, secret: Secret, shown: String, isCredential: Bool = true) -> ProbeAction {
        if isCredential {
            credentialWasOffered = true
            credentialLength = secret.count
            mask.add(secret)
        }
        transcript.add(.client, ForeignText(prefix + shown))
        return .send(
            Secret(copying: Array(prefix.utf8) + secret.reveal() + [0x0D, 0x0A]), shown: prefix + shown)
    }

    /// A line of the server's without what it repeats of the credential. Only one that was shown it can repeat it.
    mutating func cleaned(_ line: [UInt8]) -> [UInt8] { credentialWasOffered ? mask.applied(to: line) : line }

    mutating func heard(_ text: ForeignText) { transcript.add(.server, text) }
}

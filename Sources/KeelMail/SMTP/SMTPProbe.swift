import KeelBase

/// Logs in to an SMTP server and proves that the account may send as its sender, without sending anything.
///
/// The proof is `MAIL FROM`, taken back by `RSET`; without a sender to try it is `NOOP`. The credential never stands on
/// the line of `AUTH`, which has room for 512 bytes (RFC 4954 section 4).
package struct SMTPProbe: LoginProbe {
    package internal(set) var proof: LoginProof?

    let order: ProbeOrder
    let sender: String?
    let clientName: String
    var voice: ProbeVoice
    var phase = Phase.idle { didSet { if phase != .idle { voice.enter(phase.stage) } } }
    /// Whether TLS is still to come.
    var isBeforeTLS: Bool
    var endPoint: [UInt8]?
    /// The latest announcement; TLS ends its validity (RFC 3207 section 4.2).
    var extensions: SMTPExtensions?
    var exchange: SASLExchange?
    var greeting = ForeignText("")
    private var lines = LineReader()
    private var replies = SMTPReplyParser()

    /// Where in the conversation it stands: which reply is awaited.
    enum Phase: Equatable {
        case idle
        case greeting
        case hello
        /// `HELO`, for a server that knows no extensions.
        case oldHello
        case startTLS
        /// The go-ahead came; not a byte may come before TLS stands.
        case handshake
        /// `AUTH` was sent; the server must ask for the first response.
        case prompt
        /// The exchange is under way, or its verdict is awaited.
        case verdict
        case confirmation(String)
        case reset
        case leaving
        case over

        var stage: ProbeStage? {
            switch self {
            case .idle, .greeting: .greeting
            case .hello, .oldHello: .capability
            case .startTLS, .handshake: .tls
            case .prompt, .verdict: .auth
            case .confirmation, .reset, .leaving: .proof
            case .over: nil
            }
        }
    }

    /// A probe of the account that `order` names, as a sender of mail from `sender`. `clientName` is this host's name, or
    /// an address in brackets (RFC 5321 section 4.1.3).
    package init(_ order: ProbeOrder, sender: String?, clientName: String = "[127.0.0.1]") {
        self.order = order
        self.sender = sender
        self.clientName = Self.isHostName(clientName) ? clientName : "[127.0.0.1]"
        voice = ProbeVoice(order)
        isBeforeTLS = order.security == .starttls
        endPoint = order.endPoint
    }

    package var transcript: Transcript { voice.transcript }
    package var evidence: ProbeEvidence { voice.evidence }
    package var clock: Duration {
        get { voice.clock }
        set { voice.clock = newValue }
    }
    /// By what the login was.
    var method: LoginMethod { voice.evidence.method ?? .none }

    package mutating func start() -> [ProbeAction] {
        guard phase == .idle else { return [] }
        do throws(MailFailure) {
            try order.check(having: [.none])
            if let sender, !Self.isAddress(sender) { throw MailFailure(.unusableSender) }
        } catch { return finish(.failure(error)) }
        phase = .greeting
        return []
    }

    package mutating func receive(_ bytes: [UInt8]) -> [ProbeAction] {
        var input = bytes[...]
        var actions: [ProbeAction] = []
        while phase != .idle, phase != .over {
            if phase == .handshake {
                guard !input.isEmpty else { break }
                // Not even the same piece may hold a byte more: it would be taken for the server's (RFC 3207 section 6).
                if !actions.isEmpty { actions.removeLast() }
                return actions + fail(MailFailure(.injectedBeforeTLS, wasBeforeTLS: true))
            }
            do throws(LineReader.Fault) {
                guard let line = try lines.next(&input) else { break }
                actions += take(line)
            } catch {
                actions += exceeded(
                    MailFailure(
                        exceeded: error, credentialWasOffered: voice.credentialWasOffered, wasBeforeTLS: isBeforeTLS))
            }
        }
        return actions
    }

    /// Takes one line.
    private mutating func take(_ raw: [UInt8]) -> [ProbeAction] {
        let line = voice.cleaned(raw)
        // A challenge is read as it came: cut out of base 64, a credential would leave something unreadable.
        let isChallenge = raw.starts(with: "334".utf8)
        if !(isChallenge && phase == .verdict) { voice.heard(ForeignText(line)) }
        switch replies.take(isChallenge ? raw : line) {
        case .incomplete: return []
        case .unreadable:
            return violation(phase == .greeting ? .notAGreeting : .unreadable, ForeignText(line))
        case .tooMany:
            return exceeded(
                MailFailure(
                    .responseTooLarge, credentialWasOffered: voice.credentialWasOffered, wasBeforeTLS: isBeforeTLS))
        case .reply(let reply): return take(reply)
        }
    }

    package mutating func tlsStarted(_ facts: TLSFacts) -> [ProbeAction] {
        guard phase == .handshake else { return [] }
        isBeforeTLS = false
        endPoint = facts.endPoint
        voice.evidence.secured(facts, at: voice.clock)
        // Whoever sat between may have said all that was heard before.
        extensions = nil
        greeting = ForeignText("")
        lines = LineReader()
        replies = SMTPReplyParser()
        return hello()
    }

    package mutating func receiveEnd() -> [ProbeAction] {
        let offered = voice.credentialWasOffered
        return switch phase {
        case .over: []
        // In `reset` and `leaving` the proof prevails.
        case .idle, .greeting, .hello, .oldHello, .startTLS, .handshake, .prompt, .reset, .leaving:
            fail(MailFailure(.closedEarly, wasBeforeTLS: isBeforeTLS))
        case .verdict where exchange?.doubt == .successAfterRefusal:
            fail(MailFailure(.authenticationFailed, challenge: exchange?.error, credentialWasOffered: offered))
        case .verdict where !offered: fail(MailFailure(.closedEarly))
        case .verdict:
            fail(MailFailure(.closedOnCredential(bytes: voice.credentialLength), credentialWasOffered: true))
        case .confirmation: fail(MailFailure(.postLoginRefused, credentialWasOffered: offered))
        }
    }
}

extension SMTPProbe {
    private mutating func exceeded(_ failure: MailFailure) -> [ProbeAction] {
        voice.heard(ForeignText("(\(failure.code))"))
        return fail(failure)
    }

    mutating func violation(_ violation: MailFailure.Violation, _ words: ForeignText) -> [ProbeAction] {
        fail(
            MailFailure(
                .protocolViolation(violation), answer: words.isEmpty ? nil : ServerAnswer(code: nil, words: words),
                credentialWasOffered: voice.credentialWasOffered, wasBeforeTLS: isBeforeTLS))
    }

    /// Ends in failure, unless the login was proven before.
    mutating func fail(_ failure: MailFailure) -> [ProbeAction] {
        finish(proof.map { .success($0) } ?? .failure(failure))
    }

    /// Ends in failure, and takes leave of a server that has only said no. In clear there is nothing more to say.
    mutating func leave(_ failure: MailFailure) -> [ProbeAction] {
        guard !isBeforeTLS else { return fail(failure) }
        return [voice.sayLast("QUIT")] + fail(failure)
    }

    mutating func finish(_ result: Result<LoginProof, MailFailure>) -> [ProbeAction] {
        phase = .over
        return [.finished(result)]
    }

    /// What can stand between the angle brackets of `MAIL FROM` (RFC 5321 section 4.5.3.1.3 for the length).
    private static func isAddress(_ text: String) -> Bool {
        text.utf8.count <= 254 && text.contains("@")
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
            }
    }

    private static func isHostName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}

extension SMTPProbe: CustomReflectable {
    /// What may be seen in a dump.
    package var customMirror: Mirror { Mirror(self, children: ["transcript": transcript]) }
}

import KeelBase

/// Logs in to a POP3 server and proves that the login is worth something, by `STAT`, which changes nothing.
///
/// The credential never stands on the line of `AUTH`, which has room for 255 bytes (RFC 5034 section 4).
package struct POP3Probe: LoginProbe {
    package internal(set) var proof: LoginProof?

    let order: ProbeOrder
    var voice: ProbeVoice
    var phase = Phase.idle { didSet { if phase != .idle { voice.enter(phase.stage) } } }
    /// Whether TLS is still to come.
    var isBeforeTLS: Bool
    var endPoint: [UInt8]?
    /// The latest announcement; nil where the server has none.
    var capabilities: POP3Capabilities?
    var exchange: SASLExchange?
    /// The greeting's stamp. TLS ends its validity: before it, anybody could have chosen it.
    var stamp: [UInt8]?
    var greeting = ForeignText("")
    private var lines = LineReader()

    /// Where in the conversation it stands: which response is awaited.
    enum Phase: Equatable {
        case idle
        case greeting
        /// `CAPA` was sent.
        case capabilities
        /// Its list is arriving.
        case list(POP3Capabilities)
        case startTLS
        /// The go-ahead came; not a byte may come before TLS stands.
        case handshake
        /// `AUTH` was sent; the server must ask for the first response.
        case prompt
        /// `USER` was sent.
        case user
        /// The exchange is under way, or its verdict or that on the password is awaited.
        case verdict
        case confirmation
        case leaving
        case over

        var stage: ProbeStage? {
            switch self {
            case .idle, .greeting: .greeting
            case .capabilities, .list: .capability
            case .startTLS, .handshake: .tls
            case .prompt, .user, .verdict: .auth
            case .confirmation, .leaving: .proof
            case .over: nil
            }
        }
    }

    /// A probe of the mailbox that `order` names.
    package init(_ order: ProbeOrder) {
        self.order = order
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
            try order.check(having: [.command, .apop])
            if order.login.choice.declared == .command || order.login.choice.declared == .apop { try checkName() }
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
                // Not even the same piece may hold a byte more: it would be taken for the server's (RFC 2595 section 4).
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

    package mutating func tlsStarted(_ facts: TLSFacts) -> [ProbeAction] {
        guard phase == .handshake else { return [] }
        isBeforeTLS = false
        endPoint = facts.endPoint
        voice.evidence.secured(facts, at: voice.clock)
        // Whoever sat between may have said all that was heard before.
        capabilities = nil
        stamp = nil
        greeting = ForeignText("")
        lines = LineReader()
        return askCapabilities()
    }

    package mutating func receiveEnd() -> [ProbeAction] {
        let offered = voice.credentialWasOffered
        return switch phase {
        case .over: []
        // In `leaving` the proof prevails.
        case .idle, .greeting, .capabilities, .list, .startTLS, .handshake, .prompt, .user, .leaving:
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

extension POP3Probe {
    /// A name of `USER` and `APOP` ends at the first blank.
    func checkName() throws(MailFailure) {
        if order.login.userName.utf8.contains(where: { $0 <= 0x20 }) { throw MailFailure(.unusableUserName) }
    }

    mutating func askCapabilities() -> [ProbeAction] {
        phase = .capabilities
        return [voice.say("CAPA")]
    }

    mutating func exceeded(_ failure: MailFailure) -> [ProbeAction] {
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
}

extension POP3Probe: CustomReflectable {
    /// What may be seen in a dump.
    package var customMirror: Mirror { Mirror(self, children: ["transcript": transcript]) }
}

import KeelBase

/// Logs in to an IMAP server and proves that the login is worth something.
///
/// The proof is a command that needs the mailbox, and where it is asked for, a look into the inbox that changes nothing.
/// Nothing is sent after a failure but, where the server is known and listens, `LOGOUT`.
package struct IMAPLoginProbe: LoginProbe {
    /// Set as soon as the login is proven; it stands even if the leave-taking fails.
    package internal(set) var proof: LoginProof?

    let order: ProbeOrder
    /// Whether the proof includes `EXAMINE INBOX`.
    let opensInbox: Bool
    var voice: ProbeVoice
    var phase = Phase.idle { didSet { if phase != .idle { voice.enter(phase.stage) } } }
    /// Whether TLS is still to come.
    var isBeforeTLS: Bool
    var endPoint: [UInt8]?
    /// The latest announcement that is still valid; TLS and a login end the validity (RFC 9051 sections 6.2, 6.2.1).
    var capabilities: IMAPCapabilities?
    var exchange: SASLExchange?
    var greeting = ForeignText("")
    var alerts: [ForeignText] = []
    private var commands = 0
    private var reader = IMAPReader()

    /// Where in the conversation it stands, with the tag of the command that is under way.
    enum Phase: Equatable {
        case idle
        case greeting
        case capabilities(tag: String)
        case startTLS(tag: String)
        /// The go-ahead came; not a byte may come before TLS stands.
        case handshake
        /// `AUTHENTICATE` was sent alone; the server must ask for the first response.
        case prompt(tag: String)
        /// The exchange is under way, or its verdict is awaited.
        case verdict(tag: String)
        case capabilitiesAgain(tag: String)
        case confirmation(tag: String, command: String)
        case leaving(tag: String)
        case over

        var stage: ProbeStage? {
            switch self {
            case .idle, .greeting: .greeting
            case .capabilities: .capability
            case .startTLS, .handshake: .tls
            case .prompt, .verdict: .auth
            case .capabilitiesAgain, .confirmation, .leaving: .proof
            case .over: nil
            }
        }
    }

    /// A probe of the mailbox that `order` names. It looks into the inbox unless told otherwise.
    package init(_ order: ProbeOrder, opensInbox: Bool = true) {
        self.order = order
        self.opensInbox = opensInbox
        voice = ProbeVoice(order)
        isBeforeTLS = order.security == .starttls
        endPoint = order.endPoint
    }

    /// A probe of `userName`'s mailbox with a bearer token, over a connection that is secure from the first byte.
    package init(
        userName: String, accessToken: Secret, mechanism: SASLMechanism = .xoauth2, endpoint: HostPort
    ) {
        let login = MailLogin(userName: userName, credential: .accessToken(accessToken), method: .sasl(mechanism))
        self.init(ProbeOrder(endpoint: endpoint, security: .tls, login: login), opensInbox: false)
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
            try order.check(having: [.command])
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
                // Not even the same piece may hold a byte more: it would be taken for the server's (RFC 9051 section 11.1).
                if !actions.isEmpty { actions.removeLast() }
                return actions + fail(MailFailure(.injectedBeforeTLS, wasBeforeTLS: true))
            }
            do throws(IMAPReader.Fault) {
                guard let response = try reader.next(&input) else { break }
                actions += take(response)
            } catch {
                let failure = MailFailure(
                    error, credentialWasOffered: voice.credentialWasOffered, wasBeforeTLS: isBeforeTLS)
                voice.heard(ForeignText("(\(failure.code))"))
                actions += fail(failure)
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
        greeting = ForeignText("")
        reader = IMAPReader()
        return askCapabilities { .capabilities(tag: $0) }
    }

    package mutating func receiveEnd() -> [ProbeAction] {
        let offered = voice.credentialWasOffered
        return switch phase {
        case .over: []
        // In `leaving` the proof prevails.
        case .idle, .greeting, .capabilities, .startTLS, .handshake, .prompt, .leaving:
            fail(MailFailure(.closedEarly, wasBeforeTLS: isBeforeTLS))
        case .verdict where exchange?.doubt == .successAfterRefusal:
            fail(MailFailure(.authenticationFailed, challenge: exchange?.error, credentialWasOffered: offered))
        case .verdict where !offered: fail(MailFailure(.closedEarly))
        case .verdict:
            fail(MailFailure(.closedOnCredential(bytes: voice.credentialLength), credentialWasOffered: true))
        case .capabilitiesAgain, .confirmation: fail(MailFailure(.postLoginRefused, credentialWasOffered: true))
        }
    }
}

extension IMAPLoginProbe {
    /// The tag of the next command.
    mutating func nextTag() -> String {
        commands += 1
        return "A\(commands)"
    }

    mutating func askCapabilities(_ next: (String) -> Phase) -> [ProbeAction] {
        let tag = nextTag()
        phase = next(tag)
        return [voice.say("\(tag) CAPABILITY")]
    }

    /// Ends in failure, unless the login was proven before.
    mutating func fail(_ failure: MailFailure) -> [ProbeAction] {
        finish(proof.map { .success($0) } ?? .failure(failure))
    }

    /// Ends in failure, and takes leave of a server that has only said no. In clear there is nothing more to say.
    mutating func leave(_ failure: MailFailure) -> [ProbeAction] {
        guard !isBeforeTLS else { return fail(failure) }
        return [voice.sayLast("\(nextTag()) LOGOUT")] + fail(failure)
    }

    mutating func finish(_ result: Result<LoginProof, MailFailure>) -> [ProbeAction] {
        phase = .over
        return [.finished(result)]
    }
}

extension IMAPLoginProbe: CustomReflectable {
    /// What may be seen in a dump.
    package var customMirror: Mirror { Mirror(self, children: ["transcript": transcript]) }
}

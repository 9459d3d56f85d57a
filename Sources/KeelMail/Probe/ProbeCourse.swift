import KeelBase

/// What a protocol adds to the course that all probes have in common: how its bytes are read, and what it says.
protocol ProbeCourse: LoginProbe, CustomReflectable {
    /// One line, or one response with its literals.
    associatedtype Piece

    var talk: ProbeTalk { get set }
    /// The methods that the protocol has beside those of SASL.
    static var methods: Set<LoginMethod> { get }
    /// The name of the command for TLS.
    static var tlsCommand: String { get }
    /// What stands before a challenge.
    static var challengeMark: String { get }

    /// Throws what is wrong with the order and is not so for other protocols.
    func check() throws(MailFailure)
    /// Takes bytes from `input` up to the end of the next piece; nil when `input` is used up before.
    mutating func next(_ input: inout ArraySlice<UInt8>) throws(ReadingFault) -> Piece?
    mutating func take(_ piece: Piece) -> [ProbeAction]
    /// Forgets what was announced, and what there is of a piece.
    mutating func forget()
    mutating func askCapabilities() -> [ProbeAction]
    /// A command's line.
    mutating func command(_ text: String) -> ProbeAction
    /// Names the mechanism, and where the protocol has room for it, the first response with it.
    mutating func authenticate(_ exchange: SASLExchange) -> [ProbeAction]
    /// Logs in by one of `methods`.
    mutating func logIn(by method: LoginMethod, _ secret: Secret?) throws(MailFailure) -> [ProbeAction]
    /// The line by which one leaves.
    mutating func farewell() -> String
    /// What a connection means that ends between login and proof.
    var closedInProof: MailFailure.Kind { get }
}

/// Which limit of a reader was passed.
enum ReadingFault: Error {
    case lineTooLong, literalTooLarge, responseTooLarge

    var kind: MailFailure.Kind {
        switch self {
        case .lineTooLong: .lineTooLong
        case .literalTooLarge: .literalTooLarge
        case .responseTooLarge: .responseTooLarge
        }
    }
}

extension ProbeCourse {
    var closedInProof: MailFailure.Kind { .postLoginRefused }

    package var transcript: Transcript { talk.transcript }
    package var evidence: ProbeEvidence { talk.evidence }
    package var proof: LoginProof? { talk.proof }
    package var clock: Duration {
        get { talk.clock }
        set { talk.clock = newValue }
    }
    /// What may be seen in a dump.
    package var customMirror: Mirror { Mirror(self, children: ["transcript": transcript]) }

    package mutating func start() -> [ProbeAction] {
        guard talk.phase == .idle else { return [] }
        do throws(MailFailure) {
            if let warning = try talk.order.check(having: Self.methods) { talk.evidence.warnings.append(warning) }
            try check()
        } catch { return finish(.failure(error)) }
        talk.phase = .greeting
        return []
    }

    package mutating func receive(_ bytes: [UInt8]) -> [ProbeAction] {
        var input = bytes[...]
        var actions: [ProbeAction] = []
        while talk.phase != .idle, talk.phase != .over {
            if talk.phase == .handshake {
                guard !input.isEmpty else { break }
                // Not even the same piece may hold a byte more: it would be taken for the server's
                // (RFC 3207 section 6, RFC 2595 section 4, RFC 9051 section 11.1).
                if !actions.isEmpty { actions.removeLast() }
                return actions + fail(talk.failure(.injectedBeforeTLS))
            }
            do throws(ReadingFault) {
                guard let piece = try next(&input) else { break }
                actions += take(piece)
            } catch { actions += exceeded(error) }
        }
        return actions
    }

    package mutating func tlsStarted(_ facts: TLSFacts) -> [ProbeAction] {
        guard talk.phase == .handshake else { return [] }
        talk.secured(facts)
        forget()
        return askCapabilities()
    }

    package mutating func receiveEnd() -> [ProbeAction] {
        switch talk.phase {
        case .over: []
        // In `leaving` the proof prevails.
        case .idle, .greeting, .capability, .startTLS, .handshake, .prompt, .leaving: fail(talk.failure(.closedEarly))
        case .verdict where talk.exchange?.doubt == .successAfterRefusal: fail(talk.failure(.authenticationFailed))
        case .verdict where !talk.credentialWasOffered: fail(talk.failure(.closedEarly))
        case .verdict: fail(talk.failure(.closedOnCredential(bytes: talk.credentialLength)))
        case .proof: fail(talk.failure(closedInProof))
        }
    }
}

// MARK: TLS and the login

extension ProbeCourse {
    /// What the server can do is known: TLS first where it is still to come, else the login.
    mutating func goOn(_ offer: LoginOffer, capabilities: [String], offersTLS: Bool) -> [ProbeAction] {
        guard talk.isBeforeTLS else { return logIn(offer, capabilities) }
        guard offersTLS else { return fail(talk.failure(.startTLSNotOffered)) }
        talk.phase = .startTLS
        return [command(Self.tlsCommand)]
    }

    /// The server's go-ahead for TLS.
    mutating func handshake() -> [ProbeAction] {
        talk.phase = .handshake
        return [.startTLS]
    }

    private mutating func logIn(_ offer: LoginOffer, _ capabilities: [String]) -> [ProbeAction] {
        do throws(MailFailure) {
            let method = try talk.choose(offer, capabilities: capabilities)
            let credential = talk.order.login.credential
            guard case .sasl(let mechanism) = method, let credential else {
                return try logIn(by: method, credential?.secret)
            }
            talk.phase = .prompt
            let exchange = try talk.order.exchange(
                mechanism, credential, offered: offer.mechanisms, endPoint: talk.endPoint)
            talk.exchange = exchange
            return authenticate(exchange)
        } catch { return leave(error) }
    }

    /// Begins once more without binding, where the server said no to an exchange that is bound: before a proof was sent, the
    /// binding is what it may not know (RFC 5802 section 7); of the types there are, one is spoken here. Nil where the refusal
    /// stands.
    ///
    /// Nobody can have forced it: the connection is with whom the certificate names. The server hears `n`, not `y`, which would
    /// say that it offers no binding.
    mutating func unbound() -> [ProbeAction]? {
        guard let bound = talk.exchange, bound.isBound, !talk.credentialWasOffered,
            let credential = talk.order.login.credential, let offered = talk.evidence.offer?.mechanisms,
            SASLExchange.isOffered(bound.mechanism, among: offered),
            let exchange = try? talk.order.exchange(bound.mechanism, credential, offered: [], endPoint: nil)
        else { return nil }
        talk.phase = .prompt
        talk.exchange = exchange
        return authenticate(exchange)
    }

    /// The server asks for the first response, or sends a challenge.
    mutating func continued(_ text: [UInt8]) -> [ProbeAction] {
        let isFirst = talk.phase == .prompt
        guard isFirst || talk.phase == .verdict, let exchange = talk.exchange else {
            talk.heard(ForeignText(Self.challengeMark + "(\(text.count) bytes)"))
            return violation(.unexpectedContinuation, ForeignText(""))
        }
        talk.phase = .verdict
        guard isFirst, let response = exchange.initialResponse else { return challenged(text, exchange) }
        // What stands there is nothing that a mechanism with a first response could use.
        talk.heard(ForeignText(Self.challengeMark + (text.isEmpty ? "" : "(\(text.count) bytes)")))
        return [talk.say("", response)]
    }

    private mutating func challenged(_ text: [UInt8], _ exchange: SASLExchange) -> [ProbeAction] {
        var exchange = exchange
        do throws(MailFailure) {
            let line = try exchange.answer(toBase64: text)
            talk.exchange = exchange
            // Not the base 64 itself, in which a repeated credential could hide.
            let error = exchange.error.map { "\($0)" } ?? "\(text.count) bytes"
            talk.heard(ForeignText(Self.challengeMark + "(challenge: \(error))"))
            return [talk.say("", line)]
        } catch {
            talk.heard(ForeignText(Self.challengeMark + "(challenge: \(text.count) bytes)"))
            // An exchange is cancelled by `*` (RFC 4954 section 4, RFC 5034 section 4, RFC 9051 section 6.2.2).
            return [talk.sayLast("*")] + leave(talk.failure(error.kind))
        }
    }

    /// The server took the login: nil where that is to be believed.
    mutating func accepted(_ answer: ServerAnswer, isEarly: Bool) -> [ProbeAction]? {
        if let doubt = isEarly ? .successWithoutCredential : talk.exchange?.doubt {
            return violation(doubt, answer.words)
        }
        talk.evidence.acceptance = answer
        talk.phase = .proof
        return nil
    }

    /// The login is worth something: `command` was obeyed.
    mutating func proven(by command: String, capabilities: [String], alerts: [ForeignText] = []) {
        talk.proof = LoginProof(
            mechanism: talk.method, capabilities: capabilities, greeting: talk.greeting, command: command,
            alerts: alerts)
    }
}

// MARK: The end

extension ProbeCourse {
    /// All is done; the server is told so, and its answer awaited.
    mutating func takeLeave() -> [ProbeAction] {
        talk.phase = .leaving
        return [talk.say(farewell())]
    }

    /// The server answered the leave-taking, or spoke where nothing is awaited.
    mutating func ended() -> [ProbeAction] { talk.proof.map { finish(.success($0)) } ?? [] }

    /// Ends in failure, unless the login was proven before.
    mutating func fail(_ failure: MailFailure) -> [ProbeAction] {
        finish(talk.proof.map { .success($0) } ?? .failure(failure))
    }

    /// Ends in failure, and takes leave of a server that still listens. In clear there is nothing more to say.
    mutating func leave(_ failure: MailFailure) -> [ProbeAction] {
        guard !talk.isBeforeTLS else { return fail(failure) }
        return [talk.sayLast(farewell())] + fail(failure)
    }

    /// The server breaks the rules of its protocol.
    mutating func violation(_ violation: MailFailure.Violation, _ words: ForeignText) -> [ProbeAction] {
        let answer = words.isEmpty ? nil : ServerAnswer(code: nil, words: words)
        let failure = talk.failure(.protocolViolation(violation), answer)
        // Whoever greets so may be anything but a mail server.
        return talk.phase == .greeting ? fail(failure) : leave(failure)
    }

    /// The server says more than a login needs; nobody waits for it to end.
    mutating func exceeded(_ fault: ReadingFault) -> [ProbeAction] {
        let failure = talk.failure(fault.kind)
        talk.heard(ForeignText("(\(failure.code))"))
        return fail(failure)
    }

    mutating func finish(_ result: Result<LoginProof, MailFailure>) -> [ProbeAction] {
        talk.phase = .over
        return [.finished(result)]
    }
}

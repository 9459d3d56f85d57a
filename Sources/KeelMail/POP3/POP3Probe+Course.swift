import KeelBase

/// The course of the conversation: greeting, capabilities, TLS, login, one command.
extension POP3Probe {
    /// Takes one line.
    mutating func take(_ raw: [UInt8]) -> [ProbeAction] {
        let line = talk.cleaned(raw)
        if let list { return listed(line, list) }
        // A challenge is read as it came: cut out of base 64, a credential would leave something unreadable.
        if talk.phase == .prompt || talk.phase == .verdict, case .continuation(let text)? = POP3Response(parsing: raw) {
            return continued(text)
        }
        talk.heard(line)
        guard let response = POP3Response(parsing: line) else {
            return violation(talk.phase == .greeting ? .notAGreeting : .unreadable, ForeignText(line))
        }
        switch response {
        case .continuation:
            return violation(talk.phase == .greeting ? .notAGreeting : .unexpectedContinuation, ForeignText(line))
        case .ok(let text):
            if talk.phase == .greeting { stamp = POP3Stamp.find(in: line) }
            return accepted(text)
        case .error(let text): return refused(text)
        }
    }

    private mutating func accepted(_ text: POP3Text) -> [ProbeAction] {
        switch talk.phase {
        case .greeting:
            talk.greeting = text.words
            return askCapabilities()
        case .capability:
            list = .capabilities(POP3Capabilities())
            return []
        case .startTLS: return handshake()
        case .prompt where talk.method == .command: return sendPassword()
        case .prompt, .verdict:
            if let violation = accepted(text.answer, isEarly: talk.phase == .prompt) { return violation }
            return [talk.say("STAT")]
        case .proof where position == nil: return counted(text)
        case .proof:
            list = .header(MessageHeader())
            return []
        case .leaving, .idle, .handshake, .over: return ended()
        }
    }

    /// Takes one line of a list (RFC 1939 section 3): the dot alone ends it, and one before more is not part of it.
    private mutating func listed(_ line: [UInt8], _ list: POP3List) -> [ProbeAction] {
        let isEnd = line == [UInt8(ascii: ".")]
        let content = line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...]
        if isEnd { self.list = nil }
        switch list {
        case .capabilities(var capabilities):
            talk.heard(line)
            if isEnd {
                self.capabilities = capabilities
                return goOn()
            }
            guard capabilities.add(content) else { return exceeded(.responseTooLarge) }
            self.list = .capabilities(capabilities)
        case .header(var header):
            if isEnd { return looked(at: header) }
            header.add(content)
            self.list = .header(header)
        }
        return []
    }

    private mutating func goOn() -> [ProbeAction] {
        // A server that lists what it can and not `USER` does not want passwords so (RFC 2449 section 6.3).
        let offer = LoginOffer(
            mechanisms: capabilities?.mechanisms ?? [], takesCommand: capabilities?.contains("USER") != false,
            takesAPOP: stamp != nil, isBindable: talk.endPoint != nil)
        return goOn(
            offer, capabilities: capabilities?.names ?? [], offersTLS: capabilities?.contains("STLS") == true)
    }

    // MARK: Refusals

    private mutating func refused(_ text: POP3Text) -> [ProbeAction] {
        switch talk.phase {
        // The server closes after it.
        case .greeting: return fail(failure(.greetingRefused, text))
        case .capability where talk.isBeforeTLS: return fail(failure(.startTLSNotOffered, text))
        // CAPA is an extension; USER, PASS and APOP need none.
        case .capability: return goOn()
        case .startTLS: return fail(failure(.startTLSRefused, text))
        case .prompt, .verdict:
            let isEarly = talk.phase == .prompt && talk.method != .command
            let refusal = failure(isEarly ? .mechanismRefused : .authenticationFailed, text)
            return (refusal.transience == .transient ? nil : unbound()) ?? leave(refusal)
        case .proof where position == nil: return leave(failure(.postLoginRefused, text))
        case .proof: return unsearchable(text.answer)
        case .leaving, .idle, .handshake, .over: return ended()
        }
    }

    /// A failure whose code decides, and where it has none, the place in the conversation (`kind`).
    private func failure(_ kind: MailFailure.Kind, _ text: POP3Text) -> MailFailure {
        let coded = text.code.flatMap(POP3ResponseCode.init).map(\.loginKind)
        let isFixed =
            switch kind {
            // There the place is what matters.
            case .greetingRefused, .startTLSNotOffered, .startTLSRefused, .postLoginRefused: true
            // Nothing can be wrong with a credential that was not shown.
            case .mechanismRefused: coded == .authenticationFailed
            default: false
            }
        return talk.failure(
            isFixed ? kind : coded ?? kind, text.answer, transience: (coded ?? kind).transience)
    }
}

import KeelBase

/// The course of the conversation: greeting, capabilities, login, one command, leave.
extension IMAPLoginProbe {
    /// Takes one whole response.
    mutating func take(_ raw: [UInt8]) -> [ProbeAction] {
        let line = voice.cleaned(raw)
        guard let response = IMAPResponse(parsing: line) else {
            voice.heard(ForeignText(line))
            return violation(phase == .greeting ? .notAGreeting : .unreadable, ForeignText(line))
        }
        // A challenge is read as it came: cut out of base 64, a credential would leave something unreadable.
        if phase != .greeting, case .continuation = response { return continued(Array(raw.dropFirst(2))) }
        voice.heard(ForeignText(line))
        if phase == .greeting { return greeted(response, line) }
        switch response {
        case .continuation: return []
        case .status(.bye, let text): return dismissed(text)
        case .status(.preauth, let text): return violation(.unreadable, text.words)
        case .status(.ok, let text), .status(.no, let text), .status(.bad, let text):
            note(text)
            return []
        case .capability(let announced):
            capabilities = announced
            return []
        case .data: return []
        case .completion(let tag, let status, let text):
            guard tag == expectedTag else { return violation(.unknownTag, text.words) }
            return completed(status, text)
        }
    }

    // MARK: The greeting

    private mutating func greeted(_ response: IMAPResponse, _ line: [UInt8]) -> [ProbeAction] {
        switch response {
        case .status(.ok, let text):
            greeting = text.words
            capabilities = text.capabilities
            return capabilities == nil ? askCapabilities { .capabilities(tag: $0) } : secureOrAuthenticate()
        case .status(.preauth, let text):
            return fail(MailFailure(.unexpectedPreauth, answer: text.answer, wasBeforeTLS: isBeforeTLS))
        case .status(.bye, let text): return farewell(.greetingRefused, text)
        case .status, .completion, .continuation, .capability, .data: return violation(.notAGreeting, ForeignText(line))
        }
    }

    // MARK: TLS

    private mutating func secureOrAuthenticate() -> [ProbeAction] {
        guard isBeforeTLS else { return authenticate() }
        guard capabilities?.contains("STARTTLS") == true else {
            return fail(MailFailure(.startTLSNotOffered, wasBeforeTLS: true))
        }
        let tag = nextTag()
        phase = .startTLS(tag: tag)
        return [voice.say("\(tag) STARTTLS")]
    }

    private mutating func secure(_ worked: Bool, _ text: IMAPResponseText) -> [ProbeAction] {
        guard worked else {
            return fail(MailFailure(.startTLSRefused, answer: text.answer, wasBeforeTLS: true))
        }
        phase = .handshake
        return [.startTLS]
    }

    // MARK: Ends of commands

    private var expectedTag: String? {
        switch phase {
        case .capabilities(let tag), .startTLS(let tag), .prompt(let tag), .verdict(let tag),
            .capabilitiesAgain(let tag), .confirmation(let tag, _), .leaving(let tag):
            tag
        case .idle, .greeting, .handshake, .over: nil
        }
    }

    private mutating func completed(_ status: IMAPStatus, _ text: IMAPResponseText) -> [ProbeAction] {
        note(text)
        let worked = status == .ok
        switch phase {
        case .capabilities:
            if worked { return secureOrAuthenticate() }
            return refused(isBeforeTLS ? .startTLSNotOffered : .protocolViolation(.capabilitiesMissing), text)
        case .startTLS: return secure(worked, text)
        case .prompt:
            if worked { return violation(.successWithoutCredential, text.words) }
            return refused(status == .no ? .mechanismRefused : .commandRejected, text)
        case .verdict:
            if worked { return accepted(text) }
            let isRefusal = status == .no || exchange?.doubt == .successAfterRefusal
            return refused(isRefusal ? .authenticationFailed : .commandRejected, text)
        case .capabilitiesAgain: return worked ? confirm() : refused(.postLoginRefused, text)
        case .confirmation(_, let command):
            guard worked else { return refused(.postLoginRefused, text) }
            return opensInbox && command != Self.look ? confirm(by: Self.look) : leave(command)
        case .leaving, .idle, .greeting, .handshake, .over: return proof.map { finish(.success($0)) } ?? []
        }
    }

    /// One command that needs the mailbox: some servers let a user in whom they then do not connect to one.
    mutating func confirm() -> [ProbeAction] {
        confirm(by: capabilities?.contains("NAMESPACE") == true ? "NAMESPACE" : "LIST \"\" \"\"")
    }

    /// Opens the inbox for reading alone (RFC 9051 section 6.3.3), so that nothing in it changes.
    private static let look = "EXAMINE INBOX"

    private mutating func confirm(by command: String) -> [ProbeAction] {
        let tag = nextTag()
        phase = .confirmation(tag: tag, command: command)
        return [voice.say("\(tag) \(command)")]
    }

    private mutating func leave(_ command: String) -> [ProbeAction] {
        proof = LoginProof(
            mechanism: method, capabilities: capabilities?.names ?? [], greeting: greeting,
            command: command,
            alerts: alerts)
        let tag = nextTag()
        phase = .leaving(tag: tag)
        return [voice.say("\(tag) LOGOUT")]
    }

    // MARK: Refusals

    /// `BYE`, which may come at any time (RFC 9051 section 7.1.5).
    private mutating func dismissed(_ text: IMAPResponseText) -> [ProbeAction] {
        switch phase {
        case .verdict where exchange?.doubt == .successAfterRefusal: farewell(.authenticationFailed, text)
        case .capabilitiesAgain, .confirmation: farewell(.postLoginRefused, text)
        case .idle, .greeting, .capabilities, .startTLS, .handshake, .prompt, .verdict, .leaving, .over:
            farewell(.byeBeforeLogin, text)
        }
    }

    /// `NO` or `BAD`: the server still listens.
    private mutating func refused(_ kind: MailFailure.Kind, _ text: IMAPResponseText) -> [ProbeAction] {
        leave(failure(kind, text))
    }

    /// The server leaves first.
    private mutating func farewell(_ kind: MailFailure.Kind, _ text: IMAPResponseText) -> [ProbeAction] {
        fail(failure(kind, text))
    }

    private func failure(_ kind: MailFailure.Kind, _ text: IMAPResponseText) -> MailFailure {
        MailFailure(
            kind, refusal: text, challenge: exchange?.error, credentialWasOffered: voice.credentialWasOffered,
            wasBeforeTLS: isBeforeTLS)
    }

    mutating func violation(_ violation: MailFailure.Violation, _ words: ForeignText) -> [ProbeAction] {
        fail(
            MailFailure(
                .protocolViolation(violation), answer: words.isEmpty ? nil : ServerAnswer(code: nil, words: words),
                credentialWasOffered: voice.credentialWasOffered, wasBeforeTLS: isBeforeTLS))
    }

    // MARK: What is remembered

    /// Keeps what a status response carries beside its meaning.
    private mutating func note(_ text: IMAPResponseText) {
        if let announced = text.capabilities { capabilities = announced }
        switch phase {
        case .capabilitiesAgain, .confirmation: noteAlert(text)
        // Before the login an alert could be anybody's.
        case .idle, .greeting, .capabilities, .startTLS, .handshake, .prompt, .verdict, .leaving, .over: break
        }
    }

    mutating func noteAlert(_ text: IMAPResponseText) {
        if text.code == "ALERT", alerts.count < 8 { alerts.append(text.words) }
    }
}

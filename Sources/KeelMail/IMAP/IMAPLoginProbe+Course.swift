import KeelBase

/// The course of the conversation: greeting, capabilities, TLS, login, and what ends it early.
extension IMAPLoginProbe {
    /// Takes one whole response.
    mutating func take(_ raw: IMAPReader.Response) -> [ProbeAction] {
        let line = talk.cleaned(raw.text)
        let isGreeting = talk.phase == .greeting
        guard let response = IMAPResponse(parsing: line) else {
            talk.heard(line)
            return violation(isGreeting ? .notAGreeting : .unreadable, ForeignText(line))
        }
        // A challenge is read as it came: cut out of base 64, a credential would leave something unreadable.
        if !isGreeting, case .continuation = response { return continuation(Array(raw.text.dropFirst(2))) }
        talk.heard(line)
        if isGreeting { return greeted(response, line) }
        switch response {
        case .continuation: return []
        case .status(.bye, let text): return dismissed(text)
        case .status(.preauth, let text): return violation(.unreadable, text.words)
        case .status(.ok, let text), .status(.no, let text), .status(.bad, let text): note(text)
        case .capability(let announced): capabilities = announced
        case .data(let words): took(words, raw.literal)
        case .completion(let tag, let status, let text):
            guard tag == self.tag else { return violation(.unknownTag, text.words) }
            return completed(status, text)
        }
        return []
    }

    private mutating func greeted(_ response: IMAPResponse, _ line: [UInt8]) -> [ProbeAction] {
        switch response {
        case .status(.ok, let text):
            talk.greeting = text.words
            capabilities = text.capabilities
            return capabilities == nil ? askCapabilities() : goOn()
        case .status(.preauth, let text): return fail(talk.failure(.unexpectedPreauth, text.answer))
        case .status(.bye, let text): return fail(failure(.greetingRefused, text))
        case .status, .completion, .continuation, .capability, .data: return violation(.notAGreeting, ForeignText(line))
        }
    }

    private mutating func completed(_ status: IMAPStatus, _ text: IMAPResponseText) -> [ProbeAction] {
        note(text)
        let worked = status == .ok
        switch talk.phase {
        case .capability:
            if worked { return goOn() }
            return leave(
                failure(talk.isBeforeTLS ? .startTLSNotOffered : .protocolViolation(.capabilitiesMissing), text))
        case .startTLS: return worked ? handshake() : fail(talk.failure(.startTLSRefused, text.answer))
        case .prompt:
            if worked { return loggedIn(text) }
            return refused(status == .no ? .mechanismRefused : .commandRejected, text)
        case .verdict:
            if worked { return loggedIn(text) }
            let isRefusal = status == .no || talk.exchange?.doubt == .successAfterRefusal
            return refused(isRefusal ? .authenticationFailed : .commandRejected, text)
        case .proof: return worked ? stepDone(text) : stepFailed(text)
        case .leaving, .idle, .greeting, .handshake, .over: return ended()
        }
    }

    // MARK: Refusals

    private mutating func refused(_ kind: MailFailure.Kind, _ text: IMAPResponseText) -> [ProbeAction] {
        let refusal = failure(kind, text)
        return (refusal.transience == .transient ? nil : unbound()) ?? leave(refusal)
    }

    /// `BYE`, which may come at any time (RFC 9051 section 7.1.5). The server leaves first.
    private mutating func dismissed(_ text: IMAPResponseText) -> [ProbeAction] {
        let kind: MailFailure.Kind =
            switch talk.phase {
            case _ where talk.credentialWasOffered && text.says(IMAPWords.tokenExpired): .credentialExpired
            case .verdict where talk.exchange?.doubt == .successAfterRefusal: .authenticationFailed
            case .proof: .postLoginRefused
            default: .byeBeforeLogin
            }
        return fail(failure(kind, text))
    }

    // MARK: What is remembered

    /// Keeps what a status response carries beside its meaning.
    private mutating func note(_ text: IMAPResponseText) {
        if let announced = text.capabilities { capabilities = announced }
        // Before the login an alert could be anybody's.
        if talk.phase == .proof { noteAlert(text) }
    }

    mutating func noteAlert(_ text: IMAPResponseText) {
        if text.code == "ALERT", alerts.count < 8 { alerts.append(text.words) }
    }
}

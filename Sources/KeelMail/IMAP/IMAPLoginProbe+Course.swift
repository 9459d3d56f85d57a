import KeelBase

/// The course of the conversation: greeting, capabilities, login, one command, leave.
extension IMAPLoginProbe {
    /// Takes one whole response.
    mutating func take(_ raw: [UInt8]) -> [ProbeAction] {
        // Only a server that was shown the credential can repeat it.
        let line = credentialWasOffered ? mask.applied(to: raw) : raw
        guard let response = IMAPResponse(parsing: line) else {
            transcript.add(.server, ForeignText(line))
            return violation(phase == .greeting ? .notAGreeting : .unreadable, ForeignText(line))
        }
        if credentialWasOffered, case .continuation(let text) = response { return challenged(text) }
        transcript.add(.server, ForeignText(line))
        if phase == .greeting { return greeted(response, line) }
        switch response {
        case .continuation: return prompted()
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
            return capabilities == nil ? askCapabilities { .capabilities(tag: $0) } : authenticate()
        case .status(.preauth, let text): return fail(MailFailure(.unexpectedPreauth, answer: text.answer))
        case .status(.bye, let text): return refused(.greetingRefused, text)
        case .status, .completion, .continuation, .capability, .data: return violation(.notAGreeting, ForeignText(line))
        }
    }

    private mutating func askCapabilities(_ next: (String) -> Phase) -> [ProbeAction] {
        let tag = nextTag()
        phase = next(tag)
        return [send("\(tag) CAPABILITY")]
    }

    // MARK: The login

    private mutating func authenticate() -> [ProbeAction] {
        guard let capabilities else { return violation(.capabilitiesMissing, ForeignText("")) }
        guard capabilities.contains("AUTH=\(mechanism.rawValue)") else {
            return fail(MailFailure(.mechanismNotOffered(offered: capabilities.mechanisms)))
        }
        guard case .success(let sasl) = sasl else { return [] }
        self.capabilities = nil
        let tag = nextTag()
        let command = "\(tag) AUTHENTICATE \(mechanism.rawValue)"
        // An initial response only where it is announced (RFC 4959 section 3).
        if capabilities.contains("SASL-IR") {
            phase = .verdict(tag: tag)
            return [send(command + " ", credential: sasl.initialResponse)]
        }
        phase = .prompt(tag: tag)
        return [send(command)]
    }

    /// A continuation before the credential was shown.
    private mutating func prompted() -> [ProbeAction] {
        guard case .prompt(let tag) = phase, case .success(let sasl) = sasl else {
            return violation(.unexpectedContinuation, ForeignText(""))
        }
        phase = .verdict(tag: tag)
        return [send("", credential: sasl.initialResponse)]
    }

    /// A continuation after it: the mechanism's error, which must be answered before the server says `NO`.
    private mutating func challenged(_ text: [UInt8]) -> [ProbeAction] {
        let challenge = XOAUTH2.Challenge(base64: text, mask: &mask)
        // Not the base 64 itself, in which a repeated token could hide.
        transcript.add(.server, ForeignText("+ (challenge: \(challenge.map { "\($0)" } ?? "\(text.count) bytes"))"))
        switch phase {
        case .verdict(let tag):
            phase = .refusal(tag: tag, challenge, isError: !text.isEmpty)
            transcript.add(.client, ForeignText("(empty line)"))
            return [.send(Secret(copying: XOAUTH2.answerToChallenge + [0x0D, 0x0A]), shown: "(empty line)")]
        case .refusal: return violation(.repeatedChallenge, ForeignText(""))
        default: return violation(.unexpectedContinuation, ForeignText(""))
        }
    }

    // MARK: Ends of commands

    private var expectedTag: String? {
        switch phase {
        case .capabilities(let tag), .prompt(let tag), .verdict(let tag), .refusal(let tag, _, _),
            .capabilitiesAgain(let tag), .confirmation(let tag, _), .leaving(let tag):
            tag
        case .idle, .greeting, .over: nil
        }
    }

    private mutating func completed(_ status: IMAPStatus, _ text: IMAPResponseText) -> [ProbeAction] {
        note(text)
        let worked = status == .ok
        switch phase {
        case .capabilities:
            return worked ? authenticate() : refused(.protocolViolation(.capabilitiesMissing), text)
        case .prompt:
            if worked { return violation(.successWithoutCredential, text.words) }
            return refused(status == .no ? .mechanismRefused : .commandRejected, text)
        case .verdict:
            if worked { return loggedIn(text) }
            return refused(status == .no ? .authenticationFailed : .commandRejected, text)
        case .refusal(_, let challenge, let isError):
            guard worked else { return refused(.authenticationFailed, text, challenge) }
            return isError ? violation(.successAfterRefusal, text.words) : loggedIn(text)
        case .capabilitiesAgain: return worked ? confirm() : refused(.postLoginRefused, text)
        case .confirmation(_, let command): return worked ? leave(command) : refused(.postLoginRefused, text)
        case .leaving, .idle, .greeting, .over: return proof.map { finish(.success($0)) } ?? []
        }
    }

    private mutating func loggedIn(_ text: IMAPResponseText) -> [ProbeAction] {
        noteAlert(text)
        return capabilities == nil ? askCapabilities { .capabilitiesAgain(tag: $0) } : confirm()
    }

    /// One command that needs the mailbox: some servers let a user in whom they then do not connect to one.
    private mutating func confirm() -> [ProbeAction] {
        let command = capabilities?.contains("NAMESPACE") == true ? "NAMESPACE" : "LIST \"\" \"\""
        let tag = nextTag()
        phase = .confirmation(tag: tag, command: command)
        return [send("\(tag) \(command)")]
    }

    private mutating func leave(_ command: String) -> [ProbeAction] {
        proof = LoginProof(
            mechanism: mechanism, capabilities: capabilities?.names ?? [], greeting: greeting, command: command,
            alerts: alerts)
        let tag = nextTag()
        phase = .leaving(tag: tag)
        return [send("\(tag) LOGOUT")]
    }

    // MARK: Refusals

    /// `BYE`, which may come at any time (RFC 9051 section 7.1.5).
    private mutating func dismissed(_ text: IMAPResponseText) -> [ProbeAction] {
        switch phase {
        case .refusal(_, let challenge, _): refused(.authenticationFailed, text, challenge)
        case .capabilitiesAgain, .confirmation: refused(.postLoginRefused, text)
        case .idle, .greeting, .capabilities, .prompt, .verdict, .leaving, .over: refused(.byeBeforeLogin, text)
        }
    }

    private mutating func refused(
        _ kind: MailFailure.Kind, _ text: IMAPResponseText, _ challenge: XOAUTH2.Challenge? = nil
    ) -> [ProbeAction] {
        fail(MailFailure(kind, refusal: text, challenge: challenge, credentialWasOffered: credentialWasOffered))
    }

    private mutating func violation(_ violation: MailFailure.Violation, _ words: ForeignText) -> [ProbeAction] {
        fail(
            MailFailure(
                .protocolViolation(violation), answer: words.isEmpty ? nil : ServerAnswer(code: nil, words: words),
                credentialWasOffered: credentialWasOffered))
    }

    // MARK: What is remembered

    /// Keeps what a status response carries beside its meaning.
    private mutating func note(_ text: IMAPResponseText) {
        if let announced = text.capabilities { capabilities = announced }
        switch phase {
        case .capabilitiesAgain, .confirmation: noteAlert(text)
        // Before the login an alert could be anybody's.
        case .idle, .greeting, .capabilities, .prompt, .verdict, .refusal, .leaving, .over: break
        }
    }

    private mutating func noteAlert(_ text: IMAPResponseText) {
        if text.code == "ALERT", alerts.count < 8 { alerts.append(text.words) }
    }
}

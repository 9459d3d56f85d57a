import KeelBase
import KeelCrypto

/// The course of the conversation: greeting, capabilities, TLS, login, one command, leave.
extension POP3Probe {
    /// Takes one line.
    mutating func take(_ raw: [UInt8]) -> [ProbeAction] {
        let line = voice.cleaned(raw)
        if case .list(let capabilities) = phase { return listed(line, capabilities) }
        // A challenge is read as it came: cut out of base 64, a credential would leave something unreadable.
        if phase == .prompt || phase == .verdict, case .continuation(let text)? = POP3Response(parsing: raw) {
            return continued(text)
        }
        voice.heard(ForeignText(line))
        guard let response = POP3Response(parsing: line) else {
            return violation(phase == .greeting ? .notAGreeting : .unreadable, ForeignText(line))
        }
        switch response {
        case .continuation:
            return violation(phase == .greeting ? .notAGreeting : .unexpectedContinuation, ForeignText(line))
        case .ok(let text):
            if phase == .greeting { stamp = POP3Stamp.find(in: line) }
            return accepted(text)
        case .error(let text): return refused(text)
        }
    }

    private mutating func accepted(_ text: POP3Text) -> [ProbeAction] {
        switch phase {
        case .greeting:
            greeting = text.words
            return askCapabilities()
        case .capabilities:
            phase = .list(POP3Capabilities())
            return []
        case .startTLS:
            phase = .handshake
            return [.startTLS]
        case .prompt: return violation(.successWithoutCredential, text.words)
        case .user: return sendPassword()
        case .verdict:
            if let doubt = exchange?.doubt { return violation(doubt, text.words) }
            voice.evidence.acceptance = text.answer
            phase = .confirmation
            return [voice.say("STAT")]
        case .confirmation:
            proof = LoginProof(
                mechanism: method, capabilities: capabilities?.names ?? [], greeting: greeting,
                command: "STAT")
            phase = .leaving
            return [voice.say("QUIT")]
        case .leaving, .idle, .list, .handshake, .over: return proof.map { finish(.success($0)) } ?? []
        }
    }

    private mutating func listed(_ line: [UInt8], _ capabilities: POP3Capabilities) -> [ProbeAction] {
        voice.heard(ForeignText(line))
        if line == [UInt8(ascii: ".")] {
            self.capabilities = capabilities
            return secureOrAuthenticate()
        }
        var capabilities = capabilities
        // A dot at the start is doubled (RFC 1939 section 3).
        guard capabilities.add(line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...]) else {
            return exceeded(
                MailFailure(
                    .responseTooLarge, credentialWasOffered: voice.credentialWasOffered, wasBeforeTLS: isBeforeTLS))
        }
        phase = .list(capabilities)
        return []
    }

    // MARK: The login

    private mutating func secureOrAuthenticate() -> [ProbeAction] {
        guard isBeforeTLS else { return authenticate() }
        guard capabilities?.contains("STLS") == true else {
            return fail(MailFailure(.startTLSNotOffered, wasBeforeTLS: true))
        }
        phase = .startTLS
        return [voice.say("STLS")]
    }

    private mutating func authenticate() -> [ProbeAction] {
        let offered = capabilities?.mechanisms ?? []
        // A server that lists what it can and not `USER` does not want passwords so (RFC 2449 section 6.3).
        let offer = LoginOffer(
            mechanisms: offered, takesCommand: capabilities?.contains("USER") != false, takesAPOP: stamp != nil,
            isBindable: endPoint != nil)
        do throws(MailFailure) {
            let method = try voice.choose(
                order, offer, capabilities: capabilities?.names ?? [], greeting: greeting)
            guard let credential = order.login.credential else { throw MailFailure(.mechanismRefused) }
            switch method {
            case .sasl(let mechanism):
                phase = .prompt
                let exchange = try order.exchange(mechanism, credential, offered: offered, endPoint: endPoint)
                self.exchange = exchange
                return [voice.say("AUTH \(exchange.name)")]
            case .command:
                try checkName()
                phase = .user
                return [voice.say("USER \(order.login.userName)")]
            case .apop:
                try checkName()
                phase = .verdict
                return sendDigest(stamp ?? [], credential.secret)
            case .none: throw MailFailure(.mechanismRefused)
            }
        } catch { return leave(error) }
    }

    private mutating func sendDigest(_ stamp: [UInt8], _ password: Secret) -> [ProbeAction] {
        let digest = LoginDigest.md5.hash(Secret(copying: stamp + password.reveal()))
        let text = Secret(copying: Hexadecimal.text(digest.reveal()))
        return [voice.say("APOP \(order.login.userName) ", secret: text, shown: "(digest, \(text.count) bytes)")]
    }

    private mutating func sendPassword() -> [ProbeAction] {
        phase = .verdict
        guard let password = order.login.credential?.secret else { return violation(.unexpectedReply, ForeignText("")) }
        return [voice.say("PASS ", secret: password, shown: "(password, \(password.count) bytes)")]
    }

    /// The server asks for the first response, or sends a challenge.
    private mutating func continued(_ text: [UInt8]) -> [ProbeAction] {
        let isFirst = phase == .prompt
        phase = .verdict
        if isFirst, let response = exchange?.initialResponse {
            // What stands there is nothing that a mechanism with a first response could use.
            voice.heard(ForeignText("+ " + (text.isEmpty ? "" : "(\(text.count) bytes)")))
            return [voice.say("", response)]
        }
        guard var exchange else { return violation(.unexpectedContinuation, ForeignText("")) }
        do throws(MailFailure) {
            let line = try exchange.answer(toBase64: text)
            self.exchange = exchange
            voice.heard(ForeignText("+ (challenge: \(exchange.error.map { "\($0)" } ?? "\(text.count) bytes"))"))
            return [voice.say("", line)]
        } catch {
            voice.heard(ForeignText("+ (challenge: \(text.count) bytes)"))
            return fail(
                MailFailure(error.kind, challenge: exchange.error, credentialWasOffered: voice.credentialWasOffered))
        }
    }

    // MARK: Refusals

    private mutating func refused(_ text: POP3Text) -> [ProbeAction] {
        switch phase {
        // The server closes after it.
        case .greeting: return fail(failure(.greetingRefused, text))
        case .capabilities where isBeforeTLS: return fail(failure(.startTLSNotOffered, text))
        // CAPA is an extension; USER, PASS and APOP need none.
        case .capabilities:
            capabilities = nil
            return secureOrAuthenticate()
        case .startTLS: return fail(failure(.startTLSRefused, text))
        case .prompt: return leave(failure(.mechanismRefused, text))
        case .user, .verdict: return leave(failure(.authenticationFailed, text))
        case .confirmation: return leave(failure(.postLoginRefused, text))
        case .leaving, .idle, .list, .handshake, .over: return proof.map { finish(.success($0)) } ?? []
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
        return MailFailure(
            isFixed ? kind : coded ?? kind, answer: text.answer, challenge: exchange?.error,
            transience: (coded ?? kind).transience, credentialWasOffered: voice.credentialWasOffered,
            wasBeforeTLS: isBeforeTLS)
    }
}

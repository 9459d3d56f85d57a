import KeelBase

/// The course of the conversation: greeting, extensions, TLS, login, sender, leave.
extension SMTPProbe {
    /// Takes one whole reply.
    mutating func take(_ reply: SMTPReply) -> [ProbeAction] {
        switch phase {
        case .greeting: greeted(reply)
        case .hello: answeredHello(reply)
        case .oldHello: reply.code == 250 ? confirm() : refused(.commandRejected, reply)
        case .startTLS: secure(reply)
        case .prompt, .verdict: answeredLogin(reply)
        case .confirmation(let command): confirmed(command, reply)
        // The sender was accepted; whether it could be taken back changes nothing, for nothing was sent.
        case .reset: takeLeave()
        case .leaving, .idle, .handshake, .over: proof.map { finish(.success($0)) } ?? []
        }
    }

    private mutating func greeted(_ reply: SMTPReply) -> [ProbeAction] {
        switch reply.code {
        case 220:
            greeting = reply.answer.words
            return hello()
        case 400..<600: return fail(failure(.greetingRefused, reply))
        default: return violation(.notAGreeting, reply.answer.words)
        }
    }

    mutating func hello() -> [ProbeAction] {
        phase = .hello
        return [voice.say("EHLO \(clientName)")]
    }

    private mutating func answeredHello(_ reply: SMTPReply) -> [ProbeAction] {
        if reply.code == 250 {
            let extensions = SMTPExtensions(reply)
            self.extensions = extensions
            guard isBeforeTLS else { return authenticate(extensions) }
            guard extensions.contains("STARTTLS") else {
                return fail(MailFailure(.startTLSNotOffered, wasBeforeTLS: true))
            }
            phase = .startTLS
            return [voice.say("STARTTLS")]
        }
        // A server that knows no extensions, or somebody who does not want us to see them (RFC 5321 section 3.2).
        let isOld = (500..<505).contains(reply.code)
        if isBeforeTLS {
            return fail(failure(isOld ? .startTLSNotOffered : reply.loginKind ?? .commandRejected, reply))
        }
        guard isOld else { return refused(reply.loginKind ?? .commandRejected, reply) }
        guard order.login.credential == nil else { return refused(.mechanismNotOffered(offered: []), reply) }
        phase = .oldHello
        return [voice.say("HELO \(clientName)")]
    }

    private mutating func secure(_ reply: SMTPReply) -> [ProbeAction] {
        guard reply.code == 220 else { return fail(failure(.startTLSRefused, reply)) }
        phase = .handshake
        return [.startTLS]
    }

    // MARK: The login

    private mutating func authenticate(_ extensions: SMTPExtensions) -> [ProbeAction] {
        let offer = LoginOffer(mechanisms: extensions.mechanisms, isBindable: endPoint != nil)
        do throws(MailFailure) {
            let method = try voice.choose(order, offer, capabilities: extensions.names, greeting: greeting)
            guard case .sasl(let mechanism) = method, let credential = order.login.credential else { return confirm() }
            phase = .prompt
            let exchange = try order.exchange(
                mechanism, credential, offered: extensions.mechanisms, endPoint: endPoint)
            self.exchange = exchange
            return [voice.say("AUTH \(exchange.name)")]
        } catch { return leave(error) }
    }

    private mutating func answeredLogin(_ reply: SMTPReply) -> [ProbeAction] {
        let wasAsked = phase == .verdict
        switch reply.code {
        case 334:
            phase = .verdict
            // What stands behind the first 334 is nothing that a mechanism with a first response could use.
            if !wasAsked, let response = exchange?.initialResponse { return [voice.say("", response)] }
            return challenged(reply.texts.last ?? [])
        case 235:
            if let doubt = wasAsked ? exchange?.doubt : .successWithoutCredential {
                return violation(doubt, reply.answer.words)
            }
            voice.evidence.acceptance = reply.answer
            return confirm()
        case 400..<600: return refused(loginKind(reply, wasAsked), reply)
        default: return violation(.unexpectedReply, reply.answer.words)
        }
    }

    /// The code decides, and where it says no more than no, the place in the conversation.
    private func loginKind(_ reply: SMTPReply, _ wasAsked: Bool) -> MailFailure.Kind {
        if exchange?.doubt == .successAfterRefusal, !reply.isTransient {
            // A 50x here is an answer to ours to the error, which some servers take for a command.
            let kind = reply.loginKind ?? .authenticationFailed
            return kind == .commandRejected ? .authenticationFailed : kind
        }
        return reply.loginKind ?? (wasAsked ? .authenticationFailed : .mechanismRefused)
    }

    private mutating func challenged(_ text: [UInt8]) -> [ProbeAction] {
        guard var exchange else { return violation(.unexpectedReply, ForeignText("")) }
        do throws(MailFailure) {
            let line = try exchange.answer(toBase64: text)
            self.exchange = exchange
            voice.heard(ForeignText("334 (challenge: \(exchange.error.map { "\($0)" } ?? "\(text.count) bytes"))"))
            return [voice.say("", line)]
        } catch {
            voice.heard(ForeignText("334 (challenge: \(text.count) bytes)"))
            return fail(
                MailFailure(error.kind, challenge: exchange.error, credentialWasOffered: voice.credentialWasOffered))
        }
    }

    // MARK: The proof

    private mutating func confirm() -> [ProbeAction] {
        guard let sender else {
            phase = .confirmation("NOOP")
            return [voice.say("NOOP")]
        }
        let isASCII = sender.utf8.allSatisfy { $0 < 0x80 }
        guard isASCII || extensions?.contains("SMTPUTF8") == true else {
            return leave(MailFailure(.smtpUTF8NotOffered, credentialWasOffered: voice.credentialWasOffered))
        }
        let command = "MAIL FROM:<\(sender)>" + (isASCII ? "" : " SMTPUTF8")
        phase = .confirmation(command)
        return [voice.say(command)]
    }

    private mutating func confirmed(_ command: String, _ reply: SMTPReply) -> [ProbeAction] {
        guard reply.isPositive else {
            let isKnown = (400..<600).contains(reply.code)
            guard isKnown else { return violation(.unexpectedReply, reply.answer.words) }
            let isSender = sender != nil
            return refused(
                isSender ? reply.senderKind(loggedIn: order.login.credential != nil) : .postLoginRefused, reply)
        }
        proof = LoginProof(
            mechanism: method, capabilities: extensions?.names ?? [], greeting: greeting, command: command)
        guard sender != nil else { return takeLeave() }
        phase = .reset
        return [voice.say("RSET")]
    }

    private mutating func takeLeave() -> [ProbeAction] {
        phase = .leaving
        return [voice.say("QUIT")]
    }

    // MARK: Refusals

    /// The server said no. After 421 it closes, and hears nothing more.
    private mutating func refused(_ kind: MailFailure.Kind, _ reply: SMTPReply) -> [ProbeAction] {
        reply.code == 421 ? fail(failure(kind, reply)) : leave(failure(kind, reply))
    }

    private func failure(_ kind: MailFailure.Kind, _ reply: SMTPReply) -> MailFailure {
        // Postfix says 535 also when it cannot ask the provider; only the mechanism's error tells a bad token apart.
        let isAmbiguous =
            kind == .authenticationFailed && exchange?.mayCarryError == true
            && exchange?.doubt != .successAfterRefusal
        return MailFailure(
            kind, answer: reply.answer, challenge: exchange?.error,
            transience: isAmbiguous ? .unclear : reply.transience,
            credentialWasOffered: voice.credentialWasOffered, wasBeforeTLS: isBeforeTLS)
    }
}

import KeelBase

/// The course of the conversation: greeting, extensions, TLS, login.
extension SMTPProbe {
    /// Takes one whole reply.
    mutating func take(_ reply: SMTPReply) -> [ProbeAction] {
        switch talk.phase {
        case .greeting: greeted(reply)
        case .capability: answeredHello(reply)
        case .startTLS: reply.code == 220 ? handshake() : fail(failure(.startTLSRefused, reply))
        case .prompt, .verdict: answeredLogin(reply)
        case .proof: answeredStep(reply)
        case .leaving, .idle, .handshake, .over: ended()
        }
    }

    private mutating func greeted(_ reply: SMTPReply) -> [ProbeAction] {
        switch reply.code {
        case 220:
            talk.greeting = reply.answer.words
            return askCapabilities()
        case 400..<600: return fail(failure(.greetingRefused, reply))
        default: return violation(.notAGreeting, reply.answer.words)
        }
    }

    private mutating func answeredHello(_ reply: SMTPReply) -> [ProbeAction] {
        if reply.code == 250 {
            // What follows the answer to `HELO` announces nothing.
            let extensions = knowsNoExtensions ? SMTPExtensions() : SMTPExtensions(reply)
            self.extensions = extensions
            let offer = LoginOffer(mechanisms: extensions.mechanisms, isBindable: talk.endPoint != nil)
            return goOn(offer, capabilities: extensions.names, offersTLS: extensions.contains("STARTTLS"))
        }
        // A server that knows no extensions, or somebody who does not want us to see them (RFC 5321 section 3.2).
        let isOld = (500..<505).contains(reply.code)
        if talk.isBeforeTLS {
            return fail(failure(isOld ? .startTLSNotOffered : reply.loginKind ?? .commandRejected, reply))
        }
        guard isOld, !knowsNoExtensions else { return refused(reply.loginKind ?? .commandRejected, reply) }
        guard talk.order.login.credential == nil else { return refused(.mechanismNotOffered(offered: []), reply) }
        knowsNoExtensions = true
        return askCapabilities()
    }

    mutating func logIn(by method: LoginMethod, _ secret: Secret?) throws(MailFailure) -> [ProbeAction] {
        guard method == .none else { throw MailFailure(.methodNotOfProtocol) }
        talk.phase = .proof
        return confirm()
    }

    private mutating func answeredLogin(_ reply: SMTPReply) -> [ProbeAction] {
        switch reply.code {
        case 334: return continued(reply.texts.last ?? [])
        case 235: return accepted(reply.answer, isEarly: talk.phase == .prompt) ?? confirm()
        case 400..<500: return refused(loginKind(reply), reply)
        case 500..<600: return unbound() ?? refused(loginKind(reply), reply)
        default: return violation(.unexpectedReply, reply.answer.words)
        }
    }

    /// The code decides, and where it says no more than no, the place in the conversation.
    private func loginKind(_ reply: SMTPReply) -> MailFailure.Kind {
        if talk.exchange?.doubt == .successAfterRefusal, !reply.isTransient {
            // A 50x here is an answer to ours to the error, which some servers take for a command.
            let kind = reply.loginKind ?? .authenticationFailed
            return kind == .commandRejected ? .authenticationFailed : kind
        }
        return reply.loginKind ?? (talk.phase == .verdict ? .authenticationFailed : .mechanismRefused)
    }

    /// The server said no. After 421 it closes, and hears nothing more.
    mutating func refused(_ kind: MailFailure.Kind, _ reply: SMTPReply) -> [ProbeAction] {
        reply.code == 421 ? fail(failure(kind, reply)) : leave(failure(kind, reply))
    }

    private func failure(_ kind: MailFailure.Kind, _ reply: SMTPReply) -> MailFailure {
        // Postfix says 535 also when it cannot ask the provider; only the mechanism's error tells a bad token apart.
        let isAmbiguous =
            kind == .authenticationFailed && talk.exchange?.mayCarryError == true
            && talk.exchange?.doubt != .successAfterRefusal
        return talk.failure(kind, reply.answer, transience: isAmbiguous ? .unclear : reply.transience)
    }
}

import KeelBase

/// The login itself: by a mechanism, or by the command `LOGIN`.
extension IMAPLoginProbe {
    mutating func authenticate() -> [ProbeAction] {
        guard let capabilities else { return violation(.capabilitiesMissing, ForeignText("")) }
        // RFC 9051 section 6.2.3 forbids to try `LOGIN` where it is disabled.
        let offer = LoginOffer(
            mechanisms: capabilities.mechanisms, takesCommand: !capabilities.contains("LOGINDISABLED"),
            isBindable: endPoint != nil)
        do throws(MailFailure) {
            let method = try voice.choose(order, offer, capabilities: capabilities.names, greeting: greeting)
            guard let credential = order.login.credential else { throw MailFailure(.mechanismRefused) }
            guard case .sasl(let mechanism) = method else { return try login(with: credential.secret) }
            let exchange = try order.exchange(
                mechanism, credential, offered: capabilities.mechanisms, endPoint: endPoint)
            return authenticate(exchange, capabilities)
        } catch { return leave(error) }
    }

    private mutating func authenticate(_ exchange: SASLExchange, _ capabilities: IMAPCapabilities) -> [ProbeAction] {
        self.exchange = exchange
        self.capabilities = nil
        let tag = nextTag()
        let command = "\(tag) AUTHENTICATE \(exchange.name)"
        // An initial response only where it is announced (RFC 4959 section 3).
        if let response = exchange.initialResponse, capabilities.contains("SASL-IR") {
            phase = .verdict(tag: tag)
            return [voice.say(command + " ", response)]
        }
        phase = .prompt(tag: tag)
        return [voice.say(command)]
    }

    /// `LOGIN` with two quoted strings, which hold ASCII alone (RFC 9051 section 9, `quoted`).
    private mutating func login(with secret: Secret) throws(MailFailure) -> [ProbeAction] {
        guard let user = Self.quoted(Array(order.login.userName.utf8)) else { throw MailFailure(.unusableUserName) }
        guard let password = Self.quoted(secret.reveal()) else { throw MailFailure(.unusablePassword) }
        self.capabilities = nil
        let tag = nextTag()
        phase = .verdict(tag: tag)
        let name = String(decoding: user, as: UTF8.self)
        return [
            voice.say(
                "\(tag) LOGIN \(name) ", secret: Secret(copying: password),
                shown: "(password, \(secret.count) bytes)")
        ]
    }

    private static func quoted(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        return [quote] + bytes.flatMap { $0 == quote || $0 == backslash ? [backslash, $0] : [$0] } + [quote]
    }

    /// A continuation: the server asks for the first response, or sends a challenge.
    mutating func continued(_ text: [UInt8]) -> [ProbeAction] {
        switch phase {
        case .prompt(let tag):
            phase = .verdict(tag: tag)
            guard let response = exchange?.initialResponse else { return challenged(text) }
            voice.heard(ForeignText(Array("+ ".utf8) + text))
            return [voice.say("", response)]
        case .verdict where exchange != nil: return challenged(text)
        default:
            voice.heard(ForeignText("+ (\(text.count) bytes)"))
            return violation(.unexpectedContinuation, ForeignText(""))
        }
    }

    private mutating func challenged(_ text: [UInt8]) -> [ProbeAction] {
        guard var exchange else { return violation(.unexpectedContinuation, ForeignText("")) }
        do throws(MailFailure) {
            let line = try exchange.answer(toBase64: text)
            self.exchange = exchange
            // Not the base64 itself, in which a repeated token could hide.
            let error = exchange.error.map { "\($0)" } ?? "\(text.count) bytes"
            voice.heard(ForeignText("+ (challenge: \(error))"))
            return [voice.say("", line)]
        } catch {
            voice.heard(ForeignText("+ (challenge: \(text.count) bytes)"))
            return fail(
                MailFailure(
                    error.kind, challenge: exchange.error, credentialWasOffered: voice.credentialWasOffered))
        }
    }

    /// `OK` to the login, which is believed only where the mechanism agrees.
    mutating func accepted(_ text: IMAPResponseText) -> [ProbeAction] {
        if let doubt = exchange?.doubt { return violation(doubt, text.words) }
        if text.code == "ALERT" { noteAlert(text) }
        voice.evidence.acceptance = text.answer
        return capabilities == nil ? askCapabilities { .capabilitiesAgain(tag: $0) } : confirm()
    }
}

import KeelBase

/// The login itself: by a mechanism, or by the command `LOGIN`.
extension IMAPLoginProbe {
    /// What the server can do is known.
    mutating func goOn() -> [ProbeAction] {
        guard let capabilities else { return violation(.capabilitiesMissing, ForeignText("")) }
        let offer = LoginOffer(
            // RFC 9051 section 6.2.3 forbids to try `LOGIN` where it is disabled.
            mechanisms: capabilities.mechanisms, takesCommand: !capabilities.contains("LOGINDISABLED"),
            isBindable: talk.endPoint != nil)
        return goOn(offer, capabilities: capabilities.names, offersTLS: capabilities.contains("STARTTLS"))
    }

    mutating func authenticate(_ exchange: SASLExchange) -> [ProbeAction] {
        // An initial response only where it is announced (RFC 4959 section 3); IMAP4rev2 has it built in.
        let takesResponse = capabilities?.contains("SASL-IR") == true || capabilities?.isSecondRevision == true
        capabilities = nil
        let command = tagged("AUTHENTICATE \(exchange.name)")
        guard takesResponse, let response = exchange.initialResponse else { return [talk.say(command)] }
        talk.phase = .verdict
        return [talk.say(command + " ", response)]
    }

    /// `LOGIN` with quoted strings, which hold ASCII alone (RFC 9051 section 9, `quoted`); what else there is stands in literals
    /// that wait for the server.
    mutating func logIn(by method: LoginMethod, _ secret: Secret?) throws(MailFailure) -> [ProbeAction] {
        guard method == .command, let secret else { throw MailFailure(.methodNotOfProtocol) }
        let user = try SASLText.userName(talk.order.login.userName)
        let password = try SASLText.password(secret)
        capabilities = nil
        var line = tagged("LOGIN ")
        if let quoted = Self.quoted(user) {
            line += String(decoding: quoted, as: UTF8.self)
        } else {
            parts.append(LoginPart(text: line + "{\(user.count)}", secret: nil))
            line = talk.order.login.userName
        }
        if let quoted = Self.quoted(password) {
            parts.append(LoginPart(text: line + " ", secret: Secret(copying: quoted)))
        } else {
            parts.append(LoginPart(text: line + " {\(password.count)}", secret: nil))
            parts.append(LoginPart(text: "", secret: secret))
        }
        talk.phase = .prompt
        return sayPart()
    }

    private mutating func sayPart() -> [ProbeAction] {
        let part = parts.removeFirst()
        guard let secret = part.secret else { return [talk.say(part.text)] }
        talk.phase = .verdict
        let length = talk.order.login.credential?.secret.count ?? 0
        return [talk.say(part.text, secret: secret, shown: "(password, \(length) bytes)")]
    }

    private static func quoted(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        return [quote] + bytes.flatMap { $0 == quote || $0 == backslash ? [backslash, $0] : [$0] } + [quote]
    }

    /// A continuation: the server asks for a part of `LOGIN`, for the first response, or sends a challenge.
    mutating func continuation(_ text: [UInt8]) -> [ProbeAction] {
        guard talk.phase == .prompt, !parts.isEmpty else { return continued(text) }
        talk.heard(ForeignText("+ " + (text.isEmpty ? "" : "(\(text.count) bytes)")))
        return sayPart()
    }

    /// `OK` to the login, which is believed only where the mechanism agrees.
    mutating func loggedIn(_ text: IMAPResponseText) -> [ProbeAction] {
        if let violation = accepted(text.answer, isEarly: talk.phase == .prompt) { return violation }
        if text.code == "ALERT" { noteAlert(text) }
        guard capabilities == nil else { return confirm() }
        step = .capabilities
        return [command("CAPABILITY")]
    }
}

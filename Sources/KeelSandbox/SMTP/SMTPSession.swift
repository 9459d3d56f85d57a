import KeelBase

/// The server's side of one SMTP connection for submission (RFC 5321, RFC 6409; RFC 4954 for AUTH, RFC 3207 for STARTTLS).
struct SMTPSession: MailSession {
    enum State {
        /// Nobody said EHLO yet, or TLS has just begun.
        case new
        case ready
        case authenticating(Authentication)
        /// Lines of a message come.
        case message(IncomingMessage)
    }

    let setting: MailSetting
    var isSecure: Bool
    var state = State.new
    var login: MailboxLogin?
    var transaction: MailTransaction?

    init(_ setting: MailSetting, isSecure: Bool) {
        self.setting = setting
        self.isSecure = isSecure
    }

    /// The longest command line, with its end (RFC 5321 section 4.5.3.1.4): a longer initial response must come in a line
    /// of its own (RFC 4954 section 4).
    static let longestCommand = 512
    /// The longest message, in bytes.
    static let longestMessage = 1 << 20

    var faults: MailFaults { setting.faults }

    var greeting: MailAnswer {
        if let order = faults[.mailGreeting] { return MailAnswer(order.value) }
        if let reply = faults.reply(.greeting) { return Self.answer(reply.lines) }
        if faults.contains(.mailGreetingRefused) {
            return MailAnswer("554 5.3.2 \(MailSetting.hostName) takes no mail", closes: true)
        }
        return MailAnswer(
            "220 \(MailSetting.hostName) ESMTP mailkeel sandbox ready",
            closes: faults.contains(.mailClosesAfterGreeting))
    }

    var lineTooLong: MailAnswer { MailAnswer("500 5.5.6 the line is too long", closes: true) }

    mutating func becameSecure() {
        isSecure = true
        state = .new
        login = nil
        transaction = nil
    }

    mutating func receive(_ line: [UInt8]) -> MailAnswer {
        switch state {
        case .message(var message):
            guard let end = message.add(line) else {
                state = .message(message)
                return MailAnswer(lines: [])
            }
            state = .ready
            return finish(end)
        case .authenticating(var authentication):
            return continued(authentication.receive(line), authentication)
        case .new, .ready:
            guard line.count + 2 <= Self.longestCommand else { return MailAnswer("500 5.5.6 the line is too long") }
            let text = String(decoding: line, as: UTF8.self)
            let name = text.prefix { $0 != " " }
            return execute(name.uppercased(), text.dropFirst(name.count + 1))
        }
    }

    /// Words that somebody ordered; 421 ends the connection (RFC 5321 section 3.8).
    static func answer(_ lines: [String], event: SandboxEvent? = nil) -> MailAnswer {
        MailAnswer(lines: lines, lines.last?.hasPrefix("421") == true ? .closes : .goesOn, event: event)
    }
}

// MARK: Commands

extension SMTPSession {
    private mutating func execute(_ name: String, _ words: Substring) -> MailAnswer {
        switch name {
        case "EHLO", "HELO": return hello(isExtended: name == "EHLO", words)
        case "NOOP":
            if login != nil, let reply = faults.reply(.loggedIn) { return Self.answer(reply.lines) }
            return MailAnswer("250 2.0.0 done")
        case "RSET":
            transaction = nil
            return MailAnswer("250 2.0.0 done")
        case "VRFY": return MailAnswer("252 2.5.0 send some mail, and see")
        case "QUIT": return MailAnswer("221 2.0.0 see you", closes: true)
        case "STARTTLS": return startTLS(words)
        case "AUTH": return authenticate(words)
        case "MAIL", "RCPT", "DATA":
            guard isSecure else { return MailAnswer("530 5.7.0 Must issue a STARTTLS command first") }
            guard let login else {
                return MailAnswer("530 5.7.0 Authentication required")
            }
            return transfer(name, words, login)
        default: return MailAnswer("500 5.5.1 this server does not know that command")
        }
    }

    private mutating func hello(isExtended: Bool, _ words: Substring) -> MailAnswer {
        guard !words.isEmpty else { return MailAnswer("501 5.5.4 say who you are") }
        if isExtended {
            if let reply = faults.reply(.capability) { return Self.answer(reply.lines) }
            if faults.contains(.mailCapabilityRefused) { return MailAnswer("500 5.5.1 EHLO is not known here") }
            if let flood = MailFlood(faults, line: "250-") { return flood.answer(then: extensions) }
        }
        state = .ready
        transaction = nil
        return isExtended ? MailAnswer(lines: extensions) : MailAnswer("250 \(MailSetting.hostName)")
    }

    private var extensions: [String] {
        var words = [
            "\(MailSetting.hostName) greets you", "PIPELINING", "SIZE \(Self.longestMessage)", "8BITMIME", "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
        ]
        if !isSecure, !faults.contains(.mailStartTLSAbsent) { words.append("STARTTLS") }
        if isSecure || faults.contains(.mailClearLogins), !faults.mechanisms.isEmpty {
            words.append("AUTH " + faults.mechanisms.map(\.rawValue).joined(separator: " "))
        }
        return words.enumerated().map { "250\($0.offset == words.count - 1 ? " " : "-")\($0.element)" }
    }

    private func startTLS(_ words: Substring) -> MailAnswer {
        guard words.isEmpty else { return MailAnswer("501 5.5.4 STARTTLS takes no parameters") }
        guard !isSecure else { return MailAnswer("503 5.5.1 TLS stands already") }
        if faults.contains(.mailStartTLSAbsent) || faults.contains(.mailStartTLSUnknown) {
            return MailAnswer("500 5.5.1 this server does not know that command")
        }
        if faults.contains(.mailStartTLSRefused) { return MailAnswer("454 4.7.0 TLS not available") }
        if faults.contains(.mailStartTLSContinue) { return MailAnswer("334 ") }
        return MailAnswer(lines: ["220 2.0.0 Ready to start TLS"], .startsTLS)
    }
}

// MARK: Login

extension SMTPSession {
    private mutating func authenticate(_ words: Substring) -> MailAnswer {
        guard isSecure else {
            return MailAnswer(
                "538 5.7.11 Encryption required for requested authentication mechanism", event: setting.loginInClear())
        }
        guard case .ready = state, login == nil, transaction == nil else {
            return MailAnswer("503 5.5.1 Bad sequence of commands")
        }
        let parts = words.split(separator: " ")
        guard let name = parts.first, parts.count <= 2 else { return MailAnswer("501 5.5.4 AUTH mechanism [response]") }
        guard var authentication = Authentication(name, setting) else {
            return MailAnswer(
                "504 5.5.4 Unrecognized authentication type",
                event: setting.loginRefused("unsupported_mechanism"))
        }
        guard parts.count == 1 || faults.takesInitialResponses else {
            return MailAnswer("501 5.5.4 the response must come in a line of its own")
        }
        return continued(authentication.begin(parts.count == 2 ? String(parts[1]) : nil), authentication)
    }

    private mutating func continued(
        _ outcome: Authentication.Outcome, _ authentication: Authentication
    ) -> MailAnswer {
        state = .ready
        switch outcome {
        case .challenge(let text, let event):
            state = .authenticating(authentication)
            return MailAnswer("334 \(text)", event: event)
        case .cancelled: return MailAnswer("501 5.7.0 cancelled")
        case .notBase64: return MailAnswer("501 5.5.2 that is not base 64", event: authentication.unreadable)
        case .over(.admitted(let login, _), let event):
            self.login = login
            return MailAnswer("235 2.7.0 welcome", event: event)
        case .over(.refused(let refusal, _), let event):
            return switch refusal {
            case .credential: MailAnswer("535 5.7.8 Authentication credentials invalid", event: event)
            case .mailbox: MailAnswer("535 5.7.8 this client may not open that mailbox", event: event)
            case .malformed: MailAnswer("501 5.5.2 that is no response of this mechanism", event: event)
            case .ordered(let lines): Self.answer(lines, event: event)
            case .hangUp: MailAnswer(lines: [], .closes, event: event)
            }
        }
    }
}

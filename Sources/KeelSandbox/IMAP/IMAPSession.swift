import KeelBase

/// The server's side of one IMAP connection (RFC 3501; RFC 4959 for the initial response, RFC 5530 for the words of refusals).
///
/// Mailboxes are opened by EXAMINE alone: nobody changes anything.
struct IMAPSession: MailSession {
    private enum State {
        case notAuthenticated
        case authenticating(tag: String, Authentication)
        case authenticated(IMAPMailbox)
    }

    private let setting: MailSetting
    private var isSecure: Bool
    private var state = State.notAuthenticated
    /// The command that comes, while its literals do.
    private var line = IMAPLine()
    private(set) var awaitedBytes: Int?

    init(_ setting: MailSetting, isSecure: Bool) {
        self.setting = setting
        self.isSecure = isSecure
        // As a server that knows the client by its address would have it (RFC 3501 section 7.1.4).
        if faults.contains(.imapPreauth), let user = setting.gate.users.users.first {
            state = .authenticated(IMAPMailbox(setting.gate.login(user.name), setting))
        }
    }

    /// The longest literal: a password or a word to search for.
    private static let longestLiteral = 8192

    private var faults: MailFaults { setting.faults }

    private var capabilities: String {
        var words = ["IMAP4rev1"]
        if faults.takesInitialResponses { words.append("SASL-IR") }
        let offersLogins = isSecure || faults.contains(.mailClearLogins)
        if offersLogins { words += faults.mechanisms.map { "AUTH=\($0.rawValue)" } }
        if !offersLogins || !faults.takesPasswords { words.append("LOGINDISABLED") }
        if !isSecure, !faults.contains(.mailStartTLSAbsent) { words.append("STARTTLS") }
        return (words + ["NAMESPACE", "ID"]).joined(separator: " ")
    }

    var greeting: MailAnswer {
        if let order = faults[.mailGreeting] { return MailAnswer(order.value) }
        if let reply = faults.reply(.greeting) { return Self.answer("*", reply.lines) }
        if faults.contains(.mailGreetingRefused) { return MailAnswer("* BYE not today", closes: true) }
        let alert = faults.contains(.imapGreetingAlert) ? ["* OK [ALERT] Call 555-0100 and say your password"] : []
        let status = faults.contains(.imapPreauth) ? "PREAUTH" : "OK"
        return MailAnswer(
            lines: ["* \(status) [CAPABILITY \(capabilities)] mailkeel sandbox ready"] + alert,
            faults.contains(.mailClosesAfterGreeting) ? .closes : .goesOn)
    }

    var lineTooLong: MailAnswer { MailAnswer("* BYE the line is too long", closes: true) }

    mutating func becameSecure() {
        isSecure = true
        state = .notAuthenticated
        line = IMAPLine()
    }

    mutating func receiveLiteral(_ bytes: [UInt8]) {
        awaitedBytes = nil
        line.add(literal: bytes)
    }

    mutating func receive(_ bytes: [UInt8]) -> MailAnswer {
        if case .authenticating(let tag, var authentication) = state {
            return continued(tag, authentication.receive(bytes), authentication)
        }
        if let literal = line.add(bytes) {
            // One that comes unasked cannot be told from commands: LITERAL+ is not offered (RFC 7888 section 3).
            guard literal.waits else { return MailAnswer("* BYE this server asks before literals", closes: true) }
            guard literal.count <= Self.longestLiteral else {
                defer { line = IMAPLine() }
                return MailAnswer("\(tagOfLine) BAD the literal is too long")
            }
            awaitedBytes = literal.count
            return MailAnswer("+ go ahead")
        }
        defer { line = IMAPLine() }
        do throws(IMAPCommand.Fault) {
            return execute(try IMAPCommand(line))
        } catch {
            return switch error {
            case .noTag: MailAnswer("* BAD no tag")
            case .noCommand(let tag): MailAnswer("\(tag) BAD no command")
            case .unreadable(let tag): MailAnswer("\(tag) BAD a string has no end")
            }
        }
    }

    private var tagOfLine: String { line.firstWord.map { String(decoding: $0, as: UTF8.self) } ?? "*" }

    /// Words that somebody ordered: `* ` begins one that stands for itself, all else follows the tag.
    static func answer(_ tag: String, _ lines: [String], event: SandboxEvent? = nil) -> MailAnswer {
        MailAnswer(
            lines: lines.map { $0.hasPrefix("* ") ? $0 : "\(tag) \($0)" },
            lines.contains { $0.hasPrefix("* BYE") } ? .closes : .goesOn, event: event)
    }
}

// MARK: Commands

extension IMAPSession {
    private mutating func execute(_ command: IMAPCommand) -> MailAnswer {
        let tag = command.tag
        switch (command.name, state) {
        case ("CAPABILITY", _): return capability(tag)
        case ("ID", _): return MailAnswer("* ID (\"name\" \"mailkeel sandbox\")", "\(tag) OK done")
        case ("LOGOUT", _): return MailAnswer("* BYE see you", "\(tag) OK done", closes: true)
        case ("STARTTLS", .notAuthenticated): return startTLS(tag)
        case ("STARTTLS", _): return MailAnswer("\(tag) BAD that comes before the login")
        case ("AUTHENTICATE", .authenticated), ("LOGIN", .authenticated):
            return MailAnswer("\(tag) BAD already authenticated")
        case ("AUTHENTICATE", _): return beginAuthentication(command)
        case ("LOGIN", _): return logIn(command)
        case (_, .authenticated(var mailbox)):
            if let reply = faults.reply(.loggedIn) { return Self.answer(tag, reply.lines) }
            defer { state = .authenticated(mailbox) }
            return mailbox.execute(command)
        case ("NOOP", _): return MailAnswer("\(tag) OK done")
        case ("NAMESPACE", _), ("LIST", _), ("EXAMINE", _), ("UID", _), ("FETCH", _), ("SEARCH", _):
            return MailAnswer("\(tag) BAD authenticate first")
        default: return MailAnswer("\(tag) BAD this server does not know that command")
        }
    }

    private func capability(_ tag: String) -> MailAnswer {
        if faults.contains(.mailCapabilityRefused) { return MailAnswer("\(tag) BAD CAPABILITY is not known here") }
        let usual = ["* CAPABILITY \(capabilities)", "\(tag) OK done"]
        if let order = faults[.imapHugeLiteral] {
            // What comes then is meant to be all of it, and never is.
            return MailAnswer(
                lines: ["* LIST () \"/\" {\(order.number)}"], .repeats(MailAnswer(lines: usual).bytes))
        }
        return MailFlood(faults, line: "* OK ")?.answer(then: usual) ?? MailAnswer(lines: usual)
    }

    private func startTLS(_ tag: String) -> MailAnswer {
        if isSecure { return MailAnswer("\(tag) BAD TLS stands already") }
        if faults.contains(.mailStartTLSAbsent) || faults.contains(.mailStartTLSUnknown) {
            return MailAnswer("\(tag) BAD this server does not know that command")
        }
        if faults.contains(.mailStartTLSRefused) { return MailAnswer("\(tag) NO TLS not available") }
        if faults.contains(.mailStartTLSContinue) { return MailAnswer("+ go ahead") }
        return MailAnswer(lines: ["\(tag) OK begin TLS"], .startsTLS)
    }
}

// MARK: Login

extension IMAPSession {
    private mutating func logIn(_ command: IMAPCommand) -> MailAnswer {
        let tag = command.tag
        guard isSecure else {
            return MailAnswer("\(tag) NO [PRIVACYREQUIRED] TLS first", event: setting.loginInClear())
        }
        guard command.words.count == 2 else { return MailAnswer("\(tag) BAD LOGIN name password") }
        guard faults.takesPasswords else {
            return MailAnswer(
                "\(tag) NO [AUTHENTICATIONFAILED] passwords are not accepted here",
                event: setting.loginRefused("password"))
        }
        let judge = LoginJudge(gate: setting.gate, faults: faults)
        let shown = Secret(copying: command.rawWords[1])
        let verdict = judge.password(of: command.words[0], by: "IMAP LOGIN") { $0.matches(shown) }
        return end(tag, verdict, verdict.event)
    }

    private mutating func beginAuthentication(_ command: IMAPCommand) -> MailAnswer {
        let tag = command.tag
        guard isSecure else {
            return MailAnswer("\(tag) NO [PRIVACYREQUIRED] TLS first", event: setting.loginInClear())
        }
        guard let mechanism = command.words.first, command.words.count <= 2 else {
            return MailAnswer("\(tag) BAD AUTHENTICATE mechanism [initial-response]")
        }
        guard var authentication = Authentication(mechanism, setting) else {
            return MailAnswer(
                "\(tag) NO [CANNOT] unsupported mechanism",
                event: setting.loginRefused("unsupported_mechanism"))
        }
        guard command.words.count == 1 || faults.takesInitialResponses else {
            return MailAnswer("\(tag) BAD the response must come in a line of its own")
        }
        let outcome = authentication.begin(command.words.count == 2 ? command.words[1] : nil)
        return continued(tag, outcome, authentication)
    }

    private mutating func continued(
        _ tag: String, _ outcome: Authentication.Outcome, _ authentication: Authentication
    ) -> MailAnswer {
        state = .notAuthenticated
        switch outcome {
        case .challenge(let text, let event):
            state = .authenticating(tag: tag, authentication)
            return MailAnswer("+ \(text)", event: event)
        case .cancelled: return MailAnswer("\(tag) BAD cancelled")
        case .notBase64: return MailAnswer("\(tag) BAD that is not base 64", event: authentication.unreadable)
        case .over(let verdict, let event): return end(tag, verdict, event)
        }
    }

    private mutating func end(_ tag: String, _ verdict: LoginVerdict, _ event: SandboxEvent?) -> MailAnswer {
        switch verdict {
        case .admitted(let login, _):
            state = .authenticated(IMAPMailbox(login, setting))
            return MailAnswer("\(tag) OK [CAPABILITY \(capabilities)] welcome", event: event)
        case .refused(let refusal, _):
            return switch refusal {
            case .credential: MailAnswer("\(tag) NO [AUTHENTICATIONFAILED] Invalid credentials", event: event)
            case .mailbox:
                MailAnswer("\(tag) NO [AUTHORIZATIONFAILED] this client may not open that mailbox", event: event)
            case .malformed: MailAnswer("\(tag) BAD that is no response of this mechanism", event: event)
            case .ordered(let lines): Self.answer(tag, lines, event: event)
            case .hangUp: MailAnswer(lines: [], .closes, event: event)
            }
        }
    }
}

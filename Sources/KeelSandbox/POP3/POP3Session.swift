import Crypto
import KeelBase
import KeelCrypto

/// The server's side of one POP3 connection (RFC 1939; RFC 2449 for CAPA, RFC 2595 for STLS, RFC 5034 for AUTH).
///
/// It is read-only: whoever would change a mailbox is refused.
struct POP3Session: MailSession {
    private enum State {
        case open
        /// USER came; PASS is owed.
        case named(String)
        case authenticating(Authentication)
        /// The messages as they were at the login.
        case loggedIn([StoredMessage])
    }

    private let setting: MailSetting
    private var isSecure: Bool
    private var state = State.open
    /// What APOP signs (RFC 1939 section 7).
    private let stamp = "<\(RandomIdentifier.make())@\(MailSetting.hostName)>"

    init(_ setting: MailSetting, isSecure: Bool) {
        self.setting = setting
        self.isSecure = isSecure
    }

    /// The longest command line, with its end (RFC 2449 section 4): a longer initial response must come in a line of its own.
    private static let longestCommand = 255

    private var faults: MailFaults { setting.faults }

    var greeting: MailAnswer {
        if let order = faults[.mailGreeting] { return MailAnswer(order.value) }
        if let reply = faults.reply(.greeting) { return MailAnswer(lines: reply.lines, .closes) }
        if faults.contains(.mailGreetingRefused) { return MailAnswer("-ERR not today", closes: true) }
        return MailAnswer(
            "+OK mailkeel sandbox ready \(stamp)", closes: faults.contains(.mailClosesAfterGreeting))
    }

    var lineTooLong: MailAnswer { MailAnswer("-ERR the line is too long", closes: true) }

    mutating func becameSecure() {
        isSecure = true
        state = .open
    }

    mutating func receive(_ line: [UInt8]) -> MailAnswer {
        if case .authenticating(var authentication) = state {
            return continued(authentication.receive(line), authentication)
        }
        guard line.count + 2 <= Self.longestCommand else { return MailAnswer("-ERR the line is too long") }
        let text = String(decoding: line, as: UTF8.self)
        let name = text.prefix { $0 != " " }
        return execute(name.uppercased(), text.dropFirst(name.count + 1))
    }

    private mutating func execute(_ name: String, _ words: Substring) -> MailAnswer {
        switch (name, state) {
        case ("CAPA", _): return capabilities
        case ("QUIT", _): return MailAnswer("+OK see you", closes: true)
        case ("STLS", .loggedIn): return MailAnswer("-ERR that comes before the login")
        case ("STLS", _): return startTLS
        case ("AUTH", .loggedIn), ("USER", .loggedIn), ("PASS", .loggedIn), ("APOP", .loggedIn):
            return MailAnswer("-ERR somebody is logged in already")
        case ("AUTH", _), ("USER", _), ("PASS", _), ("APOP", _):
            guard isSecure else {
                return MailAnswer("-ERR [SYS/PERM] TLS first", event: setting.loginInClear())
            }
            return begin(name, words)
        case (_, .loggedIn(let messages)):
            if let reply = faults.reply(.loggedIn) { return MailAnswer(lines: reply.lines) }
            return read(name, words.split(separator: " "), messages)
        case ("STAT", _), ("LIST", _), ("UIDL", _), ("TOP", _), ("RETR", _), ("DELE", _), ("NOOP", _), ("RSET", _):
            return MailAnswer("-ERR log in first")
        default: return MailAnswer("-ERR this server does not know that command")
        }
    }
}

// MARK: Capabilities and TLS

extension POP3Session {
    private var capabilities: MailAnswer {
        if faults.contains(.mailCapabilityRefused) { return MailAnswer("-ERR CAPA is not known here") }
        var lines = ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING"]
        if !isSecure, !faults.contains(.mailStartTLSAbsent) { lines.append("STLS") }
        if isSecure || faults.contains(.mailClearLogins) {
            if faults.takesPasswords { lines.append("USER") }
            lines.append("SASL " + faults.mechanisms.map(\.rawValue).joined(separator: " "))
        }
        lines += ["IMPLEMENTATION mailkeel-sandbox", "."]
        guard let flood = MailFlood(faults, line: "X-") else { return MailAnswer(lines: ["+OK it can"] + lines) }
        var answer = flood.answer(then: lines)
        answer.bytes = MailAnswer("+OK it can").bytes + answer.bytes
        return answer
    }

    private var startTLS: MailAnswer {
        guard !isSecure else { return MailAnswer("-ERR TLS stands already") }
        if faults.contains(.mailStartTLSAbsent) || faults.contains(.mailStartTLSUnknown) {
            return MailAnswer("-ERR this server does not know that command")
        }
        if faults.contains(.mailStartTLSRefused) { return MailAnswer("-ERR [SYS/TEMP] TLS not available") }
        if faults.contains(.mailStartTLSContinue) { return MailAnswer("+ ") }
        return MailAnswer(lines: ["+OK begin TLS"], .startsTLS)
    }
}

// MARK: Login

extension POP3Session {
    private mutating func begin(_ name: String, _ words: Substring) -> MailAnswer {
        if name == "AUTH" { return authenticate(words) }
        let judge = LoginJudge(gate: setting.gate, faults: faults)
        let isNamed: String? = if case .named(let user) = state { user } else { nil }
        state = .open
        guard faults.takesPasswords else { return MailAnswer("-ERR [AUTH] passwords are not accepted here") }
        switch (name, isNamed) {
        case ("USER", _):
            guard !words.isEmpty else { return MailAnswer("-ERR USER name") }
            state = .named(String(words))
            return MailAnswer("+OK and the password?")
        case ("PASS", let user?):
            let shown = Secret(copying: String(words))
            return end(judge.password(of: user, by: "USER") { $0.matches(shown) })
        case ("PASS", nil): return MailAnswer("-ERR who are you?")
        default:
            guard let blank = words.lastIndex(of: " ") else { return MailAnswer("-ERR APOP name digest") }
            let digest = words[words.index(after: blank)...].lowercased()
            return end(
                judge.password(of: String(words[..<blank]), by: "APOP") { password in
                    Hexadecimal.text(Insecure.MD5.hash(data: Array(stamp.utf8) + password.reveal())) == digest
                })
        }
    }

    private mutating func authenticate(_ words: Substring) -> MailAnswer {
        state = .open
        let parts = words.split(separator: " ")
        guard let name = parts.first, parts.count <= 2 else { return MailAnswer("-ERR AUTH mechanism [response]") }
        guard var authentication = Authentication(name, setting) else {
            return MailAnswer(
                "-ERR this server does not know that mechanism",
                event: setting.loginRefused("unsupported_mechanism"))
        }
        guard parts.count == 1 || faults.takesInitialResponses else {
            return MailAnswer("-ERR Protocol error. Connection is closed. 10", closes: true)
        }
        return continued(authentication.begin(parts.count == 2 ? String(parts[1]) : nil), authentication)
    }

    private mutating func continued(
        _ outcome: Authentication.Outcome, _ authentication: Authentication
    ) -> MailAnswer {
        state = .open
        switch outcome {
        case .challenge(let text, let event):
            state = .authenticating(authentication)
            return MailAnswer("+ \(text)", event: event)
        case .cancelled: return MailAnswer("-ERR cancelled")
        case .notBase64: return MailAnswer("-ERR that is not base 64", event: authentication.unreadable)
        case .over(let verdict, let event):
            var answer = end(verdict)
            answer.event = event
            return answer
        }
    }

    private mutating func end(_ verdict: LoginVerdict) -> MailAnswer {
        switch verdict {
        case .admitted(let login, let event):
            state = .loggedIn(setting.postbox.content(of: login.mailbox).messages)
            return MailAnswer("+OK welcome", event: event)
        case .refused(let refusal, let event):
            return switch refusal {
            case .credential: MailAnswer("-ERR [AUTH] Invalid credentials", event: event)
            case .mailbox: MailAnswer("-ERR [AUTH] this client may not open that mailbox", event: event)
            case .malformed: MailAnswer("-ERR that is no response of this mechanism", event: event)
            case .ordered(let lines): MailAnswer(lines: lines, event: event)
            case .hangUp: MailAnswer(lines: [], .closes, event: event)
            }
        }
    }
}

// MARK: The mailbox

extension POP3Session {
    private func read(_ name: String, _ words: [Substring], _ messages: [StoredMessage]) -> MailAnswer {
        let message = words.first.flatMap { Int($0) }
            .flatMap { $0 > 0 && $0 <= messages.count ? messages[$0 - 1] : nil }
        switch name {
        case "STAT": return MailAnswer("+OK \(messages.count) \(messages.reduce(0) { $0 + $1.bytes.count })")
        case "NOOP", "RSET": return MailAnswer("+OK")
        case "DELE": return MailAnswer("-ERR [SYS/PERM] this mailbox is read-only")
        case "LIST" where words.isEmpty:
            return MailAnswer(
                lines: ["+OK"] + messages.enumerated().map { "\($0.offset + 1) \($0.element.bytes.count)" } + ["."])
        case "UIDL" where words.isEmpty:
            return MailAnswer(
                lines: ["+OK"] + messages.enumerated().map { "\($0.offset + 1) \($0.element.uid)" } + ["."])
        case "LIST", "UIDL", "TOP", "RETR":
            guard let message, let number = words.first else { return MailAnswer("-ERR no such message") }
            switch name {
            case "LIST": return MailAnswer("+OK \(number) \(message.bytes.count)")
            case "UIDL": return MailAnswer("+OK \(number) \(message.uid)")
            case "TOP":
                guard words.count == 2, let count = Int(words[1]), count >= 0 else {
                    return MailAnswer("-ERR TOP message lines")
                }
                return Self.listing(message, bodyLines: count)
            default: return Self.listing(message, bodyLines: nil)
            }
        default: return MailAnswer("-ERR this server does not know that command")
        }
    }

    /// The message with its dots doubled, and the dot that ends it (RFC 1939 section 3).
    private static func listing(_ message: StoredMessage, bodyLines: Int?) -> MailAnswer {
        let text = MessageText(message.bytes)
        var lines = text.body.split(separator: 10, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var answer = MailAnswer("+OK here it is")
        let kept = text.header.split(separator: 10, omittingEmptySubsequences: false).dropLast()
        for line in Array(kept) + lines.prefix(bodyLines ?? lines.count) {
            answer.bytes += (line.first == UInt8(ascii: ".") ? [UInt8(ascii: ".")] : []) + line + [10]
        }
        answer.bytes += MailAnswer(".").bytes
        return answer
    }
}

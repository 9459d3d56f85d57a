import KeelBase

/// The server's side of one IMAP connection: a line in, an answer out (RFC 3501, RFC 4959 for the initial response).
struct IMAPSession {
    /// What to send, whether to hang up then, and what to log.
    struct Answer {
        var lines: [String]
        var closes = false
        var event: SandboxEvent?

        init(_ lines: String..., closes: Bool = false, event: SandboxEvent? = nil) {
            self.lines = lines
            self.closes = closes
            self.event = event
        }

        var bytes: [UInt8] { lines.flatMap { Array($0.utf8) + [13, 10] } }
    }

    private enum State {
        case notAuthenticated
        /// AUTHENTICATE came without an initial response.
        case awaitingResponse(tag: String)
        /// The error was sent as a challenge; the client owes an empty line.
        case awaitingAcknowledgement(tag: String)
        case authenticated
    }

    private let gate: MailboxGate
    private let faults: Set<SandboxFault>
    private var state = State.notAuthenticated

    init(gate: MailboxGate, faults: Set<SandboxFault>) {
        self.gate = gate
        self.faults = faults
    }

    private var capabilities: String {
        faults.contains(.imapNoXOAUTH2)
            ? "IMAP4rev1 SASL-IR LOGINDISABLED NAMESPACE ID" : "IMAP4rev1 SASL-IR AUTH=XOAUTH2 NAMESPACE ID"
    }

    /// What the server says first.
    var greeting: Answer {
        Answer(
            "* OK [CAPABILITY \(capabilities)] mailkeel sandbox ready",
            closes: faults.contains(.imapClosesAfterGreeting))
    }

    /// What the server says before it hangs up on a line that is too long.
    static let lineTooLong = Answer("* BYE the line is too long", closes: true)

    /// Answers a line of the client, given without its end.
    mutating func receive(_ line: [UInt8]) -> Answer {
        switch state {
        case .awaitingResponse(let tag):
            return authenticate(tag, line)
        case .awaitingAcknowledgement(let tag):
            state = .notAuthenticated
            guard line.isEmpty else { return Answer("\(tag) BAD expected an empty line") }
            return Answer("\(tag) NO [AUTHENTICATIONFAILED] Invalid credentials")
        case .notAuthenticated, .authenticated:
            do throws(IMAPCommand.Fault) {
                return execute(try IMAPCommand(parsing: line))
            } catch {
                return Self.answer(to: error)
            }
        }
    }

    private static func answer(to fault: IMAPCommand.Fault) -> Answer {
        switch fault {
        case .noTag: Answer("* BAD no tag")
        case .noCommand(let tag): Answer("\(tag) BAD no command")
        case .literal(let tag): Answer("\(tag) BAD this server takes no literals")
        case .literalUnderWay: Answer("* BYE this server takes no literals", closes: true)
        }
    }
}

// MARK: Commands

extension IMAPSession {
    private mutating func execute(_ command: IMAPCommand) -> Answer {
        let tag = command.tag
        switch (command.name, state) {
        case ("CAPABILITY", _): return Answer("* CAPABILITY \(capabilities)", "\(tag) OK done")
        case ("NOOP", _): return Answer("\(tag) OK done")
        case ("ID", _): return Answer("* ID (\"name\" \"mailkeel sandbox\")", "\(tag) OK done")
        case ("LOGOUT", _): return Answer("* BYE see you", "\(tag) OK done", closes: true)
        case ("AUTHENTICATE", .authenticated), ("LOGIN", .authenticated):
            return Answer("\(tag) BAD already authenticated")
        case ("AUTHENTICATE", _): return beginAuthentication(command)
        case ("LOGIN", _):
            return Answer(
                "\(tag) NO [AUTHENTICATIONFAILED] passwords are not accepted here",
                event: SandboxEvent(.loginRefused, reason: "password"))
        case ("NAMESPACE", .authenticated):
            return Answer("* NAMESPACE ((\"\" \"/\")) NIL NIL", "\(tag) OK done")
        case ("LIST", .authenticated):
            // An empty pattern asks for the hierarchy's separator (RFC 3501 section 6.3.8).
            let line = command.words.last == "\"\"" ? "(\\Noselect) \"/\" \"\"" : "(\\HasNoChildren) \"/\" INBOX"
            return Answer("* LIST \(line)", "\(tag) OK done")
        case ("NAMESPACE", _), ("LIST", _): return Answer("\(tag) BAD authenticate first")
        default: return Answer("\(tag) BAD this server does not know that command")
        }
    }

    private mutating func beginAuthentication(_ command: IMAPCommand) -> Answer {
        guard let mechanism = command.words.first, command.words.count <= 2 else {
            return Answer("\(command.tag) BAD AUTHENTICATE mechanism [initial-response]")
        }
        guard mechanism.uppercased() == "XOAUTH2", !faults.contains(.imapNoXOAUTH2) else {
            return Answer(
                "\(command.tag) NO [CANNOT] unsupported mechanism",
                event: SandboxEvent(.loginRefused, reason: "unsupported_mechanism"))
        }
        guard command.words.count == 2 else {
            state = .awaitingResponse(tag: command.tag)
            return Answer("+ ")
        }
        // `=` is a response without bytes (RFC 4959 section 3).
        return authenticate(command.tag, command.words[1] == "=" ? [] : Array(command.words[1].utf8))
    }

    private mutating func authenticate(_ tag: String, _ encoded: [UInt8]) -> Answer {
        state = .notAuthenticated
        guard encoded != [UInt8(ascii: "*")] else { return Answer("\(tag) BAD cancelled") }
        guard let decoded = Base64.decode(encoded) else {
            return Answer(
                "\(tag) BAD that is not base 64", event: SandboxEvent(.loginRefused, reason: "malformed_response"))
        }
        guard let response = XOAUTH2Response(decoded) else {
            return challenge(tag, status: 400, SandboxEvent(.loginRefused, reason: "malformed_response"))
        }
        return judge(response, tag)
    }

    private mutating func judge(_ response: XOAUTH2Response, _ tag: String) -> Answer {
        let mailbox = ForeignText(response.mailbox)
        func refused(_ reason: String, _ token: IssuedToken?) -> SandboxEvent {
            SandboxEvent(
                .loginRefused, clientID: token?.client.id, scopes: token?.scopes ?? [], mailbox: mailbox,
                reason: reason, token: token?.reference)
        }
        if faults.contains(.imapUnavailable) {
            return Answer(
                "\(tag) NO [UNAVAILABLE] Temporary authentication failure", event: refused("fault_unavailable", nil))
        }
        if faults.contains(.imapLoginRefused) {
            return challenge(tag, status: 401, refused("fault_login_refused", nil))
        }
        switch gate.admit(response) {
        case .invalidToken(let reason, let token):
            return challenge(tag, status: 401, refused(reason, token))
        case .otherMailbox(let token):
            return Answer(
                "\(tag) NO [AUTHORIZATIONFAILED] this client may not open that mailbox",
                event: refused("mailbox_not_allowed", token))
        case .admitted(let token):
            state = .authenticated
            return Answer(
                "\(tag) OK [CAPABILITY \(capabilities)] welcome",
                event: SandboxEvent(
                    .loginOK, clientID: token.client.id, scopes: token.scopes, mailbox: mailbox,
                    token: token.reference))
        }
    }

    /// The error as XOAUTH2 gives it: first a challenge, then, after an empty line, the tagged answer.
    private mutating func challenge(_ tag: String, status: Int, _ event: SandboxEvent) -> Answer {
        state = .awaitingAcknowledgement(tag: tag)
        let error = JSONText.object([
            ("status", .string(String(status))), ("schemes", .string("bearer")), ("scope", .string(MailboxGate.scope)),
        ])
        return Answer("+ \(Base64.text(error.bytes))", event: event)
    }
}

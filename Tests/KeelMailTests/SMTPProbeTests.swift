import KeelBase
import KeelMail
import Testing

@Suite struct SMTPProbeTests {
    static let hello = [
        "220 mx.example ESMTP", "250-mx.example at your service", "250-SIZE 1", "250-AUTH XOAUTH2 PLAIN LOGIN",
        "250 SMTPUTF8",
    ]
    static let proven = ["235 2.7.0 in", "250 2.1.0 sender ok", "250 2.0.0 reset", "221 2.0.0 bye"]
    static let sender = "no-reply@contoso.example"

    static func play(
        _ lines: [String], _ method: LoginMethod = .sasl(.xoauth2), sender: String? = sender, ends: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Talk.Outcome {
        try Talk.play(
            SMTPProbe(Talk.order(method), sender: sender, clientName: "keel.example"), lines, ends: ends,
            sourceLocation: sourceLocation)
    }

    @Test func `a login is proven by a sender that is taken back`() throws {
        let outcome = try Self.play(Self.hello + ["334 "] + Self.proven)
        #expect(
            outcome.clearWire == """
                EHLO keel.example\r
                AUTH XOAUTH2\r
                \(Talk.bearer)\r
                MAIL FROM:<no-reply@contoso.example>\r
                RSET\r
                QUIT\r

                """)
        #expect(
            outcome.proof
                == LoginProof(
                    mechanism: .sasl(.xoauth2),
                    capabilities: ["SIZE 1", "AUTH XOAUTH2 PLAIN LOGIN", "SMTPUTF8"],
                    greeting: ForeignText("mx.example ESMTP"), command: "MAIL FROM:<no-reply@contoso.example>"))
        #expect(
            outcome.transcript.contains("C: (XOAUTH2 credential, \(Talk.bearer.utf8.count) bytes)\nS: 235 2.7.0 in"))
    }

    @Test func `passwords go by the mechanism that was declared, each in its steps`() throws {
        let plain = try Self.play(Self.hello + ["334 "] + Self.proven, .sasl(.plain))
        #expect(
            plain.clearWire.contains(
                "AUTH PLAIN\r\n\(Talk.base64("\u{0}\(Talk.userName)\u{0}\(Talk.password.revealText())"))\r\n"))
        let login = try Self.play(
            Self.hello + ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] + Self.proven, .sasl(.login))
        #expect(
            login.clearWire.contains(
                "AUTH LOGIN\r\n\(Talk.base64(Talk.userName))\r\n\(Talk.base64(Talk.password.revealText()))\r\nMAIL"))
        #expect(plain.proof != nil && login.proof != nil)
    }

    @Test func `a password that SCRAM cannot be given is refused before anything is sent`() throws {
        let order = Talk.order(.sasl(.scramSHA256), password: Secret(copying: "x²"))
        let outcome = try Talk.play(SMTPProbe(order, sender: nil), ["220 mx"])
        #expect(outcome.failure?.kind == .unpreparablePassword && outcome.clearWire.isEmpty)
    }

    @Test func `the old spelling of AUTH is read`() throws {
        let outcome = try Self.play(["220 x", "250-x", "250 AUTH=XOAUTH2 LOGIN", "334 "] + Self.proven)
        #expect(outcome.proof != nil)
    }

    @Test func `without a login an old server will do`() throws {
        let outcome = try Self.play(
            ["220 x", "502 5.5.1 what", "250 x", "250 ok", "250 ok", "221 bye"], .none)
        #expect(
            outcome.clearWire
                == "EHLO keel.example\r\nHELO keel.example\r\nMAIL FROM:<\(Self.sender)>\r\nRSET\r\nQUIT\r\n")
        #expect(outcome.proof?.mechanism == LoginMethod.none)
    }

    @Test func `with a login an old server will not do`() throws {
        let outcome = try Self.play(["220 x", "500 what"])
        #expect(outcome.failure?.kind == .mechanismNotOffered(offered: []))
        #expect(outcome.clearWire == "EHLO keel.example\r\n")
        #expect(outcome.farewell == "QUIT\r\n")
    }

    @Test func `without a sender a command that does nothing is the proof`() throws {
        let outcome = try Self.play(Self.hello + ["334 ", "235 in", "250 ok", "221 bye"], sender: nil)
        #expect(outcome.proof?.command == "NOOP")
        #expect(outcome.clearWire.hasSuffix("NOOP\r\nQUIT\r\n"))
    }

    @Test func `a sender that is not ASCII wants SMTPUTF8`() throws {
        let outcome = try Self.play(Self.hello + ["334 "] + Self.proven, sender: "jürgen@contoso.example")
        #expect(outcome.clearWire.contains("MAIL FROM:<jürgen@contoso.example> SMTPUTF8\r\n"))
        let without = try Self.play(
            ["220 x", "250-x", "250 AUTH XOAUTH2", "334 ", "235 in"], sender: "jürgen@contoso.example")
        #expect(without.failure?.kind == .smtpUTF8NotOffered)
        #expect(without.farewell == "QUIT\r\n")
    }

    @Test(arguments: ["", "nobody", "a b@x", "<a@x>", "a@x>\r\nRCPT TO:<b@y", "a\u{0}@x"])
    func `a sender that is no address is refused before anything is sent`(_ sender: String) throws {
        let outcome = try Self.play(Self.hello, sender: sender)
        #expect(outcome.failure?.kind == .unusableSender)
        #expect(outcome.clearWire.isEmpty && outcome.farewell == nil)
    }

    @Test func `a name that is none is not told`() throws {
        let probe = SMTPProbe(Talk.order(.sasl(.xoauth2)), sender: nil, clientName: "x\r\nRCPT")
        #expect(try Talk.play(probe, ["220 x"]).clearWire == "EHLO [127.0.0.1]\r\n")
    }

    // MARK: Refusals

    struct Refusal: Sendable {
        let reply: String
        let kind: MailFailure.Kind
        let transience: MailFailure.Transience

        init(_ reply: String, _ kind: MailFailure.Kind, _ transience: MailFailure.Transience = .permanent) {
            self.reply = reply
            self.kind = kind
            self.transience = transience
        }
    }

    @Test(arguments: [
        Refusal("535 5.7.3 Authentication unsuccessful", .authenticationFailed, .unclear),
        Refusal("535 no", .authenticationFailed, .unclear),
        Refusal(
            "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 x - gsmtp", .authenticationFailed, .unclear),
        Refusal("535 5.7.139 SmtpClientAuthentication is disabled", .contactAdministrator),
        Refusal("525 5.7.13 disabled", .contactAdministrator),
        Refusal("534-5.7.14 web\r\n534 5.7.14 x", .contactAdministrator),
        Refusal("534-5.7.9 app password\r\n534 5.7.9 x", .mechanismRefused),
        Refusal("550 5.7.30 basic", .mechanismRefused),
        Refusal("504 5.5.4 what", .mechanismRefused), Refusal("432 4.7.12 transition", .mechanismRefused, .transient),
        Refusal("538 5.7.11 tls", .privacyRequired), Refusal("530 5.7.0 Must issue STARTTLS", .privacyRequired),
        Refusal("454 4.7.0 later", .temporarilyUnavailable, .transient),
        Refusal("421 4.7.0 Try again later", .temporarilyUnavailable, .transient),
        Refusal("421 4.3.2 busy", .limitReached, .transient), Refusal("432 4.3.2 threads", .limitReached, .transient),
        Refusal("451 4.7.500 busy", .limitReached, .transient), Refusal("500 5.5.6 long", .credentialTooLong),
        Refusal("501 5.5.127 Token will expire soon", .credentialExpired), Refusal("503 order", .commandRejected),
        // An enhanced code that does not agree with the code is none, and words are nothing.
        Refusal("535 4.3.2 x", .authenticationFailed, .unclear),
        Refusal("535 421 4.3.2", .authenticationFailed, .unclear),
    ])
    func `codes decide what a refused login means`(_ row: Refusal) throws {
        let outcome = try Self.play(Self.hello + ["334 ", row.reply])
        let failure = try #require(outcome.failure)
        #expect(failure.kind == row.kind)
        #expect(failure.transience == row.transience)
        #expect(failure.credentialWasOffered)
        #expect(outcome.farewell == (row.reply.hasPrefix("421") ? nil : "QUIT\r\n"))
    }

    @Test func `an error of the mechanism makes a refusal certain`() throws {
        let error = "334 " + Talk.base64(#"{"status":"401","schemes":"bearer","scope":"mail"}"#)
        let outcome = try Self.play(Self.hello + ["334 ", error, "535 5.7.8 no"])
        let failure = try #require(outcome.failure)
        #expect(failure.kind == .authenticationFailed && failure.transience == .permanent)
        #expect(failure.challenge?.status == ForeignText("401"))
        #expect(failure.answer?.code == "535 5.7.8")
        #expect(outcome.clearWire.hasSuffix("\(Talk.bearer)\r\n\r\n"))
        #expect(try Self.play(Self.hello + ["334 ", error], ends: true).failure?.kind == .authenticationFailed)
        #expect(
            try Self.play(Self.hello + ["334 ", error, "235 in"]).failure?.kind
                == .protocolViolation(.successAfterRefusal))
    }

    @Test func `a password that is refused is refused`() throws {
        let failure = try #require(try Self.play(Self.hello + ["334 ", "535 5.7.8 no"], .sasl(.plain)).failure)
        #expect(failure.transience == .permanent)
    }

    @Test(arguments: [
        Refusal("550 5.7.60 SendAsDenied", .senderRefused), Refusal("554 5.7.60 no", .senderRefused),
        Refusal("553 5.7.1 not owned by user", .senderRefused), Refusal("550 no", .senderRefused),
        Refusal("530 5.7.57 Client not authenticated to send mail", .postLoginRefused),
        Refusal("553 5.6.7 utf8", .smtpUTF8NotOffered), Refusal("451 4.3.0 later", .temporarilyUnavailable, .transient),
        Refusal("432 4.3.2 STOREDRV", .limitReached, .transient), Refusal("501 5.5.4 syntax", .commandRejected),
    ])
    func `codes decide what a refused sender means`(_ row: Refusal) throws {
        let outcome = try Self.play(Self.hello + ["334 ", "235 in", row.reply])
        let failure = try #require(outcome.failure)
        #expect(failure.kind == row.kind)
        #expect(failure.transience == row.transience)
        #expect(outcome.farewell == "QUIT\r\n")
    }

    @Test func `a server that wants a login says so of the sender`() throws {
        let outcome = try Self.play(["220 x", "250 x", "530 5.7.1 login first"], .none)
        #expect(outcome.failure?.kind == .authenticationRequired)
    }

    @Test(arguments: [
        Refusal("530 5.7.0 login first", .authenticationRequired), Refusal("554 no", .commandRejected),
        Refusal("451 later", .temporarilyUnavailable, .transient), Refusal("500 what", .commandRejected),
    ])
    func `where nobody logs in, nothing is said of a login`(_ row: Refusal) throws {
        let outcome = try Self.play(["220 x", "250 x", row.reply], .none, sender: nil)
        #expect(outcome.failure?.kind == row.kind && outcome.failure?.transience == row.transience)
        for sender in [nil, Self.sender] {
            let closed = try Self.play(["220 x", "250 x"], .none, sender: sender, ends: true)
            #expect(closed.failure?.kind == .closedEarly)
        }
    }

    @Test(arguments: [
        (["421 busy"], MailFailure.Kind.greetingRefused, MailFailure.Transience.transient),
        (["554 5.7.1 you are listed"], .greetingRefused, .permanent),
        (["354 go on"], .protocolViolation(.notAGreeting), .permanent),
        (["221 bye"], .protocolViolation(.notAGreeting), .permanent),
        (["* OK IMAP"], .protocolViolation(.notAGreeting), .permanent),
        (["+OK POP3"], .protocolViolation(.notAGreeting), .permanent),
        ([""], .protocolViolation(.notAGreeting), .permanent),
        (["220\tx"], .protocolViolation(.notAGreeting), .permanent),
        (["999 x"], .protocolViolation(.notAGreeting), .permanent),
    ])
    func `a greeting that is none gets no answer`(
        _ lines: [String], _ kind: MailFailure.Kind, _ transience: MailFailure.Transience
    ) throws {
        let outcome = try Self.play(lines)
        #expect(outcome.failure?.kind == kind)
        #expect(outcome.failure?.transience == transience)
        #expect(outcome.clearWire.isEmpty)
    }

    @Test(arguments: [
        (["220 x", "250-x", "251 x"], MailFailure.Violation.unreadable),
        (hello + ["235 in"], .successWithoutCredential), (hello + ["250 ok"], .unexpectedReply),
        (hello + ["334 ", "334 ", "334 "], .repeatedChallenge), (hello + ["334 ", "354 go"], .unexpectedReply),
        (hello + ["334 ", "235 in", "354 go"], .unexpectedReply),
    ])
    func `a reply out of place ends the login`(_ lines: [String], _ violation: MailFailure.Violation) throws {
        let outcome = try Self.play(lines)
        #expect(outcome.failure?.kind == .protocolViolation(violation))
        // An exchange is cancelled first, or the server would take the leave-taking for a part of it.
        #expect(outcome.farewell == (violation == .repeatedChallenge ? "*\r\nQUIT\r\n" : "QUIT\r\n"))
    }

    @Test(arguments: [
        (["220 x"], MailFailure.Kind.closedEarly), (hello, .closedEarly),
        (hello + ["334 "], .closedOnCredential(bytes: Talk.bearer.utf8.count)),
        (hello + ["334 ", "235 in"], .postLoginRefused),
    ])
    func `a server that closes has not let anybody in`(_ lines: [String], _ kind: MailFailure.Kind) throws {
        #expect(try Self.play(lines, ends: true).failure?.kind == kind)
    }

    @Test(arguments: [[], ["500 what"], ["250 ok", "garbage"], ["221"]])
    func `the proof stands however the leave-taking goes`(_ lines: [String]) throws {
        let outcome = try Self.play(Self.hello + ["334 ", "235 in", "250 ok"] + lines, ends: true)
        #expect(outcome.proof != nil)
    }

    @Test func `a mechanism that is not offered is not tried`() throws {
        let outcome = try Self.play(["220 x", "250-x", "250 AUTH PLAIN LOGIN"])
        #expect(outcome.failure?.kind == .mechanismNotOffered(offered: ["PLAIN", "LOGIN"]))
        #expect(outcome.clearWire == "EHLO keel.example\r\n" && outcome.farewell == "QUIT\r\n")
    }

    @Test func `a credential in a server's words is cut out`() throws {
        let echo = try Self.play(Self.hello + ["334 ", "500 unknown command \(Talk.bearer)"])
        #expect(echo.failure?.answer?.words == ForeignText("unknown command (credential)"))
        let password = try Self.play(
            Self.hello + ["334 ", "535 <\(Talk.password.revealText())>"], .sasl(.plain))
        #expect(password.failure?.answer?.words == ForeignText("<(credential)>"))
    }

    // MARK: Bounds

    @Test func `lines, replies and sessions have an end`() throws {
        let long = "220 " + String(repeating: "x", count: 16 * 1024)
        #expect(try Self.play([long]).failure?.kind == .lineTooLong)
        let many = ["220 x"] + [String](repeating: "250-X", count: 300)
        #expect(try Self.play(many).failure?.kind == .responseTooLarge)
    }
}

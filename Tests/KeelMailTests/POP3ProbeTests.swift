import KeelBase
import KeelMail
import Testing

@Suite struct POP3ProbeTests {
    static let hello = ["+OK ready", "+OK list", "SASL PLAIN XOAUTH2", "USER", "UIDL", "."]
    static let proven = ["+OK in", "+OK 3 1200", "+OK bye"]

    static func play(
        _ lines: [String], _ method: LoginMethod = .sasl(.xoauth2), password: Secret = Talk.password,
        userName: String = Talk.userName, ends: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Talk.Outcome {
        try Talk.play(
            POP3Probe(Talk.order(method, password: password, userName: userName)), lines, ends: ends,
            sourceLocation: sourceLocation)
    }

    @Test func `the credential waits to be asked for, and STAT is the proof`() throws {
        let outcome = try Self.play(Self.hello + ["+ "] + Self.proven)
        #expect(outcome.clearWire == "CAPA\r\nAUTH XOAUTH2\r\n\(Talk.bearer)\r\nSTAT\r\nQUIT\r\n")
        #expect(
            outcome.proof
                == LoginProof(
                    mechanism: .sasl(.xoauth2), capabilities: ["SASL PLAIN XOAUTH2", "USER", "UIDL"],
                    greeting: ForeignText("ready"), command: "STAT"))
        #expect(
            outcome.transcript.contains("S: +\nC: (XOAUTH2 credential, \(Talk.bearer.utf8.count) bytes)\nS: +OK in"))
    }

    @Test func `USER and PASS`() throws {
        let outcome = try Self.play(Self.hello + ["+OK who"] + Self.proven, .command)
        #expect(
            outcome.clearWire
                == "CAPA\r\nUSER \(Talk.userName)\r\nPASS \(Talk.password.revealText())\r\nSTAT\r\nQUIT\r\n")
        #expect(outcome.shown.contains("PASS (password, \(Talk.password.count) bytes)"))
        #expect(outcome.proof?.mechanism == .command)
    }

    @Test func `USER and PASS need no CAPA, but a list without USER forbids them`() throws {
        #expect(try Self.play(["+OK hi", "-ERR what", "+OK who"] + Self.proven, .command).proof != nil)
        let without = try Self.play(["+OK hi", "+OK", "SASL PLAIN", "."], .command)
        #expect(without.failure?.kind == .mechanismNotOffered(offered: ["PLAIN"]))
        #expect(without.clearWire == "CAPA\r\n" && without.farewell == "QUIT\r\n")
    }

    @Test func `APOP is as RFC 1939 has it`() throws {
        let outcome = try Self.play(
            ["+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>", "-ERR what"] + Self.proven, .apop,
            password: Secret(copying: "tanstaaf"), userName: "mrose")
        #expect(outcome.clearWire == "CAPA\r\nAPOP mrose c4c9334bac560ecc979e58001b3e22fb\r\nSTAT\r\nQUIT\r\n")
        #expect(!outcome.transcript.contains("c4c9334b"))
        #expect(outcome.proof?.mechanism == .apop)
    }

    @Test(arguments: ["", "<>", "<x>", "<@>", "<a@b@c>", "<a b@c>", "<a@b", "<a@\u{7F}>", "<ä@b>"])
    func `a stamp that is no message id is none`(_ stamp: String) throws {
        let outcome = try Self.play(["+OK hi \(stamp)", "-ERR what"], .apop)
        #expect(outcome.failure?.kind == .mechanismNotOffered(offered: []))
        #expect(outcome.clearWire == "CAPA\r\n")
    }

    @Test(arguments: ["a b", "a\tb", "a\r\nDELE 1", ""])
    func `a name with a blank is none for USER`(_ userName: String) throws {
        let outcome = try Self.play(Self.hello, .command, userName: userName)
        #expect(outcome.failure?.kind == .unusableUserName)
        #expect(outcome.clearWire.isEmpty)
    }

    @Test func `CRAM-MD5 answers the challenge`() throws {
        let outcome = try Self.play(
            ["+OK hi", "+OK", "SASL CRAM-MD5", ".", "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"]
                + Self.proven, .sasl(.cramMD5), password: Secret(copying: "tanstaaftanstaaf"), userName: "tim")
        #expect(
            outcome.clearWire.contains(
                "AUTH CRAM-MD5\r\ndGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\nSTAT"))
    }

    @Test func `a list's dots are doubled, and its end is one alone`() throws {
        let outcome = try Self.play(["+OK hi", "+OK", "..X", "SASL XOAUTH2", ".", "+ "] + Self.proven)
        #expect(outcome.proof?.capabilities == [".X", "SASL XOAUTH2"])
    }

    @Test(arguments: [
        ("-ERR no", MailFailure.Kind.authenticationFailed, MailFailure.Transience.permanent),
        ("-ERR [AUTH] no", .authenticationFailed, .permanent),
        ("-ERR [SYS/TEMP] later", .temporarilyUnavailable, .transient),
        ("-ERR [sys/perm] never", .contactAdministrator, .permanent),
        ("-ERR [IN-USE] x", .mailboxInUse, .transient), ("-ERR [LOGIN-DELAY] x", .limitReached, .transient),
        ("-ERR [OTHER] SYS/TEMP", .authenticationFailed, .permanent), ("-ERR", .authenticationFailed, .permanent),
    ])
    func `codes decide what a refused login means`(
        _ line: String, _ kind: MailFailure.Kind, _ transience: MailFailure.Transience
    ) throws {
        let outcome = try Self.play(Self.hello + ["+ ", line])
        #expect(outcome.failure?.kind == kind)
        #expect(outcome.failure?.transience == transience)
        #expect(outcome.failure?.credentialWasOffered == true)
        #expect(outcome.farewell == "QUIT\r\n")
    }

    @Test func `an error of the mechanism is answered and kept`() throws {
        let error = "+ " + Talk.base64(#"{"status":"400"}"#)
        let outcome = try Self.play(Self.hello + ["+ ", error, "-ERR [AUTH] no"])
        #expect(outcome.clearWire.hasSuffix("\(Talk.bearer)\r\n\r\n"))
        #expect(outcome.failure?.challenge?.status == ForeignText("400"))
        #expect(
            try Self.play(Self.hello + ["+ ", error, "+OK in"]).failure?.kind
                == .protocolViolation(.successAfterRefusal))
    }

    @Test(arguments: [
        (hello + ["-ERR no"], MailFailure.Kind.mechanismRefused), (hello + ["-ERR [AUTH] no"], .mechanismRefused),
        (hello + ["+OK in"], .protocolViolation(.successWithoutCredential)),
        (hello + ["garbage"], .protocolViolation(.unreadable)), (["-ERR [SYS/TEMP] busy"], .greetingRefused),
        (["+OK hi", "+ "], .protocolViolation(.unexpectedContinuation)),
        (hello + ["+ ", "+OK in", "-ERR [SYS/TEMP] no mailbox"], .postLoginRefused),
        (["+OK hi", "+OK", "SASL PLAIN", "."], .mechanismNotOffered(offered: ["PLAIN"])),
    ])
    func `what comes at the wrong place`(_ lines: [String], _ kind: MailFailure.Kind) throws {
        #expect(try Self.play(lines).failure?.kind == kind)
    }

    @Test(arguments: [
        (hello, MailFailure.Kind.closedEarly), (hello + ["+ ", "+OK in"], .postLoginRefused),
        (hello + ["+ "], .closedOnCredential(bytes: Talk.bearer.utf8.count)),
    ])
    func `a server that closes has not let anybody in`(_ lines: [String], _ kind: MailFailure.Kind) throws {
        #expect(try Self.play(lines, ends: true).failure?.kind == kind)
    }

    @Test(arguments: [[], ["-ERR what"], ["garbage"]])
    func `the proof stands however the leave-taking goes`(_ lines: [String]) throws {
        #expect(try Self.play(Self.hello + ["+ ", "+OK in", "+OK 0 0"] + lines, ends: true).proof != nil)
    }

    @Test func `a credential in a server's words is cut out`() throws {
        let echo = try Self.play(Self.hello + ["+ ", "-ERR unknown \(Talk.bearer)"])
        #expect(echo.failure?.answer?.words == ForeignText("unknown (credential)"))
    }

    @Test func `lines and lists have an end`() throws {
        #expect(
            try Self.play(["+OK " + String(repeating: "x", count: 16 * 1024)]).failure?.kind == .lineTooLong)
        let many = ["+OK hi", "+OK"] + [String](repeating: "X", count: 300)
        #expect(try Self.play(many).failure?.kind == .responseTooLarge)
    }
}

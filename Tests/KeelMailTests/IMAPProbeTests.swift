import KeelBase
import KeelMail
import Testing

/// What the IMAP probe does beyond a token over TLS.
@Suite struct IMAPProbeTests {
    static let hello =
        "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=SCRAM-SHA-256] hi"
    static let loggedIn = "A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] in"
    static let proven = [loggedIn, "A2 OK", "* 3 EXISTS", "A3 OK [READ-ONLY] seen", "* BYE", "A4 OK"]

    static func play(
        _ lines: [String], _ method: LoginMethod, password: Secret = Talk.password, userName: String = Talk.userName,
        nonce: String = "nonce", ends: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Talk.Outcome {
        try Talk.play(
            IMAPLoginProbe(Talk.order(method, password: password, userName: userName, nonce: nonce)), lines, ends: ends,
            sourceLocation: sourceLocation)
    }

    @Test func `the inbox is looked into, and nothing in it changes`() throws {
        let outcome = try Self.play([Self.hello] + Self.proven, .sasl(.xoauth2))
        #expect(
            outcome.clearWire
                == "A1 AUTHENTICATE XOAUTH2 \(Talk.bearer)\r\nA2 NAMESPACE\r\nA3 EXAMINE INBOX\r\nA4 LOGOUT\r\n")
        #expect(outcome.proof?.command == "EXAMINE INBOX")
    }

    @Test func `an inbox that cannot be opened is no proof`() throws {
        let outcome = try Self.play(
            [Self.hello, Self.loggedIn, "A2 OK", "A3 NO [UNAVAILABLE] later"], .sasl(.xoauth2))
        #expect(outcome.failure?.kind == .postLoginRefused)
        #expect(outcome.failure?.transience == .transient)
        #expect(outcome.farewell == "A4 LOGOUT\r\n")
    }

    @Test func `PLAIN goes with the command, LOGIN and CRAM-MD5 wait`() throws {
        let plain = try Self.play([Self.hello] + Self.proven, .sasl(.plain))
        let message = Talk.base64("\u{0}\(Talk.userName)\u{0}\(Talk.password.revealText())")
        #expect(plain.clearWire.hasPrefix("A1 AUTHENTICATE PLAIN \(message)\r\n") && plain.proof != nil)
        let login = try Self.play([Self.hello, "+ VXNlcm5hbWU6", "+ "] + Self.proven, .sasl(.login))
        #expect(
            login.clearWire.hasPrefix(
                "A1 AUTHENTICATE LOGIN\r\n\(Talk.base64(Talk.userName))\r\n\(Talk.base64(Talk.password.revealText()))\r\n"
            ))
        #expect(login.proof != nil)
        let cram = try Self.play(
            [Self.hello, "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"] + Self.proven, .sasl(.cramMD5),
            password: Secret(copying: "tanstaaftanstaaf"), userName: "tim")
        #expect(cram.clearWire.contains("\r\ndGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n"))
    }

    @Test func `SCRAM proves both sides`() throws {
        let vector = SASLExchangeTests.vectors[0]
        let challenges = ["+ " + Talk.base64(vector.first), "+ " + Talk.base64(vector.signature)]
        func play(_ lines: [String]) throws -> Talk.Outcome {
            try Self.play(
                [Self.hello] + lines, .sasl(.scramSHA256), password: Secret(copying: "pencil"), userName: "user",
                nonce: vector.nonce)
        }
        let outcome = try play(challenges + Self.proven)
        #expect(outcome.proof?.mechanism == .sasl(.scramSHA256))
        #expect(outcome.clearWire.contains("\r\n\(Talk.base64(vector.final))\r\n\r\nA2 NAMESPACE"))
        #expect(!outcome.transcript.contains(Talk.base64(vector.final)))
        // A server that lets in whoever comes has not shown that it is the account's.
        #expect(
            try play([challenges[0], Self.loggedIn]).failure?.kind == .protocolViolation(.successWithoutServerProof))
        #expect(
            try play([challenges[0], "+ " + Talk.base64("v=AAAA"), Self.loggedIn]).failure?.kind == .serverNotAuthentic)
        let refused = try play([
            challenges[0], "+ " + Talk.base64("e=invalid-proof"), "A1 NO [AUTHENTICATIONFAILED] no",
        ])
        #expect(refused.failure?.kind == .authenticationFailed)
        #expect(refused.failure?.challenge?.status == ForeignText("invalid-proof"))
    }

    @Test func `the command LOGIN takes quotes and backslashes`() throws {
        let outcome = try Self.play([Self.hello] + Self.proven, .command)
        #expect(
            outcome.clearWire.hasPrefix(
                "A1 LOGIN \"\(Talk.userName)\" \"CANARY, a \\\"good\\\" \\\\ password\"\r\nA2 NAMESPACE\r\n"))
        #expect(outcome.shown.first == "A1 LOGIN \"\(Talk.userName)\" (password, \(Talk.password.count) bytes)")
        #expect(outcome.proof?.mechanism == .command)
    }

    @Test func `LOGIN is not tried where it is disabled`() throws {
        let disabled = try Self.play(["* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN] hi"], .command)
        #expect(disabled.failure?.kind == .mechanismNotOffered(offered: ["PLAIN"]))
        #expect(disabled.clearWire.isEmpty && disabled.farewell == "A1 LOGOUT\r\n")
    }

    @Test(arguments: [
        ("jürgen", "s3cret", ["A1 LOGIN {7}", "jürgen \"s3cret\""]),
        ("jane", "s3crét", ["A1 LOGIN \"jane\" {7}", "s3crét"]),
        ("jürgen", "s3crét", ["A1 LOGIN {7}", "jürgen {7}", "s3crét"]),
    ])
    func `what no quoted string holds goes to LOGIN in literals that wait`(
        _ user: String, _ password: String, _ lines: [String]
    ) throws {
        let asked = Array(repeating: "+ go on", count: lines.count - 1)
        let answers = ["A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] in", "A2 OK", "A3 OK", "A4 OK"]
        let outcome = try Self.play(
            [Self.hello] + asked + answers, .command, password: Secret(copying: password), userName: user)
        #expect(outcome.proof?.mechanism == .command)
        #expect(outcome.clearWire.hasPrefix(lines.joined(separator: "\r\n") + "\r\nA2 NAMESPACE\r\n"))
        #expect(!outcome.shown.joined().contains(password))
        // Nothing goes before it is asked for, and a refusal on the way shows no credential.
        let early = try Self.play(
            [Self.hello, "A1 NO no"], .command, password: Secret(copying: password), userName: user)
        #expect(early.clearWire == lines[0] + "\r\n")
        #expect(early.failure?.kind == .mechanismRefused && early.failure?.credentialWasOffered == false)
    }

    @Test func `the second revision has namespaces and initial responses built in`() throws {
        let outcome = try Self.play(
            ["* OK [CAPABILITY IMAP4rev2 AUTH=XOAUTH2] hi", "A1 OK [CAPABILITY IMAP4rev2] in", "A2 OK"],
            .sasl(.xoauth2))
        #expect(outcome.clearWire.hasPrefix("A1 AUTHENTICATE XOAUTH2 \(Talk.bearer)\r\nA2 NAMESPACE\r\n"))
    }

    @Test func `a continuation to LOGIN is not answered`() throws {
        let outcome = try Self.play([Self.hello, "+ more"], .command)
        #expect(outcome.failure?.kind == .protocolViolation(.unexpectedContinuation))
    }

    @Test(arguments: [LoginMethod.apop, .none])
    func `what IMAP does not have is refused before anything is sent`(_ method: LoginMethod) throws {
        let outcome = try Self.play([Self.hello], method)
        #expect(outcome.failure?.kind == .methodNotOfProtocol)
        #expect(outcome.clearWire.isEmpty && outcome.farewell == nil)
    }
}

import KeelBase
import KeelMail
import Testing

@Suite struct IMAPHostileServerTests {
    private let offer = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi"

    @Test(arguments: [
        ("* PREAUTH [CAPABILITY IMAP4rev1] welcome", MailFailure.Kind.unexpectedPreauth),
        ("* BYE overloaded", .greetingRefused), ("* BYE [UNAVAILABLE] later", .greetingRefused),
        ("* BYE [AUTHENTICATIONFAILED] you", .greetingRefused),
        ("* NO hi", .protocolViolation(.notAGreeting)), ("* BAD hi", .protocolViolation(.notAGreeting)),
        ("* CAPABILITY AUTH=XOAUTH2 SASL-IR", .protocolViolation(.notAGreeting)),
        ("A1 OK hi", .protocolViolation(.notAGreeting)), ("+ go on", .protocolViolation(.notAGreeting)),
        ("+OK POP3 ready", .protocolViolation(.notAGreeting)),
        ("220 mx.example ESMTP", .protocolViolation(.notAGreeting)),
        ("HTTP/1.1 400 Bad Request", .protocolViolation(.notAGreeting)),
        ("", .protocolViolation(.notAGreeting)), ("*", .protocolViolation(.notAGreeting)),
        ("* ", .protocolViolation(.notAGreeting)), ("  * OK", .protocolViolation(.notAGreeting)),
        ("\u{0}\u{1}\u{2}", .protocolViolation(.notAGreeting)),
        ("* OK\u{1B}[31m", .protocolViolation(.notAGreeting)),
    ])
    func `a greeting that is none gets no answer`(_ line: String, _ kind: MailFailure.Kind) throws {
        let outcome = try Trace.play([line])
        #expect(outcome.failure?.kind == kind)
        #expect(outcome.clearWire.isEmpty)
        #expect(outcome.failure?.credentialWasOffered == false)
    }

    @Test func `a greeting cannot steer a terminal`() throws {
        let outcome = try Trace.play(["* BYE \u{1B}[2J\u{202E}evil" + String(repeating: "x", count: 9000)])
        let text = "\(try #require(outcome.failure))\(outcome.transcript)"
        #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
        #expect(text.count < 2000)
    }

    @Test(arguments: [
        (["A7 OK in"], MailFailure.Violation.unknownTag), (["a1 OK in"], .unknownTag),
        (["garbage"], .unreadable), (["A1 PREAUTH x"], .unreadable), (["* PREAUTH x"], .unreadable),
        (["A1 OK [CAPABILITY X] in", "+ more"], .unexpectedContinuation),
        (["A1 OK [CAPABILITY X] in", "A1 OK in"], .unknownTag),
    ])
    func `a response out of place ends the login`(_ lines: [String], _ violation: MailFailure.Violation) throws {
        let outcome = try Trace.play([offer] + lines)
        #expect(outcome.failure?.kind == .protocolViolation(violation))
    }

    @Test func `a continuation that nobody asked for brings out no credential`() throws {
        let outcome = try Trace.play(["* OK hi", "+ "])
        #expect(outcome.failure?.kind == .protocolViolation(.unexpectedContinuation))
        #expect(outcome.clearWire == "A1 CAPABILITY\r\n")
    }

    @Test func `the credential is shown once at most`() throws {
        let outcome = try Trace.play(["* OK [CAPABILITY AUTH=XOAUTH2] hi", "+ ", "+ ", "+ ", "+ "])
        #expect(outcome.clearWire.split(separator: Trace.credential, omittingEmptySubsequences: false).count == 2)
    }

    // MARK: Ends

    @Test(arguments: [
        ([], MailFailure.Kind.closedEarly), (["* OK hi"], .closedEarly),
        (["* OK [CAPABILITY AUTH=XOAUTH2]"], .closedEarly),
    ])
    func `a server that closes before the login closed early`(_ lines: [String], _ kind: MailFailure.Kind) throws {
        #expect(try Trace.play(lines, ends: true).failure?.kind == kind)
    }

    @Test func `a close on the credential tells its length`() throws {
        let short = try #require(try Trace.play([offer], ends: true).failure)
        #expect(short.kind == .closedOnCredential(bytes: Trace.credential.utf8.count))
        #expect(short.transience == .unclear)
        let long = try #require(
            try Trace.play([offer], ends: true, token: Secret(copying: String(repeating: "t", count: 7000))).failure)
        #expect(long.code == "closed_on_credential")
        #expect(long.transience == .permanent)
    }

    // MARK: Bounds

    private func flood(_ start: String, _ filler: UInt8, _ count: Int, _ end: String = "\r\n") -> [UInt8] {
        Array(start.utf8) + [UInt8](repeating: filler, count: count) + Array(end.utf8)
    }

    @Test func `a line of 64 KiB is taken and a longer one is not`() throws {
        let hello = Array("\(offer)\r\n".utf8)
        let long = flood("* X ", UInt8(ascii: "x"), 65_536 - 5)
        let longer = flood("* X ", UInt8(ascii: "x"), 65_536 - 4)
        #expect(try Trace.play(hello + long, seeds: 1..<2).failure == nil)
        #expect(try Trace.play(hello + longer, seeds: 1..<2).failure?.kind == .lineTooLong)
        #expect(try Trace.play(flood("* OK ", 0x20, 70_000, ""), seeds: 1..<2).failure?.kind == .lineTooLong)
    }

    @Test(arguments: ["1048577", "99999999999999999999999999"])
    func `a literal of more than 1 MiB is refused when it is announced`(_ length: String) throws {
        #expect(try Trace.play([offer, "* X {\(length)}"]).failure?.kind == .literalTooLarge)
    }

    @Test func `a session has an end`() throws {
        let literal = flood("* X {1048576}\r\n", UInt8(ascii: "y"), 1_048_576)
        let line = flood("* X ", UInt8(ascii: "x"), 60_000)
        let session = Array("\(offer)\r\n".utf8) + literal + (0..<18).flatMap { _ in line }
        #expect(try Trace.play(session, seeds: 1..<2).failure?.kind == .responseTooLarge)
    }

    @Test func `a transcript has an end`() throws {
        let outcome = try Trace.play([offer] + [String](repeating: "* 1 EXISTS", count: 500))
        #expect(outcome.transcript.split(separator: "\n").count == 202)
        #expect(outcome.transcript.hasSuffix("(302 more)"))
    }

    @Test func `capabilities of absurd length or number are left out`() throws {
        let names = (0..<1000).map { "AUTH=M\($0)" }.joined(separator: " ")
        let outcome = try Trace.play(["* OK [CAPABILITY AUTH=\(String(repeating: "x", count: 500)) \(names)] hi"])
        guard case .mechanismNotOffered(let offered) = outcome.failure?.kind else {
            Issue.record("the mechanism counts as offered")
            return
        }
        #expect(offered.count == 256)
        #expect(offered.first == "M0")
    }

    @Test(arguments: 1..<200 as Range<UInt64>)
    func `noise brings the credential out once at most, and always ends`(_ seed: UInt64) throws {
        var generator = Noise(seed: seed)
        let outcome = try Trace.play(generator.bytes(), ends: true, seeds: 1..<3)
        #expect(outcome.result != nil)
        #expect(outcome.clearWire.split(separator: Trace.credential, omittingEmptySubsequences: false).count <= 2)
    }
}

import KeelBase
import KeelMail
import KeelTestSupport
import Testing

/// Servers that repeat what they were sent; `Trace.play` checks that no text holds the token.
@Suite struct CredentialEchoTests {
    private let offer = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi"

    @Test func `a token or credential in a server's words is cut out`() throws {
        let token = Trace.token.revealText()
        let outcome = try Trace.play([offer, "* NO I got \(token) and", "A1 BAD unknown: \(Trace.credential)!"])
        #expect(outcome.failure?.answer?.words == ForeignText("unknown: (credential)!"))
        #expect(outcome.transcript.contains("S: * NO I got (credential) and"))
    }

    @Test(arguments: [24, 40, 64])
    func `a piece of it is cut out too`(_ length: Int) throws {
        let head = Trace.credential.prefix(length)
        let tail = Trace.credential.suffix(length)
        let outcome = try Trace.play([offer, "A1 BAD '\(head)' <\(tail)>"])
        #expect(outcome.failure?.answer?.words == ForeignText("'(credential)' <(credential)>"))
    }

    @Test func `a token inside the challenge is cut out`() throws {
        let outcome = try Trace.play([
            offer, Trace.challenge(#"{"status":"400","scope":"\#(Trace.token.revealText())"}"#), "A1 NO no",
        ])
        #expect(outcome.failure?.challenge?.scope == ForeignText("(credential)"))
    }

    @Test func `a token as capability, alert, tag, code or overlong line shows nowhere`() throws {
        let token = Trace.token.revealText()
        for line in [
            "A1 OK [CAPABILITY \(token)] in", "A1 OK [ALERT] \(token)", "\(token) OK in", "A1 NO [\(token)] x", token,
            "* BYE \(token)",
        ] {
            #expect(try Trace.play([offer, line, "A2 OK [CAPABILITY \(token)]", "A3 OK"], ends: true).result != nil)
        }
        let flood = "\(offer)\r\n* OK \(token)" + String(repeating: " x", count: 40_000)
        #expect(try Trace.play(Array(flood.utf8), seeds: 1..<2).failure?.kind == .lineTooLong)
    }

    @Test func `ordinary words stay`() throws {
        let outcome = try Trace.play([
            offer, "A1 NO [AUTHENTICATIONFAILED] https://aka.example/a-very-long-address-indeed",
        ])
        #expect(outcome.failure?.answer?.words == ForeignText("https://aka.example/a-very-long-address-indeed"))
    }

    @Test func `a short token is cut out as a whole`() throws {
        let outcome = try Trace.play([offer, "A1 BAD t0ken-123 ok"], token: Secret(copying: "t0ken-123"))
        #expect(outcome.failure?.answer?.words == ForeignText("(credential) ok"))
    }
}

/// Lines that look like IMAP, in any order, with bytes turned over.
struct Noise {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private static let lines = [
        "* OK hi", "* OK [CAPABILITY SASL-IR AUTH=XOAUTH2]", "* CAPABILITY AUTH=XOAUTH2", "A1 OK [CAPABILITY X]",
        "A1 NO no",
        "+ ", "+ e30=", "A2 OK", "A3 OK", "* LIST () {4}", "ab", "* BYE", "* 1 FETCH (X {3}", "[", "A2 OK [",
        "{9999999}",
    ]

    mutating func bytes() -> [UInt8] {
        var bytes = Array("* OK [CAPABILITY SASL-IR AUTH=XOAUTH2] hi\r\n".utf8)
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            bytes += Array((Self.lines.randomElement(using: &generator) ?? "").utf8) + [0x0D, 0x0A]
        }
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        return bytes
    }
}

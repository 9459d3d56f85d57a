import KeelBase
import KeelMail
import Testing

/// Servers that offer SCRAM bound to the connection, and not to what there is to bind to.
@Suite struct ChannelBindingTests {
    private static let vector = SASLExchangeTests.vectors[0]
    private static let unsupported = Talk.base64("e=unsupported-channel-binding-type")
    private static let both = "SCRAM-SHA-256-PLUS SCRAM-SHA-256"

    private static func play(
        _ type: MailProtocol, offering mechanisms: String = both, _ lines: [String], ends: Bool = false
    ) throws -> Talk.Outcome {
        let order = Talk.order(
            .sasl(.scramSHA256), password: Secret(copying: "pencil"), userName: "user", endPoint: [1, 2, 3],
            nonce: vector.nonce)
        switch type {
        case .smtp:
            let hello = ["220 mx", "250-mx", "250 AUTH \(mechanisms)"]
            return try Talk.play(SMTPProbe(order, sender: nil), hello + lines, ends: ends)
        case .imap:
            let names = mechanisms.split(separator: " ").map { "AUTH=\($0)" }.joined(separator: " ")
            return try Talk.play(IMAPLoginProbe(order), ["* OK [CAPABILITY IMAP4rev1 \(names)] hi"] + lines, ends: ends)
        case .pop3:
            return try Talk.play(POP3Probe(order), ["+OK hi", "+OK", "SASL \(mechanisms)", "."] + lines, ends: ends)
        }
    }

    private static let first = Talk.base64("p=tls-server-end-point,,n=user,r=\(vector.nonce)")
    private static let second = Talk.base64("n,,n=user,r=\(vector.nonce)")
    private static let challenges = [Talk.base64(vector.first), Talk.base64(vector.signature)]

    @Test(arguments: [[unsupported], []])
    func `a login that is refused for its binding is begun once more without`(error: [String]) throws {
        let smtp = try Self.play(
            .smtp,
            ["334 "] + error.map { "334 \($0)" } + ["535 5.7.8 no", "334 "] + Self.challenges.map { "334 \($0)" }
                + ["235 in", "250 ok", "221 bye"])
        #expect(smtp.proof != nil)
        #expect(smtp.clearWire.contains("AUTH SCRAM-SHA-256-PLUS\r\n\(Self.first)\r\n"))
        #expect(
            smtp.clearWire.contains("AUTH SCRAM-SHA-256\r\n\(Self.second)\r\n\(Talk.base64(Self.vector.final))\r\n"))
        let imap = try Self.play(
            .imap,
            ["+ "] + error.map { "+ \($0)" } + ["A1 NO [AUTHENTICATIONFAILED] no", "+ "]
                + Self.challenges.map { "+ \($0)" } + ["A2 OK [CAPABILITY IMAP4rev1] in", "A3 OK", "A4 OK", "A5 OK"])
        #expect(imap.proof != nil)
        #expect(imap.clearWire.contains("A2 AUTHENTICATE SCRAM-SHA-256\r\n\(Self.second)\r\n"))
        let pop3 = try Self.play(
            .pop3,
            ["+ "] + error.map { "+ \($0)" } + ["-ERR [AUTH] no", "+ "] + Self.challenges.map { "+ \($0)" }
                + ["+OK in", "+OK 0 0", "+OK bye"])
        #expect(pop3.proof != nil)
        #expect(pop3.clearWire.contains("AUTH SCRAM-SHA-256\r\n\(Self.second)\r\n"))
    }

    @Test func `it is begun twice and no more`() throws {
        let outcome = try Self.play(.smtp, ["334 ", "535 no", "334 ", "535 no"])
        #expect(outcome.failure?.kind == .credentialNotAsked)
        #expect(outcome.clearWire.split(separator: "\r\n").count { $0.hasPrefix("AUTH") } == 2)
        // What may pass says nothing of the binding.
        let busy = try Self.play(.smtp, ["334 ", "454 4.7.0 later"])
        #expect(busy.failure?.kind == .temporarilyUnavailable && busy.farewell == "QUIT\r\n")
        #expect(try Self.play(.imap, ["+ ", "A1 NO [UNAVAILABLE] no"]).failure?.kind == .temporarilyUnavailable)
        #expect(try Self.play(.pop3, ["+ ", "-ERR [SYS/TEMP] no"]).failure?.kind == .temporarilyUnavailable)
    }

    @Test func `where the server takes nothing else, the failure says what it is about`() throws {
        let refused = try Self.play(
            .smtp, offering: "SCRAM-SHA-256-PLUS", ["334 ", "334 \(Self.unsupported)", "535 5.7.8 no"])
        #expect(refused.failure?.kind == .channelBindingRefused && refused.failure?.credentialWasOffered == false)
        #expect(refused.farewell == "QUIT\r\n")
    }

    /// Somebody else's certificate: without binding the proof would go to whoever has it.
    @Test func `a binding that does not match is no reason to go without, and no word on the password`() throws {
        let outcome = try Self.play(
            .smtp,
            [
                "334 ", "334 \(Self.challenges[0])", "334 " + Talk.base64("e=channel-bindings-dont-match"),
                "535 5.7.8 no",
            ])
        #expect(outcome.failure?.kind == .channelBindingRefused && outcome.failure?.credentialWasOffered == true)
        #expect(outcome.clearWire.split(separator: "\r\n").count { $0.hasPrefix("AUTH") } == 1)
    }
}

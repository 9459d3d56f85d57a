import KeelBase
import KeelMail
import Testing

/// Servers that say no before they were shown the credential: nothing can be wrong with it.
@Suite struct UnseenCredentialTests {
    static let smtp = ["220 mx", "250-mx", "250 AUTH SCRAM-SHA-256 CRAM-MD5 LOGIN PLAIN"]
    static let pop3 = ["+OK hi", "+OK", "SASL SCRAM-SHA-256 CRAM-MD5 LOGIN PLAIN", "USER", "."]
    static let imap = [IMAPProbeTests.hello]

    private static func play(
        _ type: MailProtocol, _ method: LoginMethod, _ lines: [String]
    ) throws -> Talk.Outcome {
        let order = Talk.order(method)
        return switch type {
        case .smtp: try Talk.play(SMTPProbe(order, sender: nil), smtp + lines)
        case .imap: try Talk.play(IMAPLoginProbe(order), imap + lines)
        case .pop3: try Talk.play(POP3Probe(order), pop3 + lines)
        }
    }

    @Test(arguments: [
        (MailProtocol.smtp, LoginMethod.sasl(.scramSHA256), ["334 ", "535 5.7.8 no"]),
        (.smtp, .sasl(.scramSHA256), ["334 ", "334 " + Talk.base64("e=unknown-user"), "535 5.7.8 no"]),
        (.smtp, .sasl(.login), ["334 VXNlcm5hbWU6", "535 5.7.8 no"]),
        (.imap, .sasl(.scramSHA256), ["A1 NO [AUTHENTICATIONFAILED] no"]),
        (.imap, .sasl(.login), ["+ VXNlcm5hbWU6", "A1 NO [AUTHENTICATIONFAILED] no"]),
        (.imap, .sasl(.login), ["+ VXNlcm5hbWU6", "A1 NO no"]),
        (.pop3, .sasl(.scramSHA256), ["+ ", "-ERR [AUTH] no"]), (.pop3, .sasl(.login), ["+ VXNl", "-ERR no"]),
        (.pop3, .command, ["-ERR nobody of that name"]), (.pop3, .command, ["-ERR [AUTH] no"]),
    ])
    func `a refusal at the user name is not the password's`(
        _ type: MailProtocol, _ method: LoginMethod, _ lines: [String]
    ) throws {
        let failure = try #require(try Self.play(type, method, lines).failure)
        #expect(failure.kind == .credentialNotAsked)
        #expect(!failure.credentialWasOffered && failure.transience == .permanent)
    }

    @Test(arguments: [
        (MailProtocol.smtp, ["535 5.7.8 no"]), (.imap, ["A1 NO [AUTHENTICATIONFAILED] no"]),
        (.pop3, ["-ERR [AUTH] no"]),
    ])
    func `a refusal at the mechanism is the mechanism's`(_ type: MailProtocol, _ lines: [String]) throws {
        #expect(try Self.play(type, .sasl(.cramMD5), lines).failure?.kind == .mechanismRefused)
    }

    @Test(arguments: [
        (MailProtocol.smtp, LoginMethod.sasl(.login), ["334 VXNl", "334 UGFz", "535 5.7.8 no"]),
        (.imap, .sasl(.login), ["+ VXNl", "+ UGFz", "A1 NO no"]), (.pop3, .command, ["+OK who", "-ERR no"]),
    ])
    func `once it was shown, the refusal is its`(
        _ type: MailProtocol, _ method: LoginMethod, _ lines: [String]
    ) throws {
        let failure = try #require(try Self.play(type, method, lines).failure)
        #expect(failure.kind == .authenticationFailed && failure.credentialWasOffered)
    }

    @Test func `an offer without end is told by its beginning`() throws {
        let names = (1...500).map { "X-\($0)" }
        let outcome = try Talk.play(
            POP3Probe(Talk.order(.sasl(.plain))), ["+OK hi", "+OK"] + names.map { "SASL \($0)" }.prefix(200) + ["."])
        let detail = try #require(outcome.failure?.kind.detail)
        #expect(detail.hasPrefix("offered: X-1 X-2 ") && detail.hasSuffix(" X-16 and 184 more"))
    }
}

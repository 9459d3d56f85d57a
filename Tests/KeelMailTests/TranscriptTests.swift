import KeelBase
import KeelMail
import Testing

@Suite struct TranscriptTests {
    private static let mark: @Sendable (Secret) -> String = { "#\($0.count)" }

    @Test func `lines carry the driver's time`() {
        var probe = SMTPProbe(Talk.order(.sasl(.plain)), sender: nil)
        _ = probe.start()
        probe.clock = .milliseconds(7)
        _ = probe.receive(Array("220 mx\r\n".utf8))
        probe.clock = .seconds(61)
        _ = probe.receive(Array("250 mx\r\n".utf8))
        #expect(
            probe.transcript.timed == """
                (mail.example:993)
                +0.007 S: 220 mx
                +0.007 C: EHLO [127.0.0.1]
                +61.000 S: 250 mx
                +61.000 C: QUIT
                """)
    }

    @Test func `a credential is shown by its length and its fingerprint`() throws {
        let order = Talk.order(.sasl(.xoauth2), fingerprint: Self.mark)
        let outcome = try Talk.play(SMTPProbe(order, sender: nil), ["220 mx", "250-mx", "250 AUTH XOAUTH2", "334 "])
        #expect(
            outcome.transcript.hasSuffix(
                "C: (XOAUTH2 credential, \(Talk.bearer.utf8.count) bytes) [#\(Talk.token.count)]"))
    }

    private static func start(_ length: Int) -> (SMTPProbe, [ProbeAction]) {
        let token = Secret(copying: String(repeating: "x", count: length))
        var probe = SMTPProbe(
            ProbeOrder(
                endpoint: Trace.endpoint, security: .tls,
                login: MailLogin(
                    userName: "a@x.example", credential: .accessToken(token), choice: LoginChoice(mechanism: nil))),
            sender: nil)
        let actions = probe.start()
        return (probe, actions)
    }

    @Test func `a token is sent up to the length that servers take`() {
        #expect(Self.start(3000).0.evidence.warnings.isEmpty && Self.start(3000).1.isEmpty)
        let long = Self.start(6000)
        #expect(long.1.isEmpty && long.0.evidence.warnings.first?.hasPrefix("the token has 6000 bytes") == true)
        guard case .finished(.failure(let failure))? = Self.start(10000).1.first else {
            Issue.record("it goes on")
            return
        }
        #expect(failure == MailFailure(.tokenTooLong(bytes: 10000)))
    }
}

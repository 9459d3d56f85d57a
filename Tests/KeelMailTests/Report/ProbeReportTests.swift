import KeelBase
import KeelMail
import Testing

struct ProbeReportTests {
    private static let tls = TLSFacts(
        version: .tls13,
        chain: [
            CertificateFacts(
                subject: ForeignText("CN=mail.example"), issuer: ForeignText("CN=Test CA"),
                notBefore: Timestamp(seconds: 0), notAfter: Timestamp(seconds: 1_800_000_000), keyHash: "aGFzaA==")
        ], endPoint: [1])
    private static let certificate = "TLS 1.3, CN=mail.example, until 2027-01-15T08:00:00Z, issued by CN=Test CA"
    private static let peer = HostPort(host: "192.0.2.1", port: 993)

    private static func opening(tls: Bool, resolving: Duration? = .milliseconds(2)) -> StreamOpening {
        StreamOpening(
            peer: peer, resolving: resolving, connecting: .milliseconds(3), handshake: tls ? .milliseconds(20) : nil,
            tls: tls ? Self.tls : nil)
    }

    /// Plays lines one by one, a millisecond between two, and reports.
    private static func report(
        _ start: any LoginProbe, over opening: StreamOpening, _ clear: [String], secure: [String] = []
    ) throws -> ProbeReport {
        var probe = start
        var ending: ProbeReport.Ending?
        var startsTLS = false
        func take(_ actions: [ProbeAction]) {
            for action in actions {
                switch action {
                case .startTLS: startsTLS = true
                case .finished(.success(let proof)): ending = .proven(proof)
                case .finished(.failure(let failure)): ending = .refused(failure)
                case .send, .farewell: break
                }
            }
        }
        take(probe.start())
        for line in clear {
            probe.clock += .milliseconds(1)
            take(probe.receive(Array("\(line)\r\n".utf8)))
        }
        if startsTLS {
            probe.clock += .milliseconds(30)
            take(probe.tlsStarted(Self.tls))
        }
        for line in secure {
            probe.clock += .milliseconds(1)
            take(probe.receive(Array("\(line)\r\n".utf8)))
        }
        return ProbeReport(opening, probe.evidence, try #require(ending))
    }

    private static func lines(_ report: ProbeReport) -> [String] {
        report.stages.map { stage in
            let time = stage.elapsed.map { " \($0.components.attoseconds / 1_000_000_000_000_000) ms" } ?? ""
            return "\(stage.stage.rawValue) \(stage.outcome.rawValue)\(time) \(stage.evidence)"
        }
    }

    private static let imap = [
        "* OK [CAPABILITY IMAP4rev1 SASL-IR NAMESPACE AUTH=XOAUTH2] ready", "A1 OK [CAPABILITY NAMESPACE] welcome",
        "A2 OK done", "A3 OK looked", "* BYE", "A4 OK bye",
    ]

    @Test
    func `a proven login reports all seven stages with what was seen`() throws {
        let probe = IMAPLoginProbe(Talk.order(.sasl(.xoauth2)))
        let report = try Self.report(probe, over: Self.opening(tls: true), Self.imap)
        #expect(
            Self.lines(report) == [
                "dns ok 2 ms 192.0.2.1", "tcp ok 3 ms 192.0.2.1:993", "tls ok 20 ms \(Self.certificate)",
                "greeting ok 1 ms ready",
                "capability ok login by XOAUTH2; IMAP4rev1 SASL-IR NAMESPACE AUTH=XOAUTH2",
                "auth ok 1 ms XOAUTH2: CAPABILITY: welcome", "proof ok 3 ms EXAMINE INBOX",
            ])
        #expect(report.failed == nil && report.reached == .proof && report.elapsed == .milliseconds(30))
    }

    @Test
    func `with STARTTLS nothing that was said in clear is evidence`() throws {
        let probe = SMTPProbe(Talk.order(.sasl(.plain), .starttls), sender: nil)
        let report = try Self.report(
            probe, over: Self.opening(tls: false, resolving: nil),
            ["220 EVIL", "250-EVIL", "250-AUTH EVIL", "250 STARTTLS", "220 go"],
            secure: ["250-hello", "250 AUTH PLAIN", "334 ", "235 2.7.0 welcome", "250 ok", "221 bye"])
        #expect(
            Self.lines(report) == [
                "dns skipped an address needs no name server", "tcp ok 3 ms 192.0.2.1:993",
                "tls ok 31 ms \(Self.certificate)", "greeting ok 1 ms ",
                "capability ok 5 ms login by PLAIN; AUTH PLAIN", "auth ok 2 ms PLAIN: 235 2.7.0: welcome",
                "proof ok 2 ms NOOP",
            ])
    }

    @Test
    func `STARTTLS that is not offered fails at its stage`() throws {
        let probe = SMTPProbe(Talk.order(.sasl(.plain), .starttls), sender: nil)
        let report = try Self.report(
            probe, over: Self.opening(tls: false), ["220 EVIL", "250-EVIL", "250 AUTH PLAIN"])
        #expect(report.failed?.stage == .tls && report.reached == .tls)
        #expect(report.failed?.evidence == "starttls_not_offered (said before TLS, so perhaps not by the server)")
        #expect(report.stages.filter { $0.stage > .greeting }.allSatisfy { $0.outcome == .skipped })
        #expect(!"\(report)".contains("EVIL"))
    }

    @Test
    func `a refused login fails at its stage with the server's words`() throws {
        let probe = POP3Probe(Talk.order(.command))
        let report = try Self.report(
            probe, over: Self.opening(tls: true), ["+OK hello", "-ERR no CAPA", "+OK", "-ERR [AUTH] no"])
        #expect(report.failed?.stage == .auth && report.failed?.evidence == "authentication_failed: AUTH: no")
        #expect(report.stages.last?.outcome == .skipped)
    }

    @Test
    func `a mechanism that is not offered fails where the login would begin`() throws {
        let probe = IMAPLoginProbe(Talk.order(.sasl(.xoauth2)))
        let report = try Self.report(
            probe, over: Self.opening(tls: true), ["* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"])
        #expect(report.failed?.stage == .auth)
        #expect(report.stages[4].outcome == .ok && report.stages[4].evidence.hasPrefix("login by PLAIN"))
    }

    @Test
    func `a credential that cannot be sent fails at the login and nothing before it was tried`() throws {
        let probe = IMAPLoginProbe(Talk.order(.sasl(.plain), userName: "a\r\nb"))
        let report = try Self.report(probe, over: Self.opening(tls: true), [])
        #expect(report.failed?.stage == .auth)
        #expect(report.stages[3...4].allSatisfy { $0.outcome == .skipped })
    }

    @Test(arguments: [ProbeStage.dns, .tcp, .tls])
    func `a connection that was not opened fails where it broke`(stage: ProbeStage) {
        let opened = stage == .tls ? Self.opening(tls: false) : nil
        let report = ProbeReport(DialFailure(.timedOut, at: stage, after: opened))
        #expect(report.failed?.stage == stage && report.failed?.evidence == "timed out")
        #expect(report.stages.count == 7)
        #expect(report.stages.filter { $0.stage > stage }.allSatisfy { $0.outcome == .skipped })
    }

    @Test
    func `the report is JSON`() {
        let report = ProbeReport(DialFailure(.refused, at: .dns))
        let first = report.json["stages"]?.array?.first
        #expect(
            first
                == .object([.init("stage", "dns"), .init("outcome", "failed"), .init("evidence", "connection refused")])
        )
    }
}

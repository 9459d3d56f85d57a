import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelMail
import Testing

struct TestOutputTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let endpoint = HostPort(host: "imap.example.com", port: 993)
    private static let plain = TextStyle(color: false)

    private static let proof = LoginProof(
        mechanism: .sasl(.xoauth2), capabilities: [], greeting: ForeignText("ready"), command: "EXAMINE INBOX",
        alerts: [ForeignText("maintenance tonight")])

    /// The report of a server where nobody listens.
    private static let unreached = ProbeReport(DialFailure(.refused, at: .tcp))

    private static func result(
        _ name: String, _ outcome: Result<LoginProof, StepFailure>, attempts: Int = 1, changes: [ObservedChange] = [],
        ending: CertificateFacts? = nil
    ) -> AccountTester.Result {
        AccountTester.Result(
            address: ResourceAddress(.emailAccount, name), endpoint: endpoint, outcome: outcome,
            elapsed: .milliseconds(1234),
            trial: LoginTrial(
                endpoint: endpoint, outcome: outcome, report: unreached, attempts: attempts, elapsed: .seconds(1),
                facts: ObservedFacts(), transcripts: []),
            token: nil, changes: changes, endingCertificate: ending)
    }

    private static var failure: StepFailure {
        var failure = StepFailure(
            Diagnostic(
                .error, "mail.authentication_failed",
                "imap.example.com:993 did not let the account in: the token <is> not taken", help: "check it",
                address: ResourceAddress(.emailAccount, "b"),
                answer: ServerAnswer(code: "AUTHENTICATIONFAILED", words: ForeignText("no")),
                responsible: .tenantAdministrator), weight: .unproven)
        failure.stage = .auth
        return failure
    }

    @Test func `a line says what proved the account, or at which stage it failed`() {
        #expect(
            TestRow(Self.result("a", .success(Self.proof))).line(Self.plain)
                == "ok EmailAccount/a: XOAUTH2 at imap.example.com:993, then EXAMINE INBOX (1.2 s)")
        #expect(
            TestRow(Self.result("b", .failure(Self.failure), attempts: 3)).line(Self.plain)
                == "FAILED EmailAccount/b: imap.example.com:993 failed at auth, mail.authentication_failed (1.2 s, 3 attempts)"
        )
    }

    @Test func `what a person should know stands below`() {
        let certificate = CertificateFacts(
            subject: ForeignText("CN=imap.example.com"), issuer: ForeignText("CN=Root"), notBefore: Self.now,
            notAfter: Self.now.adding(seconds: 86_400), keyHash: "a2V5")
        let old = ObservedFacts(offer: .init(capabilities: [], mechanisms: ["PLAIN"]))
        let changes = ObservedFacts(offer: .init(capabilities: [], mechanisms: [])).changes(from: old)
        let result = Self.result("a", .success(Self.proof), changes: changes, ending: certificate)
        #expect(
            TestRow(result).remarks(Self.plain, at: Self.now) == [
                "warning: the certificate CN=imap.example.com ends at 2027-01-16T08:00:00Z",
                "since last time: AUTH=PLAIN is gone", "the server says: maintenance tonight",
            ])
    }

    @Test func `the table has account, server, stage, time and meaning in columns`() {
        let table = TestTable([
            Self.result("a", .success(Self.proof)), Self.result("long-name", .failure(Self.failure)),
        ]).render(Self.plain, verbose: false, at: Self.now)
        let lines = table.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0] == "  Account    Server                Stage  Time   What it means")
        #expect(lines[1] == "+ a          imap.example.com:993  tcp    1.2 s  XOAUTH2, then EXAMINE INBOX")
        #expect(lines[2] == "      the server says: maintenance tonight")
        #expect(
            lines[3]
                == "x long-name  imap.example.com:993  tcp    1.2 s  the token <is> not taken; its move: the administrator of the tenant or mail server"
        )
    }

    @Test func `with verbose all seven stages stand below`() {
        let table = TestTable([Self.result("a", .failure(Self.failure))])
            .render(Self.plain, verbose: true, at: Self.now)
        let stages = table.split(separator: "\n").dropFirst(2).map { $0.drop { $0 == " " } }
        #expect(
            stages.map { $0.prefix { $0 != " " } } == ["dns", "tcp", "tls", "greeting", "capability", "auth", "proof"])
        #expect(stages.contains { $0.hasPrefix("tcp        FAILED ") })
    }

    @Test func `an object has a format, the stages and whose move it is`() {
        let json = TestObjects.object(Self.result("b", .failure(Self.failure), attempts: 2))
        #expect(json["type"] == "test")
        #expect(json["format"] == 1)
        #expect(json["connected"] == false)
        #expect(json["code"] == "mail.authentication_failed")
        #expect(json["responsible"] == "tenant_administrator")
        #expect(json["answer"] == "AUTHENTICATIONFAILED: no")
        #expect(json["attempts"] == 2)
        #expect(json["stages"]?.array?.count == 7)
        #expect(json["changes"] == [])
        let passed = TestObjects.object(Self.result("a", .success(Self.proof)))
        #expect(passed["connected"] == true)
        #expect(passed["mechanism"] == "XOAUTH2")
    }

    @Test func `the JUnit report has a case for each account, and what was not tested is skipped`() {
        var suites = TestSuites()
        suites.add(
            accounts: [Self.result("a", .success(Self.proof)), Self.result("b", .failure(Self.failure))],
            untested: [ResourceAddress(.emailAccount, "c")], notReached: [ResourceAddress(.emailAccount, "d")])
        let text = suites.text
        #expect(text.contains(#"<testsuites name="mailkeel test" tests="4" failures="1" skipped="2" time="2.468">"#))
        #expect(text.contains(#"<testcase classname="accounts" name="EmailAccount/a" time="1.234">"#))
        #expect(text.contains(#"<failure type="mail.authentication_failed" message="imap.example.com:993 did not"#))
        #expect(text.contains("the token &lt;is&gt; not taken"))
        #expect(text.contains(#"<skipped message="not in service"/>"#))
        #expect(text.contains(#"<skipped message="the run was asked to stop"/>"#))
    }

    @Test func `the block names what runs by its stage, the longest first`() {
        var model = TestProgressModel(total: 3)
        model.began(.dns, of: ResourceAddress(.emailAccount, "a"), at: .zero)
        model.began(.dns, of: ResourceAddress(.emailAccount, "b"), at: .seconds(1))
        model.began(.auth, of: ResourceAddress(.emailAccount, "a"), at: .seconds(2))
        model.ended(ResourceAddress(.emailAccount, "c"), passed: false)
        let rows = model.block(at: .seconds(3), height: 10, style: Self.plain).map { $0.cut(to: 80).text }
        #expect(
            rows == [
                "1 of 3 tested, 1 failed", "  3.0 s  EmailAccount/a: logging in", "  2.0 s  EmailAccount/b: connecting",
            ])
        let few = model.block(at: .seconds(3), height: 2, style: Self.plain).map { $0.cut(to: 80).text }
        #expect(few == ["1 of 3 tested, 1 failed", "  and 2 more"])
    }
}

struct DeliveryOutputTests {
    private static let endpoint = HostPort(host: "smtp.example.com", port: 587)
    private static let plain = TextStyle(color: false)

    private static func row(_ change: (inout Delivery) -> Void) -> AccountTester.Result {
        var delivery = Delivery(
            recipient: "desk@example.com", messageID: "<1@example.com>", sender: "no-reply@example.com",
            answer: ServerAnswer(code: "250 2.0.0", words: ForeignText("queued")))
        change(&delivery)
        let proof = LoginProof(
            mechanism: .sasl(.xoauth2), capabilities: [], greeting: ForeignText(""), command: "DATA")
        return AccountTester.Result(
            address: ResourceAddress(.emailAccount, "out"), endpoint: endpoint, outcome: .success(proof),
            elapsed: .zero, trial: nil, token: nil, changes: [], endingCertificate: nil, delivery: delivery)
    }

    private static func remarks(_ change: (inout Delivery) -> Void) -> [String] {
        TestRow(row(change)).remarks(plain, at: Timestamp(seconds: 0))
    }

    @Test func `a message that arrived is shown with From as it arrived`() {
        let lines = Self.remarks {
            $0.receiver = ResourceAddress(.emailAccount, "in")
            $0.arrival = .found(from: ForeignText("Desk <no-reply@example.com>"))
            $0.waited = .seconds(5)
        }
        #expect(
            lines == [
                "sent to desk@example.com: 250 2.0.0: queued",
                "arrived in EmailAccount/in within 5.0 s, From: Desk <no-reply@example.com>",
            ])
    }

    @Test func `another From than the declared one is a warning`() {
        let lines = Self.remarks {
            $0.receiver = ResourceAddress(.emailAccount, "in")
            $0.arrival = .found(from: ForeignText("someone@example.com"))
        }
        #expect(lines.last == "warning: it was sent from no-reply@example.com, and another From arrived")
    }

    @Test func `where nobody can look, that is said`() {
        #expect(Self.remarks { _ in }.last?.hasPrefix("no committed account opens that mailbox") == true)
        let json = TestObjects.object(Self.row { _ in })
        #expect(json["delivery"]?["recipient"] == "desk@example.com")
        #expect(json["delivery"]?["arrived"] == nil)
    }
}

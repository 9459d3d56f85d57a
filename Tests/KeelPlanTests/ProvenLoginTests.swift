import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// By what login each account is proven.
struct ProvenLoginTests {
    /// An account of one's own server, without a profile.
    private static func account(_ lines: String..., name: String = "one") -> String {
        "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: \(name) }\nspec:\n"
            + (lines + ["server: mail.example.com"]).map { "  \($0)\n" }.joined() + "---\n"
    }

    private static let password = "password: { fromEnv: P }"
    private static let pin = "jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8="

    /// Accounts of every kind, and what the plan says of their logins.
    private static let logins: [(text: String, words: String)] = [
        (
            account("type: imap", "userName: one@example.com", password),
            "test imap mail.example.com:993 tls by password as one@example.com"
        ),
        (
            account("type: imap", "userName: one", password, "mechanism: SCRAM-SHA-256"),
            "test imap mail.example.com:993 tls SCRAM-SHA-256 as one"
        ),
        (
            account("type: pop3", "userName: one", password, "connectionSecurity: starttls"),
            "test pop3 mail.example.com:110 starttls by password as one"
        ),
        (
            account("type: smtp", "userName: one@example.com", password),
            "test smtp mail.example.com:465 tls by password, sender one@example.com"
        ),
        (
            account("type: smtp", "userName: one", password, "from: desk@example.com", "connectionSecurity: starttls"),
            "test smtp mail.example.com:587 starttls by password, sender desk@example.com"
        ),
        (
            account("type: smtp", "userName: relay", password),
            "test smtp mail.example.com:465 tls by password as relay"
        ),
        (
            account(
                "type: smtp", "userName: printer", "authentication: none", "from: printer@example.com", "port: 25",
                "connectionSecurity: none"),
            "test smtp mail.example.com:25 in CLEAR TEXT without login, sender printer@example.com"
        ),
        (
            account("type: imap", "userName: one", password, "tls: { pin: \(pin), caFile: ca.pem }", "debug: true"),
            "test imap mail.example.com:993 tls by password as one"
        ),
        (
            Manifest.idp + account("type: pop3", "userName: one@example.com", "oauthProfile: idp"),
            "test pop3 mail.example.com:995 tls by token as one@example.com"
        ),
        (
            Manifest.idp
                + account("type: imap", "userName: one@example.com", "oauthProfile: idp", "mechanism: OAUTHBEARER"),
            "test imap mail.example.com:993 tls OAUTHBEARER as one@example.com"
        ),
        (
            Manifest.m365
                + """
                apiVersion: mailkeel/v1
                kind: EmailAccount
                metadata: { name: one }
                spec: { type: smtp, userName: support@contoso.com, from: no-reply@contoso.com, oauthProfile: m365 }

                """,
            "test smtp smtp.office365.com:587 starttls XOAUTH2, sender no-reply@contoso.com"
        ),
    ]

    private static func work(_ plan: Plan) -> TestWork? {
        if case .test(let work)? = plan.step("EmailAccount/one#test")?.work { work } else { nil }
    }

    @Test(arguments: logins)
    func `every account is planned, and converges`(text: String, words: String) throws {
        var world = World()
        let plan = world.plan(text)
        #expect(plan.step("EmailAccount/one#test")?.work.words == words)
        #expect(plan.planned("EmailAccount/one")?.proof == .login)
        plan.expectOrdered()
        let work = try #require(Self.work(plan))
        world.apply(plan)
        #expect(world.plan(text).isEmpty)
        // What is tested later is what was proven.
        let record = try #require(world.committed("EmailAccount/one"))
        #expect(TestWork(record) == work)
    }

    @Test func `a password needs no authorization`() throws {
        let text = Self.account("type: imap", "userName: one", Self.password)
        let plan = World().plan(text)
        #expect(plan.stepNames == ["EmailAccount/one#test", "EmailAccount/one#record"])
        let work = try #require(Self.work(plan))
        #expect(work.login == .password(SecretSource(.environment("P"))) && work.authorization == nil)
        #expect(work.mechanism == nil && work.sender == nil && work.preset == nil)
        #expect(plan.planned("EmailAccount/one")?.authorization == nil)
    }

    @Test func `what a preset knows goes with the login`() throws {
        let text = """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata: { name: one }
            spec: { type: imap, provider: google, userName: one@gmail.com, password: { fromEnv: P } }

            """
        let work = try #require(Self.work(World().plan(text)))
        #expect(work.preset == "google" && work.maxConnections == 15 && work.mechanism == nil)
        #expect(work.endpoint == HostPort(host: "imap.gmail.com", port: 993))
    }

    @Test func `a pin goes with the login, and another one is proven`() throws {
        let text = Self.account("type: imap", "userName: one", Self.password, "tls: { pin: \(Self.pin) }")
        var world = World()
        #expect(Self.work(world.plan(text))?.trust.pin == Self.pin)
        world.apply(text)
        let other = "q" + Self.pin.dropFirst()
        let plan = world.plan(text.replacing(Self.pin, with: other))
        #expect(plan.testedNames == ["one"] && plan.change("EmailAccount/one")?.fields.map(\.remark) == ["connection"])
    }

    /// What changes of an account without a profile, and whether a login proves it.
    @Test(arguments: [
        ("fromEnv: P", "fromEnv: Q", true, "credential"),
        ("fromEnv: P", "fromEnv: P, version: \"2\"", true, "credential"),
        ("from: desk@example.com", "from: help@example.com", true, "sender"),
        ("userName: one", "userName: two", true, "identity"),
        ("type: smtp", "type: smtp\n  mechanism: CRAM-MD5", true, "connection"),
        ("type: smtp", "type: smtp\n  connectionSecurity: starttls", true, "connection"),
        ("type: smtp", "type: smtp\n  debug: true", false, "record"),
        ("type: smtp", "type: smtp\n  userLabel: Desk", false, "record"),
    ])
    func `the effect of a change decides`(from: String, to: String, isTested: Bool, remark: String) {
        let text = Self.account("type: smtp", "userName: one", Self.password, "from: desk@example.com")
        var world = World()
        world.apply(text)
        let edited = text.replacing(from, with: to)
        let plan = world.plan(edited)
        #expect(plan.testedNames == (isTested ? ["one"] : []))
        #expect(plan.change("EmailAccount/one")?.fields.last?.remark?.hasPrefix(remark) == true)
        #expect(plan.obtainedNames.isEmpty)
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    @Test func `from a password to a token and back`() {
        let before = Self.account("type: imap", "userName: one@example.com", Self.password)
        let after = Manifest.idp + Self.account("type: imap", "userName: one@example.com", "oauthProfile: idp")
        var world = World()
        world.apply(before)
        let there = world.plan(after)
        #expect(there.testedNames == ["one"] && there.obtainedNames == ["idp:(app)"])
        world.apply(there)
        #expect(world.plan(after).isEmpty)
        let back = world.plan(before)
        #expect(back.testedNames == ["one"] && back.planned("EmailAccount/one")?.authorization == nil)
        world.apply(back)
        #expect(world.plan(before).isEmpty && world.committed("EmailAccount/one")?.grant == nil)
    }

    // MARK: Deferred

    @Test func `a deferred proof is committed unproven, said, and counts as never proven as soon as one is required`() {
        let text = Self.account("type: imap", "userName: one", Self.password, "proof: deferred")
        var world = World()
        let first = world.plan(text)
        #expect(first.stepNames == ["EmailAccount/one#record"])
        #expect(first.reasons("EmailAccount/one") == ["it will be committed UNPROVEN, because its proof is deferred"])
        world.apply(first)
        #expect(world.committed("EmailAccount/one")?.proof == nil)
        let again = world.plan(text)
        #expect(again.isEmpty && again.notes.map(\.code) == ["plan.unproven"])
        let required = world.plan(text.replacing("deferred", with: "required"))
        #expect(required.testedNames == ["one"] && required.codes("EmailAccount/one") == [.neverProven])
    }

    // MARK: Somebody else's secret

    @Test(arguments: [
        (account("type: imap", "userName: two", password, name: "two"), nil),
        (
            account("type: imap", "userName: two", password, name: "two").replacing("mail.ex", with: "evil.ex"),
            "fromEnv P is the secret of EmailAccount/one, and was never sent to evil.example.com"
        ),
        (
            account("type: imap", "userName: two", "password: { fromEnv: SECRET }", name: "two"),
            "fromEnv SECRET is the secret of OAuthProfile/idp, and was never sent to mail.example.com"
        ),
        (
            Manifest.idp.replacing("name: idp", with: "name: two").replacing("SECRET, version: \"1\"", with: "P"),
            "fromEnv P is the secret of EmailAccount/one, and was never sent to https://login.example.com"
        ),
    ])
    func `a known secret that would meet another host is said`(text: String, words: String?) {
        var world = World()
        let before =
            Manifest.idp + Self.account("type: smtp", "userName: one", Self.password)
            + Manifest.account("three")
        world.apply(before)
        let plan = world.plan(before + text)
        let reasons = plan.changes.flatMap(\.reasons).filter { $0.code == .newHost }.map(\.text)
        #expect(reasons == (words.map { ["credentials will be sent to a NEW host: \($0)"] } ?? []))
    }

    @Test func `so it is when an old account takes another one's`() {
        var world = World()
        let one = Self.account("type: imap", "userName: one", Self.password)
        let two = Self.account("type: imap", "userName: two", "password: { fromEnv: Q }", name: "two")
            .replacing("mail.ex", with: "evil.ex")
        world.apply(one + two)
        let plan = world.plan(one + two.replacing("fromEnv: Q", with: "fromEnv: P"))
        #expect(plan.codes("EmailAccount/two")?.contains(.newHost) == true)
    }
}

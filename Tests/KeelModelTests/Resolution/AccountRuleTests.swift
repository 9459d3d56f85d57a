import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct AccountRuleTests {
    @Test(arguments: [
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "from: 1️⃣x@example.com"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.account("type: pop3", "server: h", "userName: u", "password: { fromEnv: P }", "userLabel: 1️⃣Desk"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.own
                + Manifest.account(
                    "type: imap", "server: h", "userName: u", "oauthProfile: own", "password: 1️⃣{ fromEnv: P }"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.own
                + Manifest.account(
                    "type: imap", "server: h", "userName: u", "authentication: password", "password: { fromEnv: P }",
                    "oauthProfile: 1️⃣own"), "manifest.field-not-applicable"),
        Fixture(
            Manifest.account(
                "type: smtp", "server: h", "userName: u", "authentication: none", "password: 1️⃣{ fromEnv: P }"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.own
                + Manifest.account(
                    "type: smtp", "server: h", "userName: u", "authentication: none", "oauthProfile: 1️⃣own"),
            "manifest.field-not-applicable"),
    ])
    func `a field without a meaning here is refused`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        Fixture(Manifest.account("type: imap", "server: h", "userName: u", name: "1️⃣a"), "manifest.missing-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "authentication: 1️⃣oauth2"),
            "manifest.missing-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "authentication: 1️⃣password"),
            "manifest.missing-field"),
        Fixture(
            Manifest.account("type: imap", "userName: u", "password: { fromEnv: P }", name: "1️⃣a"),
            "manifest.missing-field"),
        Fixture(
            Manifest.own + Manifest.account("type: imap", "userName: u", "oauthProfile: own", name: "1️⃣a"),
            "manifest.missing-field"),
    ])
    func `what an account cannot do without is missed`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        ("imap", "starttls", "1️⃣993"), ("pop3", "starttls", "1️⃣995"), ("smtp", "starttls", "1️⃣465"),
        ("imap", "tls", "1️⃣143"),
        ("pop3", "tls", "1️⃣110"), ("smtp", "tls", "1️⃣587"),
    ])
    func `a port that speaks otherwise is refused`(type: String, security: String, port: String) {
        Fixture(
            Manifest.account(
                "type: \(type)", "server: h", "userName: u", "password: { fromEnv: P }",
                "connectionSecurity: \(security)",
                "port: \(port)"), "lint.port-security"
        ).check()
    }

    @Test(arguments: [
        ("imap", "tls", 993), ("imap", "starttls", 143), ("pop3", "tls", 995), ("pop3", "starttls", 110),
        ("smtp", "tls", 465), ("smtp", "starttls", 587), ("smtp", "starttls", 25), ("imap", "tls", 10993),
    ])
    func `a port that fits is accepted`(type: String, security: String, port: Int) {
        let loaded = Loaded(
            Manifest.account(
                "type: \(type)", "server: h", "userName: u", "password: { fromEnv: P }",
                "connectionSecurity: \(security)",
                "port: \(port)"))
        #expect(loaded.findings.isEmpty && loaded.account("a")?.endpoint.port == port)
    }

    @Test func `clear text needs a policy`() {
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "connectionSecurity: 1️⃣none"),
            "lint.clear-text"
        ).check()
    }

    /// The refused value was reported; what would follow from its absence is not.
    @Test(arguments: [
        Fixture(
            Manifest.account("type: imap", "server: 1️⃣\"a b\"", "userName: u", "password: { fromEnv: P }"),
            "manifest.bad-value"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "password: 1️⃣hunter2"), "manifest.plain-secret"),
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "authentication: password", "password: 1️⃣hunter2"),
            "manifest.plain-secret"),
        Fixture(Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: 1️⃣no"), "manifest.bad-value"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "authentication: oauth2", "oauthProfile: 1️⃣no"),
            "manifest.bad-value"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "authentication: 1️⃣oauth"), "manifest.bad-value"),
        Fixture(
            Manifest.account("type: 1️⃣imapp", "server: h", "userName: u", "password: { fromEnv: P }", "from: x"),
            "manifest.bad-value"),
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "connectionSecurity: 1️⃣startls",
                "port: 143"),
            "manifest.bad-value"),
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "1️⃣connectionSecurty: starttls",
                "port: 143"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "connectionSecurity: starttls",
                "port: 1️⃣0993"),
            "manifest.bad-value"),
    ])
    func `nothing follows from a refused value`(fixture: Fixture) { fixture.check() }

    @Test func `mistakes that do not follow from each other are all reported`() {
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: 1️⃣no", "oauthProfile: 2️⃣nowhere", "from: 3️⃣x"),
            "manifest.bad-value", "manifest.unknown-reference", "manifest.field-not-applicable"
        ).check()
    }

    @Test func `a resource with a mistake is not judged by the rules of lint`() {
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: 1️⃣no", "password: { fromEnv: P }",
                "connectionSecurity: starttls", "port: 993"),
            "manifest.bad-value"
        ).check()
    }
}

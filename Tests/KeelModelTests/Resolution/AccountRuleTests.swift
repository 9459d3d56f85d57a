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
        Fixture(
            Manifest.own
                + Manifest.account(
                    "type: imap", "server: h", "userName: u", "oauthProfile: own", "authorizedAs: x",
                    "password: 1️⃣{ fromEnv: P }"), "manifest.field-not-applicable"),
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "authorizedAs: 1️⃣x"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "authentication: 1️⃣none"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.account("type: pop3", "server: h", "userName: u", "authentication: 1️⃣none", "port: 995"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.account("type: smtp", "server: h", "userName: u", "authentication: none", "mechanism: 1️⃣PLAIN"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.account(
                "type: smtp", "server: h", "userName: u", "authentication: none", "connectionSecurity: none",
                "tls: { caFile: 1️⃣ca.pem, pin: 2️⃣jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8= }"),
            "manifest.field-not-applicable",
            "manifest.field-not-applicable"),
    ])
    func `a field without a meaning here is refused`(fixture: Fixture) { fixture.check() }

    private static let byPassword = Manifest.profile("issuer: https://i/", "grant: password", "client: { id: x }")

    /// By this grant the user's password is the account's.
    @Test func `the password grant takes the password of the account`() throws {
        let secret = SecretSource(.environment("P"))
        let loaded = Loaded(
            Self.byPassword
                + Manifest.account(
                    "type: imap", "server: h", "userName: u", "oauthProfile: p", "password: { fromEnv: P }", name: "a")
                + Manifest.account(
                    "type: smtp", "server: h", "userName: u", "oauthProfile: p", "password: { fromEnv: P }", name: "b"))
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("a")?.authentication == .oauth2 && loaded.account("a")?.password == secret)
        #expect(loaded.set.authorizations.map(\.password) == [secret])
    }

    @Test(arguments: [
        Fixture(
            byPassword + Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: 1️⃣p"),
            "manifest.missing-field"),
        Fixture(
            byPassword
                + Manifest.account(
                    "type: imap", "server: h", "userName: u", "oauthProfile: p", "password: { fromEnv: P }", name: "a")
                + Manifest.account(
                    "type: smtp", "server: h", "userName: u", "oauthProfile: p", "password: 1️⃣{ fromEnv: Q }",
                    name: "b"),
            "manifest.bad-value"),
    ])
    func `the password grant needs one password for one user`(fixture: Fixture) { fixture.check() }

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
}

import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct LintedAccountTests {
    private static let m365 = Manifest.microsoft()
    private static let yandex = Manifest.profile(
        "provider: yandex", "grant: authorization_code", "client: { id: x }")

    @Test(arguments: [
        RuleCase(
            .passwordNotOffered, Manifest.login("server: outlook.office365.com", "password: 1️⃣{ fromEnv: P }"),
            twin: Manifest.login()),
        RuleCase(
            .passwordNotOffered, .warning,
            Manifest.login(
                "type: smtp", "server: smtp.office365.com", "port: 587", "connectionSecurity: starttls",
                "password: 1️⃣{ fromEnv: P }"),
            twin: Manifest.login("type: smtp", "server: smtp.gmail.com", "userName: u@example.com")),
        RuleCase(
            .mechanismNotOffered, m365 + Manifest.user("mechanism: 1️⃣OAUTHBEARER"),
            twin: m365 + Manifest.user("mechanism: XOAUTH2")),
        RuleCase(
            .mechanismContradicts, m365 + Manifest.user("mechanism: 1️⃣PLAIN"),
            twin: Manifest.google() + Manifest.user("mechanism: OAUTHBEARER")),
        RuleCase(
            .mechanismContradicts, Manifest.login("mechanism: 1️⃣XOAUTH2"), twin: Manifest.login("mechanism: CRAM-MD5")),
        RuleCase(.userNameNotAddress, m365 + Manifest.user("userName: 1️⃣support"), twin: m365 + Manifest.user()),
        RuleCase(
            .userNameNotAddress, Manifest.google() + Manifest.user("userName: 1️⃣support"),
            twin: Manifest.login("userName: support")),
        RuleCase(
            .sharedMailboxName, m365 + Manifest.user("userName: 1️⃣lead@contoso.com\\support"),
            twin: m365 + Manifest.user("authorizedAs: lead@contoso.com")),
        RuleCase(
            .authorizedAsWithoutEffect,
            Manifest.m365 + Manifest.user("oauthProfile: m365", "authorizedAs: 1️⃣lead@contoso.com"),
            twin: m365 + Manifest.user("authorizedAs: lead@contoso.com")),
        RuleCase(
            .senderPermission, Manifest.login("type: smtp", "from: 1️⃣no-reply@example.com"),
            twin: Manifest.login("type: smtp", "from: U@Example.com")),
        RuleCase(
            .oauthNotOffered, yandex + Manifest.user("type: 1️⃣pop3"), twin: yandex + Manifest.user()),
        RuleCase(.debug, Manifest.login("debug: 1️⃣true"), twin: Manifest.login("debug: false")),
    ])
    func `what a provider refuses of an account, or nobody meant, is found`(rule: RuleCase) { rule.check() }

    @Test func `a login name that is no address says nothing about the sender`() {
        let text = Manifest.login("type: smtp", "userName: relay", "from: no-reply@example.com")
        #expect(Loaded(files: [("f.yaml", text)], linter: .usual).findings.isEmpty)
    }

    @Test func `a resource with a mistake is not judged`() {
        let text = Manifest.login("userName: no", "connectionSecurity: starttls", "port: 993")
        #expect(Loaded(files: [("f.yaml", text)], linter: .usual).findings == ["manifest.bad-value 5:13"])
    }
}

struct LintedServerTests {
    private static let governmental = Manifest.microsoft(
        "cloud: gcc-high", scopes: "offline_access, https://outlook.office365.us/IMAP.AccessAsUser.All")

    @Test(arguments: [
        ("imap", "starttls", "1️⃣993"), ("pop3", "starttls", "1️⃣995"), ("smtp", "starttls", "1️⃣465"),
        ("imap", "tls", "1️⃣143"), ("pop3", "tls", "1️⃣110"), ("smtp", "tls", "1️⃣587"),
    ])
    func `a port that speaks otherwise is refused`(type: String, security: String, port: String) {
        RuleCase(
            .portSecurity, Manifest.login("type: \(type)", "connectionSecurity: \(security)", "port: \(port)"),
            twin: Manifest.login("type: \(type)", "connectionSecurity: \(security)")
        ).check()
    }

    @Test(arguments: [
        ("imap", "tls", 993), ("imap", "starttls", 143), ("pop3", "tls", 995), ("pop3", "starttls", 110),
        ("smtp", "tls", 465), ("smtp", "starttls", 587), ("imap", "tls", 10993), ("smtp", "tls", 2525),
    ])
    func `a port that fits is accepted`(type: String, security: String, port: Int) {
        let text = Manifest.login("type: \(type)", "connectionSecurity: \(security)", "port: \(port)")
        let loaded = Loaded(files: [("f.yaml", text)], linter: .usual)
        #expect(loaded.findings.isEmpty && loaded.account("a")?.endpoint.port == port)
    }

    @Test(arguments: [
        ("smtp", "tls", "1️⃣993"), ("smtp", "starttls", "1️⃣143"), ("imap", "tls", "1️⃣995"), ("imap", "starttls", "1️⃣587"),
        ("imap", "starttls", "1️⃣25"), ("pop3", "tls", "1️⃣993"), ("pop3", "tls", "1️⃣465"),
    ])
    func `the port of another protocol is refused`(type: String, security: String, port: String) {
        RuleCase(
            .portOfOtherProtocol, Manifest.login("type: \(type)", "connectionSecurity: \(security)", "port: \(port)"),
            twin: Manifest.login("type: \(type)", "connectionSecurity: \(security)", "port: 9999")
        ).check()
    }

    @Test(arguments: [
        RuleCase(
            .relayPort, Manifest.login("type: smtp", "connectionSecurity: starttls", "port: 1️⃣25"),
            twin: Manifest.login("type: smtp", "connectionSecurity: starttls", "port: 587")),
        RuleCase(
            .portNotAnswered,
            Manifest.microsoft(scopes: nil)
                + Manifest.user("type: smtp", "server: smtp.office365.com", "port: 1️⃣465", "connectionSecurity: tls"),
            twin: Manifest.google() + Manifest.user("type: smtp", "port: 465")),
        RuleCase(
            .serverOfOtherProvider, Manifest.google() + Manifest.user("server: 1️⃣outlook.office365.com"),
            twin: Manifest.google() + Manifest.user("server: mail.example.com")),
        RuleCase(
            .serverOfOtherProvider,
            governmental + Manifest.user("server: 1️⃣outlook.office365.com"),
            twin: governmental + Manifest.user("server: outlook.office365.us")),
        RuleCase(
            .serverOfOtherProvider,
            Manifest.profile(
                "provider: mailru", "grant: authorization_code", "client: { id: x }",
                "endpoints: { token: https://oauth.mail.ru/token }", "scopes: [mail.imap]")
                + Manifest.user("server: 1️⃣imap.yandex.com"),
            twin: Manifest.google() + Manifest.user()),
        RuleCase(.clearText, Manifest.login("connectionSecurity: 1️⃣none"), twin: Manifest.login()),
    ])
    func `a server that does not answer so, or should not be asked, is found`(rule: RuleCase) { rule.check() }

    private static let tolerant = Linter(
        policy: ProjectPolicy(allowsClearText: true), keepers: [:], now: Linter.now)

    @Test(arguments: [
        (["mechanism: PLAIN"], ["lint.clear-text", "lint.credential-in-clear"]),
        (["mechanism: LOGIN"], ["lint.clear-text", "lint.credential-in-clear"]),
        (["mechanism: CRAM-MD5"], ["lint.clear-text"]), (["mechanism: SCRAM-SHA-256"], ["lint.clear-text"]),
        ([], ["lint.clear-text"]),
    ])
    func `whatever a policy allows, no password goes in clear text`(lines: [String], codes: [String]) {
        let account = [
            "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "connectionSecurity: none",
        ]
        let text = Manifest.document("EmailAccount", "a", account + lines)
        let loaded = Loaded(files: [("f.yaml", text)], linter: Self.tolerant)
        #expect(loaded.diagnostics.map(\.code).sorted() == codes)
    }

    @Test func `nor does a token`() {
        let text = Manifest.google() + Manifest.user("connectionSecurity: none", "server: mail.example.com")
        let loaded = Loaded(files: [("f.yaml", text)], linter: Self.tolerant)
        #expect(loaded.diagnostics.map(\.code).sorted() == ["lint.clear-text", "lint.credential-in-clear"])
    }

    @Test(arguments: [("imap", 993), ("pop3", 995), ("smtp", 465)])
    func `a port of TLS does not answer in clear text`(type: String, port: Int) {
        let text = Manifest.login("type: \(type)", "connectionSecurity: none", "port: \(port)")
        let loaded = Loaded(files: [("f.yaml", text)], linter: Self.tolerant)
        #expect(loaded.diagnostics.map(\.code).sorted() == ["lint.clear-text", "lint.port-security"])
    }

    @Test func `a server that takes mail without a login may have the relays' port`() {
        let text = Manifest.account(
            "type: smtp", "server: h", "userName: printer", "authentication: none", "port: 25",
            "connectionSecurity: starttls")
        #expect(Loaded(files: [("f.yaml", text)], linter: .usual).findings.isEmpty)
    }

    @Test func `clear text is a warning where the policy allows it`() {
        RuleCase(.clearText, .warning, Manifest.login("connectionSecurity: 1️⃣none"), twin: Manifest.login())
            .check(Linter(policy: ProjectPolicy(allowsClearText: true), keepers: [:], now: Linter.now))
    }
}

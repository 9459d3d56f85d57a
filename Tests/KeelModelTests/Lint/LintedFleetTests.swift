import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct LintedFleetTests {
    private static let strict = Linter(
        policy: ProjectPolicy(), keepers: ["local": KeeperRules(oneActiveSender: true, exclusiveMailbox: true)],
        now: Linter.now)
    private static let sender = Manifest.login("type: smtp", name: "first")
    private static let reader = Manifest.login(name: "first")

    @Test func `a profile that no account uses is mentioned`() {
        RuleCase(
            .unusedProfile, Manifest.own.replacing("name: own", with: "name: 1️⃣own") + Manifest.login(),
            twin: Manifest.own
                + Manifest.login("oauthProfile: own", "server: mail.example.com")
                .replacing("  password: { fromEnv: P }\n", with: "")
        ).check()
    }

    @Test(arguments: [
        Manifest.own,
        // The refused account may have been meant to use it.
        Manifest.own + Manifest.login("userName: no") + Manifest.login(name: "b"),
    ])
    func `a project that is not whole may use a profile yet`(text: String) {
        #expect(!Loaded(files: [("f.yaml", text)], linter: .usual).findings.contains { $0.hasPrefix("lint") })
    }

    @Test(arguments: [
        RuleCase(
            .twoSenders, sender + Manifest.login("type: smtp", "active: 1️⃣true", name: "second"),
            twin: sender + Manifest.login("type: smtp", "active: false", name: "second")),
        RuleCase(
            .twoReaders, reader + Manifest.login("type: pop3", "userName: 1️⃣U@example.com", name: "second"),
            twin: reader + Manifest.login("userName: v@example.com", name: "second")),
    ])
    func `what a keeper forbids is found`(rule: RuleCase) { rule.check(Self.strict) }

    @Test func `the local keeper forbids nothing`() {
        let text = Self.sender + Manifest.login("type: smtp", name: "second")
        #expect(Loaded(files: [("f.yaml", text)], linter: .usual).findings.isEmpty)
    }

    @Test func `a finding of two accounts points to both`() throws {
        let text = Self.reader + Manifest.login(name: "second")
        let found = try #require(Loaded(files: [("f.yaml", text)], linter: Self.strict).diagnostics.first)
        #expect(found.address == ResourceAddress(.emailAccount, "second"))
        #expect(found.notes.first?.message == "EmailAccount/first reads it too")
        #expect(found.notes.first?.range?.start.line == 3)
    }
}

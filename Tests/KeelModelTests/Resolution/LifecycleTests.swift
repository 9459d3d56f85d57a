import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct LifecycleTests {
    private static func account(_ more: String...) -> String {
        Manifest.document(
            "EmailAccount", "a", ["type: imap", "server: h", "userName: u", "password: { fromEnv: P }"] + more)
    }

    @Test func `an account that says nothing is proven, kept here and forgotten when it is destroyed`() throws {
        let account = try #require(Loaded(Self.account()).account("a"))
        #expect(account.proof == .required && account.keeper == "local")
        #expect(account.lifecycle.onDestroy == .forget)
        #expect(!account.lifecycle.preventDestroy && account.lifecycle.ignoreChanges.isEmpty)
    }

    @Test func `what an account says is typed`() throws {
        let loaded = Loaded(
            Self.account(
                "proof: deferred", "recordIn: desk",
                "lifecycle: { preventDestroy: true, ignoreChanges: [port, metadata.labels], onDestroy: deactivate }"))
        let account = try #require(loaded.account("a"))
        #expect(loaded.findings.isEmpty)
        #expect(account.proof == .deferred && account.keeper == "desk")
        #expect(account.lifecycle.onDestroy == .deactivate && account.lifecycle.preventDestroy)
        #expect(account.lifecycle.ignoreChanges == ["port", "metadata.labels"])
    }

    @Test(arguments: AccountField.ignorableNames.sorted())
    func `a field that may be ignored is accepted`(name: String) {
        #expect(Loaded(Self.account("lifecycle: { ignoreChanges: [\(name)] }")).findings.isEmpty)
    }

    @Test(arguments: [
        ("userName", "manifest.bad-value", "which account this is", "remove the entry; what must not change"),
        ("type", "manifest.bad-value", "which account this is", "remove the entry"),
        ("authentication", "manifest.bad-value", "which account this is", "remove the entry"),
        ("authorizedAs", "manifest.bad-value", "which account this is", "remove the entry"),
        ("oauthProfile", "manifest.bad-value", "which account this is", "remove the entry"),
        ("proof", "manifest.bad-value", "how plans treat the account", "remove the entry"),
        ("recordIn", "manifest.bad-value", "how plans treat the account", "remove the entry"),
        ("lifecycle", "manifest.bad-value", "how plans treat the account", "remove the entry"),
        ("lifecycle.onDestroy", "manifest.bad-value", "how plans treat the account", "remove the entry"),
        ("sever", "manifest.unknown-field", "which is no field", "did you mean \"server\"?"),
        ("labels", "manifest.unknown-field", "which is no field", "did you mean \"metadata.labels\"?"),
        ("caFile", "manifest.unknown-field", "which is no field", "did you mean \"tls.caFile\"?"),
        ("spec.port", "manifest.unknown-field", "which is no field", "did you mean \"port\"?"),
        ("tls", "manifest.unknown-field", "which is no field", "the names are active, "),
        ("everything", "manifest.unknown-field", "which is no field", "the names are active, "),
    ])
    func `an entry that cannot be ignored is refused at its line`(
        name: String, code: String, message: String, help: String
    ) throws {
        let loaded = Loaded(Self.account("lifecycle:", "  ignoreChanges: [\(name)]"))
        let diagnostic = try #require(loaded.diagnostics.first)
        #expect(loaded.findings == ["\(code) 10:20"])
        #expect(diagnostic.message.contains(message) && diagnostic.message.contains("\"\(name)\""))
        #expect(diagnostic.help?.hasPrefix(help) == true, "\(diagnostic.help ?? "")")
    }
}

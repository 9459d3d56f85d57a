import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct SecretFieldTests {
    private static func account(_ password: String) -> String {
        Manifest.account("type: imap", "server: h", "userName: u", "password: \(password)")
    }

    private static func profile(_ secret: String) -> String {
        Manifest.profile("issuer: https://i/", "grant: client_credentials", "client: { id: x, secret: \(secret) }")
    }

    @Test(arguments: [
        ("1️⃣hunter2", "plain-secret"), ("1️⃣\"hunter2\"", "plain-secret"), ("1️⃣4711", "plain-secret"),
        ("1️⃣no", "plain-secret"),
        ("1️⃣[hunter2]", "plain-secret"), ("1️⃣{}", "bad-value"), ("1️⃣{ version: \"1\" }", "bad-value"),
        ("1️⃣{ fromEnv: A, fromFile: b }", "bad-value"),
        ("1️⃣{ fromEnv: A, fromFile: b, fromVault: c, fromCommand: [d] }", "bad-value"),
        ("{ 1️⃣fromenv: A }", "unknown-field"), ("{ 1️⃣value: hunter2 }", "unknown-field"),
        ("{ fromEnv: A, 1️⃣versoin: 2 }", "unknown-field"),
        ("{ fromEnv: 1️⃣no }", "bad-value"), ("{ fromEnv: 1️⃣\"\" }", "bad-value"), ("{ fromEnv: 1️⃣[A] }", "wrong-type"),
        ("{ fromEnv: A, version: 1️⃣yes }", "bad-value"), ("{ fromCommand: 1️⃣pass show x }", "wrong-type"),
        ("{ fromCommand: 1️⃣[] }", "bad-value"), ("{ fromCommand: [pass, 1️⃣no] }", "bad-value"),
        ("{ fromFile: 1️⃣~ }", "bad-value"),
    ])
    func `a secret's source that is none is one mistake`(source: String, code: String) {
        Fixture(Self.account(source), "manifest.\(code)").check()
        Fixture(Self.profile(source), "manifest.\(code)").check()
    }

    @Test func `a secret in a manifest is never repeated`() {
        for source in ["hunter2", "{ value: hunter2 }", "[hunter2]", "{ fromCommand: hunter2 }"] {
            for diagnostic in Loaded(Self.account(source)).diagnostics {
                #expect(!"\(diagnostic)".contains("hunter2"))
            }
            let loaded = Loaded(Self.account(source))
            let shown = DiagnosticTextRenderer(sources: loaded.sources, color: false)
                .render(DiagnosticReport(loaded.diagnostics))
            #expect(!shown.isEmpty && !shown.contains("hunter2"))
        }
    }

    @Test func `a secret in a manifest is to be replaced`() {
        let loaded = Loaded(Self.account("hunter2"))
        #expect(
            loaded.messages == [
                "spec.password must say where the secret comes from; a secret never stands in a manifest"
            ])
        #expect(loaded.helps.allSatisfy { $0.contains("fromEnv") && $0.contains("replace the secret") })
    }

    @Test(arguments: [
        ("{ fromEnv: A }", SecretSource(.environment("A"))),
        ("{ fromEnv: A, version: 2026-11 }", SecretSource(.environment("A"), version: "2026-11")),
        ("{ fromEnv: A, version: 1.10 }", SecretSource(.environment("A"), version: "1.10")),
        ("{ fromFile: s.txt }", SecretSource(.file("s.txt"))), ("{ fromFile: /run/s }", SecretSource(.file("/run/s"))),
        ("{ fromVault: m365 }", SecretSource(.vault("m365"))),
        ("{ fromCommand: [pass, show, a b] }", SecretSource(.command(["pass", "show", "a b"]))),
    ])
    func `every source is read`(text: String, source: SecretSource) {
        let loaded = Loaded(Self.profile(text))
        #expect(loaded.findings.isEmpty)
        #expect(loaded.profile("p")?.clientSecret == source)
    }
}

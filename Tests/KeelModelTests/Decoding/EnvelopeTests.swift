import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct EnvelopeTests {
    private static let spec = "spec: { type: imap, server: h, userName: u, password: { fromEnv: P } }\n"

    @Test(arguments: [
        Fixture(
            "apiVersion: mailkeel/v1\n1️⃣knd: EmailAccount\nmetadata: { name: a }\n" + spec, "manifest.unknown-field"),
        Fixture("1️⃣apiVersion: mailkeel/v1\nmetadata: { name: a }\n" + spec, "manifest.missing-field"),
        Fixture("1️⃣apiVersion: mailkeel/v1\nkind: EmailAccount\n" + spec, "manifest.missing-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: 1️⃣{ labels: { a: b } }\n" + spec,
            "manifest.missing-field"),
        Fixture("apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: 1️⃣a }\n", "manifest.missing-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a }\n1️⃣sepc: { type: imap }\n",
            "manifest.unknown-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { 1️⃣nmae: a }\n" + spec, "manifest.unknown-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\n1️⃣metdata: { name: a }\n" + spec, "manifest.unknown-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a, 1️⃣namespace: x }\n" + spec,
            "manifest.unknown-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a }\n1️⃣status: {}\n" + spec,
            "manifest.unknown-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: 1️⃣EmailAcount\nmetadata: { name: a }\nspec: { any: x }\n",
            "manifest.unknown-kind"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: 1️⃣Authorization\nmetadata: { name: a }\nspec: {}\n", "manifest.unknown-kind"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: 1️⃣[EmailAccount]\nmetadata: { name: a }\nspec: {}\n", "manifest.wrong-type"),
        Fixture(
            "apiVersion: 1️⃣mailkeel/v2\nkind: EmailAccount\nmetadata: { name: a }\nspec: { later: 1 }\n",
            "manifest.unknown-version"),
        Fixture("apiVersion: mailkeel/v1\nkind: 1️⃣Movd\nspec: { from: x }\n", "manifest.unknown-kind"),
        Fixture("apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: 1️⃣a\n" + spec, "manifest.wrong-type"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a }\nspec: 1️⃣[a]\n", "manifest.wrong-type"),
        Fixture("apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a }\nspec:1️⃣\n", "manifest.wrong-type"),
        Fixture("apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: 1️⃣no }\n" + spec, "manifest.bad-value"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: 1️⃣\"a/b\" }\n" + spec, "manifest.bad-value"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: 1️⃣\"a:b\" }\n" + spec, "manifest.bad-value"),
        Fixture("apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: 1️⃣ü }\n" + spec, "manifest.bad-value"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: 1️⃣\"\" }\n" + spec, "manifest.bad-value"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: 1️⃣[a] }\n" + spec, "manifest.wrong-type"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a, labels: 1️⃣[x] }\n" + spec,
            "manifest.wrong-type"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a, labels: { team: 1️⃣no } }\n" + spec,
            "manifest.bad-value"),
    ])
    func `a mistake around the spec is reported once, where it stands`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        ("kind: EmailAcount", "did you mean \"EmailAccount\"?"),
        ("kind: OauthProfile", "did you mean \"OAuthProfile\"?"),
        ("kind: Move", "did you mean \"Moved\"?"),
        ("kind: removed", "did you mean \"Removed\"?"),
        ("kind: Mailbox", "the kinds are EmailAccount, EmailAccountSet, OAuthProfile, Moved, Removed and Project"),
        ("kind: Authorization", "authorizations follow from the accounts that need them and are never written"),
    ])
    func `an unknown kind says what to write`(line: String, help: String) {
        let loaded = Loaded("apiVersion: mailkeel/v1\n\(line)\nmetadata: { name: a }\nspec: {}\n")
        #expect(loaded.helps == [help])
    }

    @Test func `a name has at most 63 bytes`() {
        let text = Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }", name: "NAME")
        #expect(Loaded(text.replacing("NAME", with: String(repeating: "x", count: 63))).findings.isEmpty)
        #expect(
            Loaded(text.replacing("NAME", with: String(repeating: "x", count: 64))).findings == [
                "manifest.bad-value 3:19"
            ])
        #expect(Loaded(text.replacing("NAME", with: "A-b_c.9")).findings.isEmpty)
    }

    @Test func `a number is a name`() {
        let loaded = Loaded(
            Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }", name: "4711"))
        #expect(loaded.findings.isEmpty && loaded.account("4711") != nil)
    }

    @Test(arguments: [
        "", "# nothing\n", "---\n---\n", "a: 1\n", "- x\n", "text\n", "apiVersion: v1\nkind: ConfigMap\n",
        "apiVersion: [mailkeel/v1]\n",
    ])
    func `a file of another tool is foreign and has no mistakes`(text: String) {
        let loaded = Loaded(text)
        #expect(loaded.content == [.foreign])
        #expect(loaded.findings.isEmpty)
    }

    @Test func `empty documents between manifests are nothing`() {
        let loaded = Loaded("---\n" + Manifest.own + "\n# comment\n---\n" + Manifest.m365)
        #expect(loaded.content == [.manifests] && loaded.findings.isEmpty && loaded.set.profiles.count == 2)
    }

    @Test func `a file that mixes is refused at each document that is no manifest`() {
        Fixture(
            "1️⃣kind: ConfigMap\n---\n" + Manifest.own + "2️⃣- list\n", "manifest.mixed-file", "manifest.mixed-file"
        ).check()
        #expect(Loaded("kind: ConfigMap\n---\n" + Manifest.own).content == [.mixed])
    }
}

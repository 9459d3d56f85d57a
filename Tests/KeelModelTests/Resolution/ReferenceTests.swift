import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct ReferenceTests {
    @Test(arguments: [
        Fixture(
            Manifest.m365 + Manifest.account("type: imap", "userName: u", "oauthProfile: 1️⃣m356"),
            "manifest.unknown-reference"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: 1️⃣m365"),
            "manifest.unknown-reference"),
        Fixture(
            Manifest.profile("provider: 1️⃣microsoft", "tenant: t", "grant: client_credentials", Manifest.client),
            "manifest.unknown-reference"),
        Fixture(
            Manifest.profile(
                "provider: microsoft365", "cloud: 1️⃣gcc", "tenant: t", "grant: client_credentials", Manifest.client),
            "manifest.unknown-reference"),
    ])
    func `what nobody declares is reported where it is named`(fixture: Fixture) { fixture.check() }

    @Test func `the nearest name is suggested`() {
        let account = Manifest.account("type: imap", "userName: u", "oauthProfile: m356")
        #expect(Loaded(Manifest.m365 + account).helps == ["did you mean \"m365\"?"])
        let provider = Manifest.profile(
            "provider: microsoft356", "tenant: t", "grant: client_credentials", Manifest.client)
        #expect(Loaded(provider).helps == ["did you mean \"microsoft365\"?"])
        let cloud = Manifest.profile(
            "provider: microsoft365", "cloud: gcc", "tenant: t", "grant: client_credentials", Manifest.client)
        #expect(Loaded(cloud).helps == ["its clouds are global, gcc-high, dod, china"])
    }

    private static let spec =
        "spec: { grant: client_credentials, issuer: \"https://i/\", \(Manifest.client) }\n---\n"

    /// A profile with a mistake is one error, not one for each of its thousand accounts.
    @Test(arguments: [
        Fixture(Manifest.profile("grant: 1️⃣implicit", Manifest.client, "issuer: https://i/"), "manifest.bad-value"),
        Fixture(Manifest.profile("grant: client_credentials", Manifest.client, name: "1️⃣p"), "manifest.missing-field"),
        Fixture("apiVersion: mailkeel/v1\nkind: OAuthProfile\nmetadata: { name: 1️⃣p }\n---\n", "manifest.missing-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: OAuthProfile\nmetadata: { name: p }\nspec: 1️⃣x\n---\n", "manifest.wrong-type"
        ),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: 1️⃣OAuthProfil\nmetadata: { name: p }\nspec: { grant: x }\n---\n",
            "manifest.unknown-kind"),
        Fixture("1️⃣apiVersion: mailkeel/v1\nmetadata: { name: p }\nspec: { grant: x }\n---\n", "manifest.missing-field"),
        Fixture(
            "apiVersion: 1️⃣mailkeel/v2\nkind: OAuthProfile\nmetadata: { name: p }\nspec: { grant: x }\n---\n",
            "manifest.unknown-version"),
        Fixture("1️⃣apiVersion: mailkeel/v1\nkind: OAuthProfile\n\(spec)", "manifest.missing-field"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: OAuthProfile\nmetadata: { 1️⃣nmae: p }\n\(spec)",
            "manifest.unknown-field"),
    ])
    func `accounts of a profile with a mistake are not reported too`(fixture: Fixture) {
        let accounts = ["a", "b"].map {
            Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: p", name: $0)
        }
        Fixture(fixture.text + accounts.joined(), fixture.codes[0]).check()
    }

    @Test func `accounts of a profile in a file that mixes are not reported too`() {
        let account = Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: own")
        let loaded = Loaded(files: [("a.yaml", account), ("b.yaml", Manifest.own + "other: tool\n")])
        #expect(loaded.diagnostics.map(\.code) == ["manifest.mixed-file"])
    }

    @Test func `a resource that is declared twice points at the first`() throws {
        let first = Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }")
        let loaded = Loaded(files: [("x/a.yaml", first), ("b.yaml", Manifest.own + first)])
        let diagnostic = try #require(loaded.diagnostics.first)
        #expect(loaded.findings == ["manifest.duplicate-resource 11:19"])
        #expect(diagnostic.message == "EmailAccount/a is declared twice")
        let note = try #require(diagnostic.notes.first)
        #expect(note.message == "it was first declared here")
        #expect(note.range.map { loaded.sources[$0.file].path } == "x/a.yaml")
        #expect(note.range?.start.description == "3:19")
        #expect(loaded.set.accounts.count == 1)
    }

    @Test func `each further declaration points at the first`() {
        let text = Manifest.own + Manifest.own + Manifest.own
        let loaded = Loaded(text)
        #expect(loaded.findings == ["manifest.duplicate-resource 11:19", "manifest.duplicate-resource 19:19"])
        #expect(loaded.diagnostics.allSatisfy { $0.notes.first?.range?.start.description == "3:19" })
    }

    @Test func `resources of different kinds may share a name`() {
        let loaded = Loaded(
            Manifest.own + Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: own", name: "own"))
        #expect(loaded.findings.isEmpty && loaded.set.accounts.count == 1 && loaded.set.profiles.count == 1)
    }
}

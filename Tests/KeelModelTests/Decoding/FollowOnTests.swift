import KeelDiagnostics
import KeelModel
import Testing

/// One mistake is one diagnostic: nothing is said that would not be so if it were mended.
struct FollowOnTests {
    private static let head = "apiVersion: mailkeel/v1\nkind: EmailAccount\n"
    private static let metadata = "metadata: { name: a }\n"
    private static let spec = "spec: { type: imap, server: h, userName: u, password: { fromEnv: P } }\n"
    private static let profile = "apiVersion: mailkeel/v1\nkind: OAuthProfile\n"
    private static let profileSpec =
        "spec: { grant: client_credentials, issuer: \"https://i/\", \(Manifest.client) }\n---\n"

    /// What a merge would have brought is not missed, and its key is no unknown field.
    @Test(arguments: [
        Fixture(head + metadata + "spec: { 1️⃣<<: { type: imap } }\n", "yaml.merge-key"),
        Fixture(head + metadata + "spec:\n  userName: u\n  1️⃣<<: [{ type: imap }, { server: h }]\n", "yaml.merge-key"),
        Fixture(head + "metadata: { 1️⃣<<: { name: a } }\n" + spec, "yaml.merge-key"),
        Fixture("apiVersion: mailkeel/v1\n1️⃣<<: { kind: EmailAccount }\n" + metadata + spec, "yaml.merge-key"),
        Fixture(head + "1️⃣<<: { metadata: { name: a } }\n" + spec, "yaml.merge-key"),
        Fixture(head + metadata + "1️⃣<<: { spec: { type: imap } }\n", "yaml.merge-key"),
        Fixture(head + "metadata: { name: a, labels: { 1️⃣<<: { b: c } } }\n" + spec, "yaml.merge-key"),
        Fixture(
            profile + metadata + "spec: { issuer: https://i/, grant: device_code, client: { 1️⃣<<: { id: x } } }\n",
            "yaml.merge-key"),
        Fixture(
            head + metadata + "spec: { type: imap, server: h, userName: u, password: { 1️⃣<<: { fromEnv: x } } }\n",
            "yaml.merge-key"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: Moved\nspec: { 1️⃣<<: { from: EmailAccount/a, to: EmailAccount/b } }\n",
            "yaml.merge-key"),
        Fixture(
            "apiVersion: mailkeel/v1\nkind: Removed\nmetadata: { 1️⃣<<: { name: x } }\nspec: { address: EmailAccount/b }\n",
            "yaml.merge-key"),
    ])
    func `a merge that is refused is all that is said`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        Fixture(head + metadata + "spec:\n  type: imap\n  ?1️⃣\n  : h\n", "yaml.key"),
        Fixture(head + metadata + "?1️⃣\n: x\n" + spec, "yaml.key"),
        Fixture(head + "metadata: { name: a, annotations: { ? 1️⃣: no } }\n" + spec, "yaml.key"),
    ])
    func `a key that is missing is no unknown field`(fixture: Fixture) { fixture.check() }

    /// Which of two was meant nobody knows, so nothing follows from either.
    @Test(arguments: [
        Fixture(head + "1️⃣kind: OAuthProfile\n" + metadata + spec, "yaml.duplicate-key"),
        Fixture(head + metadata + spec + "1️⃣spec: { grant: x }\n", "yaml.duplicate-key"),
        Fixture(head + metadata + "1️⃣metadata: { name: b }\n" + spec, "yaml.duplicate-key"),
        Fixture(head + "metadata: { name: a, 1️⃣name: b }\n" + spec, "yaml.duplicate-key"),
        Fixture(
            profile + "metadata: { name: q, 1️⃣name: p }\n" + profileSpec
                + Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: q"), "yaml.duplicate-key"),
        Fixture(
            profile + "metadata: { name: q }\n1️⃣metadata: { name: p }\nspec: { grant: x }\n---\n"
                + Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: p"), "yaml.duplicate-key"),
    ])
    func `a part that stands twice is all that is said of the document`(fixture: Fixture) { fixture.check() }

    /// Nobody can refer to a name that is none, so who refers to nothing may have meant this resource.
    @Test(arguments: [
        Fixture(profile + "metadata: { name: 1️⃣no }\n" + profileSpec, "manifest.bad-value"),
        Fixture(profile + "metadata: { name: 1️⃣\"m 365\" }\n" + profileSpec, "manifest.bad-value"),
        Fixture(profile + "metadata: { name: 1️⃣[m365] }\n" + profileSpec, "manifest.wrong-type"),
    ])
    func `accounts of a profile whose name is refused are not reported too`(fixture: Fixture) {
        let account = Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: m365")
        Fixture(fixture.text + account, fixture.codes[0]).check()
    }

    /// Whoever mends the name should not meet the rest a run later.
    @Test(arguments: [
        Fixture(
            head + "metadata: { name: 1️⃣\"s 1\" }\nspec: { type: 2️⃣IMAP, 3️⃣username: u }\n",
            "manifest.bad-value", "manifest.bad-value", "manifest.unknown-field"),
        Fixture(
            "1️⃣apiVersion: mailkeel/v1\nkind: EmailAccount\nspec: { type: imap, server: h, userName: u, port: 2️⃣\"993\" }\n",
            "manifest.missing-field", "manifest.bad-value"),
    ])
    func `a name that is refused does not hide what is wrong in the spec`(fixture: Fixture) { fixture.check() }

    /// Other mistakes hide nothing.
    @Test(arguments: [
        Fixture(
            head + metadata + "spec: { type: imap, 1️⃣type: imap, 2️⃣bogus: x, server: h, userName: u, "
                + "oauthProfile: 3️⃣nobody }\n", "yaml.duplicate-key", "manifest.unknown-field",
            "manifest.unknown-reference"),
        Fixture(
            head + metadata + "spec: { type: 1️⃣!x imap, server: h, userName: u, oauthProfile: 2️⃣nobody }\n",
            "yaml.tag", "manifest.unknown-reference"),
        Fixture(
            "1️⃣kind: ConfigMap\n---\n"
                + Manifest.account(
                    "type: imap", "2️⃣bogus: x", "server: h", "userName: u",
                    "password: { fromEnv: P }"), "manifest.mixed-file", "manifest.unknown-field"),
    ])
    func `mistakes beside a mistake are reported at once`(fixture: Fixture) { fixture.check() }

    @Test(arguments: ["apiVersoin", "apiversion", "ApiVersion", "apiVerison", "api_version"])
    func `a document whose version has a mistyped name is a manifest, not another tool's`(name: String) {
        let loaded = Loaded("\(name): mailkeel/v1\nkind: EmailAccount\n" + Self.metadata + Self.spec)
        #expect(loaded.content == [.manifests])
        #expect(loaded.findings == ["manifest.unknown-field 1:1"])
        #expect(loaded.helps == ["did you mean \"apiVersion\"?"])
    }
}

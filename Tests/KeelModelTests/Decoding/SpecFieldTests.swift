import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct SpecFieldTests {
    @Test(arguments: [
        Fixture(
            Manifest.account("type: imap", "1️⃣sever: h", "userName: u", "password: { fromEnv: P }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "1️⃣usrName: u", "password: { fromEnv: P }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "1️⃣oauthProfle: p"), "manifest.unknown-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "1️⃣passwort: { fromEnv: P }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "1️⃣Port: 1", "password: { fromEnv: P }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "1️⃣colour: red"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.account(
                "type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "tls: { 1️⃣cafile: x }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }", "1️⃣tls.caFile: x"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", "client: { 1️⃣di: x, secret: { fromEnv: S } }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", "1️⃣clent: { id: x, secret: { fromEnv: S } }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.profile("1️⃣isuer: https://i/", "grant: client_credentials", Manifest.client),
            "manifest.unknown-field"),
        Fixture(
            Manifest.profile("endpoints: { 1️⃣tokn: https://i/ }", "grant: client_credentials", Manifest.client),
            "manifest.unknown-field"),
    ])
    func `an unknown field is one mistake`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        ("sever: h", "did you mean \"server\"?"), ("User_name: x", "did you mean \"userName\"?"),
        ("oauthprofile: x", "did you mean \"oauthProfile\"?"), ("tls: { pni: x }", "did you mean \"pin\"?"),
        ("tls: { colour: x }", "the fields are caFile, pin"),
        ("lifecycle: { preventdestroy: true }", "did you mean \"preventDestroy\"?"),
    ])
    func `the nearest name is suggested`(line: String, help: String) {
        let loaded = Loaded(
            Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }", line))
        #expect(loaded.helps == [help])
    }

    @Test(arguments: [
        Fixture(
            Manifest.account("server: h", "password: { fromEnv: P }", name: "1️⃣2️⃣a"), "manifest.missing-field",
            "manifest.missing-field"),
        Fixture(
            Manifest.account("type: imap", "server: h", "password: { fromEnv: P }", name: "1️⃣a"),
            "manifest.missing-field"),
        Fixture(Manifest.profile("issuer: https://i/", Manifest.client, name: "1️⃣p"), "manifest.missing-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", "client: { secret: { fromEnv: S } }", name: "1️⃣p"),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: 2️⃣client_credentials", name: "1️⃣p", metadata: ", labels: { a: b }"),
            "manifest.missing-field", "manifest.missing-field"),
    ])
    func `every missing field is reported at the resource's name`(fixture: Fixture) { fixture.check() }

    @Test func `a missing field is explained by its documentation`() {
        let loaded = Loaded(Manifest.account("type: imap", "server: h", "password: { fromEnv: P }", name: "desk"))
        #expect(loaded.messages == ["spec.userName is missing in EmailAccount \"desk\""])
        #expect(loaded.helps == ["The mailbox, as the server names it; not always an address."])
    }

    @Test func `a mistake in a spec names its resource`() {
        let loaded = Loaded(Manifest.account("type: imapp", "sever: h", "userName: u") + Manifest.profile("grant: x"))
        #expect(!loaded.diagnostics.isEmpty)
        #expect(Set(loaded.diagnostics.map { $0.address?.description }) == ["EmailAccount/a", "OAuthProfile/p"])
    }

    @Test func `all mistakes of all files come at once`() {
        let loaded = Loaded(files: [
            (
                "b.yaml",
                Manifest.account("type: imapp", "server: h", "port: 0", "userName: yes", "password: x", name: "b")
            ),
            ("a.yaml", Manifest.account("type: imap", "sever: h", "userName: u", "oauthProfile: nowhere", name: "a")),
        ])
        #expect(
            loaded.findings == [
                "manifest.unknown-field 6:3", "manifest.unknown-reference 8:17", "manifest.bad-value 5:9",
                "manifest.bad-value 7:9", "manifest.bad-value 8:13", "manifest.plain-secret 9:13",
            ])
    }
}

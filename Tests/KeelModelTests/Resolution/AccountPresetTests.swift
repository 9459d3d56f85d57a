import KeelBase
import KeelDiagnostics
import KeelModel
import KeelProviders
import Testing

/// What a preset brings to an account that has no profile, and how both go together.
struct AccountPresetTests {
    private static func shown(_ spec: EffectiveSpec?, _ fields: [String]) -> [String] {
        fields.map { field in
            guard let value = spec?.effective[field] else { return "\(field) absent" }
            return "\(field) \(value.value.json.text()) \(value.origin.text)"
        }
    }

    private static let connection = ["server", "port", "connectionSecurity", "mechanism", "maxConnections", "cloud"]
    private static let password = "password: { fromEnv: P }"

    @Test(
        arguments: [
            (
                ["type: imap", "provider: icloud"],
                [
                    "server \"imap.mail.me.com\" preset icloud@1", "port 993 preset icloud@1",
                    "connectionSecurity \"tls\" preset icloud@1", "mechanism absent",
                    "maxConnections absent", "cloud absent",
                ]
            ),
            (
                ["type: smtp", "provider: icloud"],
                [
                    "server \"smtp.mail.me.com\" preset icloud@1", "port 587 preset icloud@1",
                    "connectionSecurity \"starttls\" preset icloud@1", "mechanism absent",
                    "maxConnections absent", "cloud absent",
                ]
            ),
            (
                ["type: pop3", "provider: zoho", "cloud: eu"],
                [
                    "server \"pop.zoho.eu\" preset zoho@1", "port 995 preset zoho@1",
                    "connectionSecurity \"tls\" preset zoho@1", "mechanism absent",
                    "maxConnections absent", "cloud \"eu\" manifest",
                ]
            ),
            (
                ["type: imap", "provider: zoho", "server: imappro.zoho.com", "mechanism: LOGIN"],
                [
                    "server \"imappro.zoho.com\" manifest", "port 993 default", "connectionSecurity \"tls\" default",
                    "mechanism \"LOGIN\" manifest", "maxConnections absent", "cloud \"com\" preset zoho@1",
                ]
            ),
            (
                ["type: imap", "provider: google", "maxConnections: 2", "port: 1993", "connectionSecurity: starttls"],
                [
                    "server \"imap.gmail.com\" preset google@2", "port 1993 manifest",
                    "connectionSecurity \"starttls\" manifest", "mechanism absent",
                    "maxConnections 2 manifest", "cloud absent",
                ]
            ),
            (
                ["type: imap", "provider: google"],
                [
                    "server \"imap.gmail.com\" preset google@2", "port 993 preset google@2",
                    "connectionSecurity \"tls\" preset google@2", "mechanism absent",
                    "maxConnections 15 preset google@2", "cloud absent",
                ]
            ),
            (
                ["type: imap", "provider: generic", "server: h"],
                [
                    "server \"h\" manifest", "port 993 default", "connectionSecurity \"tls\" default",
                    "mechanism absent",
                    "maxConnections absent", "cloud absent",
                ]
            ),
        ] as [([String], [String])])
    func `an account without a profile names its provider`(lines: [String], expected: [String]) {
        let loaded = Loaded(Manifest.document("EmailAccount", "a", lines + ["userName: u@x.example", Self.password]))
        #expect(loaded.diagnostics.allSatisfy { $0.severity == .note }, "\(loaded.messages)")
        #expect(Self.shown(loaded.account("a")?.spec, Self.connection) == expected)
    }

    @Test func `limits are those of the protocol`() {
        let text =
            Manifest.m365 + Manifest.account("type: smtp", "userName: u@x", "oauthProfile: m365", name: "out")
            + Manifest.account("type: pop3", "userName: u@x", "oauthProfile: m365", name: "pop")
        let loaded = Loaded(text)
        #expect(loaded.account("out")?.maxConnections == 3 && loaded.account("pop")?.maxConnections == nil)
    }

    @Test(arguments: [
        Fixture(
            Manifest.account("type: imap", "provider: 1️⃣iclowd", "userName: u", password), "manifest.unknown-reference"),
        Fixture(
            Manifest.account("type: imap", "provider: zoho", "cloud: 1️⃣us", "userName: u", password),
            "manifest.unknown-reference"),
        Fixture(
            Manifest.account("type: imap", "provider: icloud", "cloud: 1️⃣eu", "userName: u", password),
            "manifest.unknown-reference"),
        Fixture(
            Manifest.account("type: imap", "cloud: 1️⃣eu", "server: h", "userName: u", password),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.account("type: 1️⃣pop3", "provider: icloud", "userName: u", password), "manifest.missing-field"),
        Fixture(
            Manifest.m365
                + Manifest.account("type: imap", "provider: 1️⃣google", "userName: u@x", "oauthProfile: m365"),
            "manifest.bad-value"),
        Fixture(
            Manifest.m365
                + Manifest.account(
                    "type: imap", "provider: microsoft365", "cloud: 1️⃣dod", "userName: u@x", "oauthProfile: m365"),
            "manifest.bad-value"),
        Fixture(
            Manifest.own
                + Manifest.account("type: imap", "provider: 1️⃣google", "userName: u@x", "server: h", "oauthProfile: own"),
            "manifest.bad-value"),
        // What a refused provider would have set is not missed.
        Fixture(Manifest.account("type: imap", "provider: 1️⃣no", "userName: u", password), "manifest.bad-value"),
        Fixture(
            Manifest.account("type: imap", "provider: zoho", "cloud: 1️⃣no", "userName: u", password),
            "manifest.bad-value"),
        Fixture(
            Manifest.account("type: imap", "provider: nowhere", "userName: u", "oauthProfile: 1️⃣gone"),
            "manifest.unknown-reference"),
    ])
    func `names that are wrong or do not go together are refused`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        (Manifest.m365, "m365", ["provider: microsoft365"]),
        (Manifest.m365, "m365", ["provider: microsoft365", "cloud: global"]),
        (Manifest.own, "own", ["provider: generic", "server: h"]),
    ])
    func `saying what the profile says is no mistake`(profile: String, name: String, lines: [String]) {
        let account = ["type: imap", "userName: u@x.example", "oauthProfile: \(name)"] + lines
        #expect(Loaded(profile + Manifest.document("EmailAccount", "a", account)).findings.isEmpty)
    }

    @Test func `the nearest provider is suggested`() {
        let loaded = Loaded(Manifest.account("type: imap", "provider: fastmale", "userName: u", Self.password))
        #expect(loaded.helps == ["did you mean \"fastmail\"?"])
    }

    @Test func `a limit that is kept as it was committed is kept`() throws {
        let text = Manifest.m365 + Manifest.account("type: imap", "userName: u@x", "oauthProfile: m365")
        let account = try #require(Loaded(text).account("a"))
        let kept = account.keeping(
            ["maxConnections"],
            of: (declared: [:], effective: ["maxConnections": EffectiveValue(.integer(7), .manifest)]))
        #expect(kept.maxConnections == 7 && kept.preset === account.preset)
    }
}

import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct LintedScopeTests {
    private static let imap = "https://outlook.office.com/IMAP.AccessAsUser.All"

    @Test(arguments: [
        RuleCase(
            .noOfflineAccess, Manifest.microsoft("scopes: 1️⃣[\(imap)]", scopes: nil), twin: Manifest.microsoft()),
        RuleCase(
            .noOfflineAccess, Manifest.microsoft("grant: device_code", "scopes: 1️⃣[\(imap)]", scopes: nil),
            twin: Manifest.microsoft("grant: device_code")),
        RuleCase(
            .noOfflineAccess, .warning, Manifest.elsewhere("scopes: 1️⃣[openid, email]"),
            twin: Manifest.elsewhere("scopes: [email]")),
        RuleCase(
            .noOfflineAccess, Manifest.google("authorizationParameters: 1️⃣{ prompt: consent }"), twin: Manifest.google()),
        RuleCase(
            .noOfflineAccess, Manifest.google("authorizationParameters: 1️⃣{ access_type: online }"),
            twin: Manifest.google()),
        RuleCase(
            .defaultScopeMixed,
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client,
                "scopes: 1️⃣[https://a/.default, https://a/x]"),
            twin: Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client, "scopes: [https://a/.default]")),
        RuleCase(
            .defaultScopeMixed,
            Manifest.microsoft("scopes: 1️⃣[https://outlook.office365.com/.default, offline_access]", scopes: nil),
            twin: Manifest.microsoft()),
        RuleCase(
            .defaultScopeWithPerson,
            Manifest.microsoft("scopes: 1️⃣[https://outlook.office.com/.default]", scopes: nil),
            twin: Manifest.microsoft()),
        RuleCase(
            .twoResources,
            Manifest.microsoft(
                "scopes: 1️⃣[\(imap), https://graph.microsoft.com/Mail.Read, offline_access]", scopes: nil),
            twin: Manifest.microsoft(
                "scopes: [\(imap), https://outlook.office.com/SMTP.Send, openid, offline_access]", scopes: nil)),
        RuleCase(
            .delegatedScopeWithApplication,
            Manifest.profile(
                "provider: microsoft365", "tenant: contoso.com", "grant: client_credentials", Manifest.client,
                "scopes: 1️⃣[\(imap)]"),
            twin: Manifest.profile(
                "provider: microsoft365", "tenant: contoso.com", "grant: client_credentials", Manifest.client,
                "scopes: [https://outlook.office365.com/.default]")),
        RuleCase(
            .workScopeForPersonalAccount,
            Manifest.microsoft(
                "tenant: consumers", "scopes: 1️⃣[https://outlook.office365.com/SMTP.Send, offline_access]", scopes: nil),
            twin: Manifest.microsoft("tenant: consumers")),
        RuleCase(
            .scopeOfOtherProvider,
            Manifest.microsoft("cloud: gcc-high", "scopes: 1️⃣[\(imap), offline_access]", scopes: nil),
            twin: Manifest.microsoft(
                "cloud: gcc-high", "scopes: [https://outlook.office365.us/IMAP.AccessAsUser.All, offline_access]",
                scopes: nil
            )),
        RuleCase(
            .scopeOfOtherProvider, Manifest.google("scopes: 1️⃣[\(imap)]"), twin: Manifest.google()),
    ])
    func `scopes that a provider refuses are found`(rule: RuleCase) { rule.check() }

    @Test(arguments: [
        RuleCase(
            .missingMailScope,
            Manifest.microsoft("scopes: 1️⃣[\(imap), offline_access]", scopes: nil) + Manifest.user("type: smtp"),
            twin: Manifest.microsoft(scopes: nil) + Manifest.user("type: smtp")),
        RuleCase(
            .missingMailScope, Manifest.google("scopes: 1️⃣[email]") + Manifest.user(),
            twin: Manifest.google() + Manifest.user()),
        RuleCase(
            .missingMailScope,
            Manifest.profile(
                "provider: yandex", "grant: authorization_code", "client: { id: x }", "scopes: 1️⃣[\"mail:smtp\"]")
                + Manifest.user(),
            twin: Manifest.profile(
                "provider: yandex", "grant: authorization_code", "client: { id: x }", "scopes: [\"mail:imap_ro\"]")
                + Manifest.user()),
        RuleCase(
            .missingMailScope,
            Manifest.microsoft(
                "scopes: 1️⃣[https://outlook.office365.com/POP.AccessAsUser.All, offline_access]", scopes: nil)
                + Manifest.user(),
            twin: Manifest.microsoft(
                "scopes: [https://outlook.office365.com/IMAP.AccessAsUser.All, offline_access]", scopes: nil)
                + Manifest.user()),
    ])
    func `scopes have to allow what the accounts do`(rule: RuleCase) { rule.check() }

    @Test func `what many accounts lack is one finding about the profile`() throws {
        let text =
            Manifest.microsoft("scopes: [offline_access]", scopes: nil)
            + ["smtp", "imap", "imap"].enumerated().map { number, type in
                Manifest.account(
                    "type: \(type)", "userName: u@contoso.com", "oauthProfile: p", name: "a\(number)")
            }.joined()
        let loaded = Loaded(files: [("f.yaml", text)], linter: .usual)
        #expect(loaded.messages == ["the scopes do not allow imap and smtp"])
        #expect(loaded.diagnostics.first?.notes.first?.message == "EmailAccount/a0 needs it")
    }

    @Test func `a resource may be written with a slash at its end`() {
        let text = Manifest.microsoft(
            "scopes: [https://outlook.office365.com//.default]", "grant: client_credentials",
            "client: { id: x, secret: { fromEnv: S } }", scopes: nil)
        #expect(Loaded(files: [("f.yaml", text)], linter: .usual).findings.isEmpty)
    }
}

import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct LintedProfileTests {
    @Test(arguments: [
        RuleCase(
            .grantNotOffered,
            Manifest.google("grant: 1️⃣client_credentials", "client: { id: x, secret: { fromEnv: S } }"),
            twin: Manifest.google()),
        RuleCase(.grantNotOffered, Manifest.google("grant: 1️⃣device_code"), twin: Manifest.google()),
        RuleCase(
            .applicationWithoutTenant,
            Manifest.microsoft(
                "tenant: 1️⃣common", "grant: client_credentials", "client: { id: x, secret: { fromEnv: S } }", scopes: nil
            ),
            twin: Manifest.m365),
        RuleCase(
            .applicationWithoutTenant,
            Manifest.profile(
                "endpoints: { token: 1️⃣https://login.microsoftonline.com/organizations/oauth2/v2.0/token }",
                "grant: client_credentials", Manifest.client),
            twin: Manifest.profile(
                "endpoints: { token: https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token }",
                "grant: client_credentials", Manifest.client)),
        RuleCase(.passwordGrant, Manifest.elsewhere("grant: 1️⃣password"), twin: Manifest.elsewhere()),
        RuleCase(
            .secretOnPublicClient,
            Manifest.elsewhere("client: { id: x, secret: { fromEnv: S }, authentication: 1️⃣none }"),
            twin: Manifest.elsewhere("client: { id: x, authentication: none }")),
        RuleCase(
            .secretWithDeviceFlow,
            Manifest.microsoft("grant: device_code", "client: { id: x, secret: 1️⃣{ fromEnv: S } }"),
            twin: Manifest.microsoft("grant: device_code")),
        RuleCase(
            .clearTextEndpoint, Manifest.elsewhere("issuer: 1️⃣http://127.0.0.1/"), twin: Manifest.elsewhere()),
        RuleCase(
            .clearTextEndpoint, Manifest.elsewhere("issuer: 1️⃣HTTP://127.0.0.1/"), twin: Manifest.elsewhere()),
        RuleCase(
            .clearTextEndpoint, Manifest.elsewhere("endpoints: { token: 1️⃣http://127.0.0.1/ }"),
            twin: Manifest.elsewhere("endpoints: { token: https://login.example.com/token }")),
        RuleCase(
            .clientInTesting, Manifest.google("refreshTokenLifetime: 1️⃣7d"),
            twin: Manifest.google("refreshTokenLifetime: 180d")),
        RuleCase(
            .clientInTesting, Manifest.google("refreshTokenLifetime: 1️⃣168h"),
            twin: Manifest.google("refreshTokenLifetime: 169h")),
    ])
    func `what a provider does not have, or a client cannot do, is found`(rule: RuleCase) { rule.check() }

    @Test(arguments: [
        RuleCase(
            .registrationClosed,
            Manifest.profile("provider: 1️⃣yahoo", "grant: authorization_code", "client: { id: x }"),
            twin: Manifest.google()),
        RuleCase(
            .unverifiedPreset,
            Manifest.profile("provider: 1️⃣fastmail", "grant: authorization_code", "client: { id: x }"),
            twin: Manifest.google()),
        RuleCase(
            .unverifiedPreset, Manifest.microsoft("provider: 1️⃣microsoft365", "cloud: gcc-high", scopes: nil),
            twin: Manifest.microsoft(scopes: nil)),
    ])
    func `what a preset says of itself is passed on`(rule: RuleCase) { rule.check() }

    @Test(arguments: ["client_id", "state", "code_challenge", "redirect_uri", "response_type", "scope", "grant_type"])
    func `parameters of the protocol are set by the request alone`(name: String) {
        RuleCase(
            .reservedParameter, Manifest.elsewhere("authorizationParameters: 1️⃣{ prompt: consent, \(name): x }"),
            twin: Manifest.elsewhere(
                "authorizationParameters: { prompt: consent, resource: x, audience: https://mail.example.com }")
        ).check()
    }

    @Test(arguments: [
        ("1️⃣https://mail.example.com/callback", "http://127.0.0.1"),
        ("1️⃣com.example.app:/cb", "http://localhost:8400/cb"),
        ("1️⃣http://127.0.0.1.example.com/", "https://localhost"), ("1️⃣urn:ietf:wg:oauth:2.0:oob", "\"http://[::1]:80/\""),
        ("1️⃣http://localhost@evil.example/", "HTTP://LOCALHOST/"),
    ])
    func `an answer has to come back to this machine`(elsewhere: String, here: String) {
        RuleCase(
            .redirectNotLoopback, Manifest.elsewhere("redirectURI: \(elsewhere)"),
            twin: Manifest.elsewhere("redirectURI: \(here)")
        ).check()
    }

    @Test(arguments: [
        ("2026-11-20", LintRule.secretExpired), ("2026-11-21", .secretExpired), ("2026-11-22", .secretExpires),
        ("2026-12-21", .secretExpires),
    ])
    func `a secret's last day is announced`(day: String, rule: LintRule) {
        RuleCase(
            rule, Manifest.elsewhere("client: { id: x, secret: { fromEnv: S }, secretExpires: 1️⃣\(day) }"),
            twin: Manifest.elsewhere("client: { id: x, secret: { fromEnv: S }, secretExpires: 2026-12-22 }")
        ).check()
    }

    @Test func `the days that are left are counted`() {
        func message(_ day: String) -> String? {
            let text = Manifest.elsewhere("client: { id: x, secret: { fromEnv: S }, secretExpires: \(day) }")
            return Loaded(files: [("f.yaml", text)], linter: .usual).messages.first
        }
        #expect(message("2026-11-22") == "the client secret expires on 2026-11-22, in 1 day")
        #expect(message("2026-12-01") == "the client secret expires on 2026-12-01, in 10 days")
    }

    @Test func `warnings leave the profile usable`() {
        let text = Manifest.profile("issuer: http://127.0.0.1/", "grant: password", Manifest.client)
        let loaded = Loaded(files: [("f.yaml", text)], linter: .usual)
        #expect(loaded.diagnostics.allSatisfy { $0.severity == .warning } && loaded.diagnostics.count == 2)
        #expect(loaded.profile("p") != nil)
    }
}

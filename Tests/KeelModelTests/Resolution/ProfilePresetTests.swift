import KeelBase
import KeelDiagnostics
import KeelModel
import KeelProviders
import Testing

/// What a preset brings to a profile, and what it leaves alone.
struct ProfilePresetTests {
    private static func shown(_ spec: EffectiveSpec?, _ fields: String...) -> [String] {
        fields.map { field in
            guard let value = spec?.effective[field] else { return "\(field) absent" }
            return "\(field) \(value.value.json.text()) \(value.origin.text)"
        }
    }

    @Test func `a consent gets what it needs beyond the endpoints`() {
        let loaded = Loaded(Manifest.profile("provider: google", "grant: authorization_code", Manifest.client))
        #expect(loaded.findings.isEmpty)
        #expect(
            Self.shown(
                loaded.profile("p")?.spec, "endpoints.authorization", "endpoints.deviceAuthorization",
                "endpoints.revocation", "endpoints.introspection", "authorizationParameters", "refreshTokenLifetime",
                "revocationReach", "issuer", "scopes"
            ) == [
                "endpoints.authorization \"https://accounts.google.com/o/oauth2/v2/auth\" preset google@2",
                "endpoints.deviceAuthorization absent",
                "endpoints.revocation \"https://oauth2.googleapis.com/revoke\" preset google@2",
                "endpoints.introspection absent",
                "authorizationParameters {\"access_type\":\"offline\",\"prompt\":\"consent\"} preset google@2",
                "refreshTokenLifetime \"180d\" preset google@2", "revocationReach \"userAndClient\" preset google@2",
                "issuer absent", "scopes absent",
            ])
        #expect(loaded.profile("p")?.revocationReach == .userAndClient)
        #expect(loaded.profile("p")?.authorizationParameters["access_type"] == "offline")
    }

    @Test func `a cache has no refresh tokens, and nobody to be asked`() {
        let loaded = Loaded(
            Manifest.profile(
                "provider: google", "grant: jwt_bearer", "client: { id: x }", "serviceAccount: { fromFile: k }"))
        #expect(loaded.findings.isEmpty)
        #expect(
            Self.shown(
                loaded.profile("p")?.spec, "endpoints.token", "endpoints.authorization", "endpoints.revocation",
                "authorizationParameters", "refreshTokenLifetime", "revocationReach"
            ) == [
                "endpoints.token \"https://oauth2.googleapis.com/token\" preset google@2",
                "endpoints.authorization absent", "endpoints.revocation absent", "authorizationParameters absent",
                "refreshTokenLifetime absent", "revocationReach absent",
            ])
        #expect(loaded.profile("p")?.revocationReach == .unknown)
    }

    /// Every field that a preset fills, with another value.
    @Test(arguments: [
        ("endpoints: { token: https://t.example/t }", "endpoints.token", "\"https://t.example/t\""),
        ("endpoints: { authorization: https://t.example/a }", "endpoints.authorization", "\"https://t.example/a\""),
        (
            "endpoints: { deviceAuthorization: https://t.example/d }", "endpoints.deviceAuthorization",
            "\"https://t.example/d\""
        ),
        ("endpoints: { revocation: https://t.example/r }", "endpoints.revocation", "\"https://t.example/r\""),
        ("authorizationParameters: { hd: example.com }", "authorizationParameters", "{\"hd\":\"example.com\"}"),
        ("refreshTokenLifetime: 7d", "refreshTokenLifetime", "\"7d\""),
        ("revocationReach: token", "revocationReach", "\"token\""),
        ("scopes: [https://mail.google.com/, openid]", "scopes", "[\"https://mail.google.com/\",\"openid\"]"),
    ])
    func `what is written wins`(line: String, field: String, value: String) {
        let loaded = Loaded(Manifest.profile("provider: google", "grant: authorization_code", Manifest.client, line))
        #expect(Self.shown(loaded.profile("p")?.spec, field) == ["\(field) \(value) manifest"])
    }

    @Test func `a written scope of an application wins too`() {
        let loaded = Loaded(
            Manifest.profile(
                "provider: microsoft365", "tenant: t", "grant: client_credentials", Manifest.client,
                "scopes: [https://ps.outlook.com/.default]"))
        #expect(loaded.profile("p")?.scopes == ["https://ps.outlook.com/.default"])
    }

    @Test func `an issuer has the word for the endpoints, and the preset for the rest`() throws {
        let loaded = Loaded(
            Manifest.profile(
                "provider: google", "grant: authorization_code", Manifest.client, "issuer: https://accounts.google.com")
        )
        let profile = try #require(loaded.profile("p"))
        let issuer = try EndpointURL(parsing: "https://accounts.google.com")
        #expect(profile.endpoints == .discovered(issuer: issuer, asWritten: "https://accounts.google.com"))
        #expect(
            profile.spec.effective.keys.filter { $0.hasPrefix("endpoints.") }.isEmpty
                && profile.spec.value("refreshTokenLifetime") == .text("180d"))
    }

    @Test(arguments: [
        ("tenant: contoso.com", "contoso.com", "manifest"), ("", "consumers", "preset microsoft-personal@1"),
        ("tenant: common", "common", "manifest"),
    ])
    func `a tenant has a default where most people write the same`(line: String, tenant: String, origin: String) {
        let loaded = Loaded(
            Manifest.document(
                "OAuthProfile", "p",
                ["provider: microsoft-personal", "grant: device_code", "client: { id: x }"]
                    + (line.isEmpty ? [] : [line])))
        #expect(
            Self.shown(loaded.profile("p")?.spec, "tenant", "endpoints.deviceAuthorization") == [
                "tenant \"\(tenant)\" \(origin)",
                "endpoints.deviceAuthorization \"https://login.microsoftonline.com/\(tenant)/oauth2/v2.0/devicecode\" preset microsoft-personal@1",
            ])
    }

    @Test(arguments: [
        Fixture(
            Manifest.profile("provider: google", "tenant: 1️⃣t", "grant: authorization_code", Manifest.client),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "provider: generic", "tenant: 1️⃣t", "issuer: https://i/", "grant: client_credentials", Manifest.client),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "provider: generic", "cloud: 1️⃣eu", "issuer: https://i/", "grant: client_credentials", Manifest.client),
            "manifest.unknown-reference"),
        Fixture(
            Manifest.profile("provider: 1️⃣icloud", "grant: authorization_code", Manifest.client),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile("provider: generic", "grant: client_credentials", Manifest.client, name: "1️⃣p"),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile(
                "provider: generic", "endpoints: { token: https://t/ }", "grant: 1️⃣authorization_code", Manifest.client),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile(
                "provider: generic", "endpoints: { token: https://t/ }", "grant: 1️⃣device_code", "client: { id: x }"),
            "manifest.missing-field"),
    ])
    func `what a provider does not have is said`(fixture: Fixture) { fixture.check() }

    @Test func `generic is no preset`() throws {
        let loaded = Loaded(
            Manifest.profile(
                "provider: generic", "issuer: https://i.example/", "grant: device_code", "client: { id: x }"))
        let profile = try #require(loaded.profile("p"))
        #expect(loaded.findings.isEmpty && profile.preset == nil && profile.provider == "generic")
        #expect(profile.spec.effective["cloud"] == nil)
    }

    /// Each offered grant of each cloud, with the least that a manifest can say.
    @Test(arguments: ProviderPreset.all.filter(\.offersOAuth).map(\.name))
    func `every offered grant of every cloud makes a profile`(name: String) throws {
        let preset = try #require(ProviderPreset.named(name))
        for cloud in preset.clouds {
            for grant in preset.grants {
                let lines =
                    ["provider: \(name)", "cloud: \(cloud.name)", "grant: \(grant.rawValue)", Manifest.client]
                    + (preset.needsTenant ? ["tenant: contoso.com"] : [])
                    + (grant == .jwtBearer ? ["serviceAccount: { fromFile: k }"] : [])
                let loaded = Loaded(Manifest.document("OAuthProfile", "p", lines))
                let profile = try #require(loaded.profile("p"))
                #expect(loaded.diagnostics.allSatisfy { $0.code.hasPrefix("lint.") }, "\(lines) \(loaded.messages)")
                #expect(profile.preset?.cloud.name == cloud.name)
                guard case .given(let url) = profile.endpoints else {
                    Issue.record("\(name) has no token endpoint")
                    continue
                }
                #expect(url.scheme == .https)
            }
        }
    }

    @Test(
        arguments: [
            (["provider: google"], "https://accounts.google.com"),
            (["provider: fastmail"], "https://api.fastmail.com"),
            (["provider: microsoft365", "tenant: contoso.com"], nil), (["provider: microsoft-personal"], nil),
            (["provider: google", "endpoints: { token: https://t.example/t }"], nil),
            (["provider: google", "issuer: https://i.example"], "https://i.example"),
            (["issuer: https://i.example"], "https://i.example"),
        ] as [([String], String?)])
    func `an issuer is expected where the manifest or a checked fact of the preset names it`(
        lines: [String], issuer: String?
    ) throws {
        let text = Manifest.profile(lines.joined(separator: "\n  "), "grant: authorization_code", Manifest.client)
        let profile = try #require(Loaded(text).profile("p"))
        #expect(profile.expectedIssuer == issuer)
    }
}

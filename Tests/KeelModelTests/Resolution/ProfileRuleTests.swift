import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct ProfileRuleTests {
    @Test(arguments: [
        Fixture(
            Manifest.profile("provider: 1️⃣microsoft365", "grant: client_credentials", Manifest.client),
            "manifest.missing-field"),
        Fixture(Manifest.profile("grant: client_credentials", Manifest.client, name: "1️⃣p"), "manifest.missing-field"),
        Fixture(
            Manifest.profile("issuer: https://i/", "grant: 1️⃣client_credentials", "client: { id: x }"),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile("issuer: https://i/", "grant: 1️⃣jwt_bearer", Manifest.client), "manifest.missing-field"),
        Fixture(
            Manifest.profile("issuer: https://i/", "tenant: 1️⃣t", "grant: client_credentials", Manifest.client),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile("issuer: https://i/", "cloud: 1️⃣dod", "grant: client_credentials", Manifest.client),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "provider: microsoft365", "tenant: 1️⃣\"a b\"", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile(
                "provider: microsoft365", "tenant: 1️⃣\"a#b\"", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile(
                "provider: microsoft365", "tenant: 1️⃣\"a?b\"", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile(
                "provider: microsoft365", "tenant: 1️⃣\"../x\"", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile(
                "endpoints: { token: https://t/ }", "grant: 1️⃣authorization_code", Manifest.client),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile("endpoints: { token: https://t/ }", "grant: 1️⃣device_code", Manifest.client),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client, "redirectURI: 1️⃣https://x/"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client, "refreshTokenLifetime: 1️⃣90d"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client,
                "serviceAccount: 1️⃣{ fromFile: key.json }"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: device_code", "client: { id: x, secretExpires: 1️⃣2027-01-01 }"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials",
                "client: { id: x, secret: { fromEnv: S }, authentication: client_secret_post, certificate: 1️⃣c.pem }"),
            "manifest.field-not-applicable"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials",
                "client: { id: x, secret: { fromEnv: S }, authentication: 1️⃣private_key_jwt }"),
            "manifest.missing-field"),
        // One mistake is one finding.
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: 1️⃣client_credentials",
                "client: { id: x, authentication: private_key_jwt }"),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: device_code", "client: { id: x, authentication: 1️⃣client_secret_post }"),
            "manifest.missing-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: device_code", "client: { id: x, certificateExpires: 1️⃣2027-01-01 }"),
            "manifest.field-not-applicable"),
    ])
    func `a rule is explained where it is broken`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        "client: { id: x, assertion: { fromFile: jwt } }", "client: { id: x, certificate: cert.pem }", Manifest.client,
    ])
    func `any credential will do for an application`(client: String) {
        #expect(Loaded(Manifest.profile("issuer: https://i/", "grant: client_credentials", client)).findings.isEmpty)
    }

    /// The refused value was reported; what would follow from its absence is not.
    @Test(arguments: [
        Fixture(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", "client: { id: x, secret: 1️⃣hunter2 }"),
            "manifest.plain-secret"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", "client: { id: x, 1️⃣secert: { fromEnv: S } }"),
            "manifest.unknown-field"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: jwt_bearer", "client: { id: x }", "serviceAccount: 1️⃣key.json"),
            "manifest.plain-secret"),
        Fixture(
            Manifest.profile("provider: microsoft365", "tenant: 1️⃣no", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile("provider: microsoft365", "1️⃣tennant: t", "grant: client_credentials", Manifest.client),
            "manifest.unknown-field"),
        Fixture(
            Manifest.profile("provider: 1️⃣no", "tenant: t", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile(
                "1️⃣provder: microsoft365", "tenant: t", "cloud: dod", "grant: client_credentials", Manifest.client),
            "manifest.unknown-field"),
        Fixture(
            Manifest.profile(
                "provider: 1️⃣microsft365", "tenant: t", "cloud: nowhere", "grant: client_credentials", Manifest.client),
            "manifest.unknown-reference"),
        Fixture(
            Manifest.profile(
                "provider: microsoft365", "cloud: 1️⃣no", "tenant: t", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"),
    ])
    func `nothing follows from a refused value`(fixture: Fixture) { fixture.check() }

    @Test func `the words say what a field is for, and what is needed`() {
        let loaded = Loaded(
            Manifest.profile(
                "issuer: https://i/", "grant: jwt_bearer", "client: { id: x }", "tenant: t",
                "redirectURI: https://x/"))
        #expect(
            loaded.messages == [
                "grant: jwt_bearer needs spec.serviceAccount", "spec.tenant has no meaning without spec.provider",
                "spec.redirectURI has no meaning: grant is jwt_bearer",
            ])
        #expect(
            loaded.helps == [
                "write serviceAccount: { fromFile: PATH }", "remove the line, or give provider",
                "remove the line; it is for grant authorization_code",
            ])
    }

    @Test func `mistakes that do not follow from each other are all reported`() {
        Fixture(
            Manifest.profile(
                "provider: 1️⃣microsft365", "grant: 2️⃣implicit", "client: { id: 3️⃣no, secret: 4️⃣hunter2 }"),
            "manifest.unknown-reference", "manifest.bad-value", "manifest.bad-value", "manifest.plain-secret"
        ).check()
    }
}

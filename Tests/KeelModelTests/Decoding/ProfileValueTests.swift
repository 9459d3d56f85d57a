import KeelBase
import KeelModel
import Testing

/// One refused value in a profile that is in order otherwise.
struct ProfileValueTests {
    @Test(arguments: [
        "1️⃣http://login.example.com/token", "1️⃣http://localhost/token", "1️⃣https://u:p@login.example.com/token",
        "1️⃣login.example.com",
        "1️⃣\"https://login.example.com/#x\"", "1️⃣https://login.example.com:0/", "1️⃣ftp://login.example.com/", "1️⃣https://",
        "1️⃣no",
        "1️⃣\"https://login.example.com/a b\"",
    ])
    func `an endpoint that is none is one mistake`(url: String) {
        Fixture(
            Manifest.profile("endpoints: { token: \(url) }", "grant: client_credentials", Manifest.client),
            "manifest.bad-value"
        ).check()
        Fixture(Manifest.profile("issuer: \(url)", "grant: client_credentials", Manifest.client), "manifest.bad-value")
            .check()
    }

    @Test(arguments: [
        "client: { id: x, secret: { fromEnv: S }, secretExpires: 1️⃣2027-02-30 }",
        "client: { id: x, secret: { fromEnv: S }, secretExpires: 1️⃣2027-03-01T00:00:00Z }",
        "client: { id: x, secret: { fromEnv: S }, secretExpires: 1️⃣soon }",
        "client: { id: 1️⃣no, secret: { fromEnv: S } }", "client: { id: 1️⃣\"\", secret: { fromEnv: S } }",
        "client: { id: x, secret: { fromEnv: S }, authentication: 1️⃣basic }",
    ])
    func `a client's value that is none is one mistake`(line: String) {
        Fixture(Manifest.profile("issuer: https://i/", "grant: client_credentials", line), "manifest.bad-value").check()
    }

    @Test(arguments: ["90", "d", "0d", "-1d", "+1d", "1w", "1.5h", "90 d", "90D", ""])
    func `a lifetime is a number with a unit`(text: String) {
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client, "refreshTokenLifetime: 1️⃣\"\(text)\""
            ),
            "manifest.bad-value"
        ).check()
    }

    @Test(arguments: ["90d", "12h", "30m"])
    func `days, hours and minutes are lifetimes`(text: String) {
        let loaded = Loaded(
            Manifest.profile(
                "issuer: https://i/", "grant: device_code", Manifest.client, "refreshTokenLifetime: \(text)"))
        #expect(loaded.findings.isEmpty)
    }

    @Test(arguments: [
        Fixture(Manifest.profile("issuer: https://i/", "grant: 1️⃣implicit", Manifest.client), "manifest.bad-value"),
        Fixture(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", "client: 1️⃣x"), "manifest.wrong-type"),
        Fixture(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", "client: 1️⃣[x]"), "manifest.wrong-type"),
        Fixture(
            Manifest.profile("endpoints: 1️⃣https://i/token", "grant: client_credentials", Manifest.client),
            "manifest.wrong-type"),
        Fixture(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", Manifest.client, "scopes: 1️⃣\"a b\""),
            "manifest.wrong-type"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client, "scopes: [a, 1️⃣\"b c\"]"),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", Manifest.client, "scopes: [a, b, 1️⃣a]"),
            "manifest.bad-value"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client,
                "authorizationParameters: { prompt: 1️⃣no, audience: x }"), "manifest.bad-value"),
        Fixture(
            Manifest.profile(
                "issuer: https://i/", "grant: client_credentials", Manifest.client, "authorizationParameters: 1️⃣[a]"),
            "manifest.wrong-type"),
    ])
    func `another wrong value is one mistake`(fixture: Fixture) { fixture.check() }

    @Test func `scopes are a set`() {
        let one = Loaded(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", Manifest.client, "scopes: [b, a]"))
        let other = Loaded(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", Manifest.client, "scopes: [a, b]"))
        #expect(one.profile("p")?.scopes == ["a", "b"])
        #expect(one.profile("p")?.spec.declared == other.profile("p")?.spec.declared)
    }
}

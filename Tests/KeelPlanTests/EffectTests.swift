import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import Testing

/// The least work that follows from each changed field.
struct EffectTests {
    private static let obtain = [
        "OAuthProfile/idp#resolve", "OAuthProfile/idp#discover", "Authorization/idp:(app)#authorize",
        "Authorization/idp:(app)#record", "OAuthProfile/idp#record",
    ]
    private static let proveOne = ["EmailAccount/one#test", "EmailAccount/one#record"]
    private static let proveTwo = ["EmailAccount/two#test", "EmailAccount/two#record"]

    /// What is edited in the manifests, and the steps of the plan.
    private static let edits: [(from: String, to: String, steps: [String])] = [
        ("login.example.com", "login2.example.com", obtain + proveOne + proveTwo),
        ("id: app-1", "id: app-2", obtain + proveOne + proveTwo),
        ("version: \"1\"", "version: \"2\"", obtain + proveOne + proveTwo),
        ("fromEnv: SECRET", "fromFile: secret.txt", obtain + proveOne + proveTwo),
        ("scopes: [a, b]", "scopes: [a, b, c]", obtain + proveOne + proveTwo),
        ("scopes: [a, b]", "scopes: [a]", obtain + proveOne + proveTwo),
        ("scopes: [a, b]", "scopes: [c]", obtain + proveOne + proveTwo),
        ("scopes: [a, b]", "scopes: [b, a]", []),
        ("caFile: idp.pem", "caFile: other.pem", obtain + proveOne + proveTwo),
        (
            "grant: client_credentials", "grant: client_credentials\n  refreshTokenLifetime: 90d",
            ["OAuthProfile/idp#record"]
        ),
        ("version: \"1\" }", "version: \"1\" }, secretExpires: 2099-01-01", ["OAuthProfile/idp#record"]),
    ]

    private static let accountEdits: [(from: String, to: String, steps: [String])] = [
        ("server: imap.example.com", "server: imap2.example.com", proveOne),
        ("port: 993", "port: 10993", proveOne),
        ("one@example.com", "uno@example.com", proveOne),
        ("caFile: mail.pem", "caFile: other.pem", proveOne),
        ("tls: { caFile: mail.pem }\n", "\n", proveOne),
        ("active: true", "active: false", ["EmailAccount/one#record"]),
        ("debug: false", "debug: true", ["EmailAccount/one#record"]),
        ("team: desk", "team: sales", ["EmailAccount/one#record"]),
        (", labels: { team: desk }", "", ["EmailAccount/one#record"]),
        ("debug: false", "debug: false\n  lifecycle: { preventDestroy: true }", ["EmailAccount/one#record"]),
        // Said in another way: the record follows, nothing is tested.
        ("  port: 993\n", "", ["EmailAccount/one#record"]),
        ("debug: false", "debug: false\n  connectionSecurity: tls", ["EmailAccount/one#record"]),
    ]

    @Test(arguments: edits)
    func `a change of the profile`(from: String, to: String, steps: [String]) throws {
        try #require(Manifest.idp.contains(from))
        var world = World()
        world.apply(Manifest.all)
        let edited = Manifest.idp.replacing(from, with: to) + Manifest.one + Manifest.two
        try check(edited, steps, &world)
    }

    @Test(arguments: accountEdits)
    func `a change of an account`(from: String, to: String, steps: [String]) throws {
        try #require(Manifest.one.contains(from))
        var world = World()
        world.apply(Manifest.all)
        try check(Manifest.idp + Manifest.one.replacing(from, with: to) + Manifest.two, steps, &world)
    }

    /// The plan has these steps, and nothing is left to do after it.
    private func check(_ edited: String, _ steps: [String], _ world: inout World) throws {
        let plan = world.plan(edited)
        #expect(Set(plan.stepNames) == Set(steps))
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    @Test func `another application replaces the authorization, another secret keeps it`() {
        var world = World()
        world.apply(Manifest.all)
        let identity = world.plan(Manifest.all.replacing("app-1", with: "app-2"))
        #expect(
            identity.changeNames == [
                "update OAuthProfile/idp", "replace Authorization/idp:(app)", "update EmailAccount/one",
                "update EmailAccount/two",
            ])
        #expect(identity.counts.add == 1 && identity.counts.change == 3 && identity.counts.destroy == 1)
        let credential = world.plan(Manifest.all.replacing("version: \"1\"", with: "version: \"2\""))
        #expect(credential.change("Authorization/idp:(app)")?.action == .update)
        #expect(
            credential.change("EmailAccount/one")?.reasons
                == ["it is proven again with the new grant of Authorization/idp:(app)"])
    }

    @Test func `switched on, an account is authorized if needed and tested`() {
        let off = Manifest.one.replacing("active: true", with: "active: false")
        var world = World()
        world.apply(Manifest.idp + off)
        let first = world.plan(Manifest.idp + Manifest.one)
        #expect(
            Set(first.stepNames)
                == Set(Self.obtain + Self.proveOne).subtracting(["OAuthProfile/idp#record"]))
        world.apply(first)
        // Off and on again: the grant was kept alive.
        world.apply(Manifest.idp + off)
        #expect(world.state?.committed(.authorization(profile: "idp", subject: "(app)")) != nil)
        let again = world.plan(Manifest.idp + Manifest.one)
        #expect(again.stepNames == Self.proveOne)
    }

    /// While nobody used the slot, nobody renewed its grant under the profile's new settings.
    @Test(arguments: [("app-1", "app-2"), ("fromEnv: SECRET", "fromFile: s.txt"), ("idp.pem", "other.pem")])
    func `switched on after its profile changed, an account gets a new grant`(from: String, to: String) {
        let off = Manifest.one.replacing("active: true", with: "active: false")
        var world = World()
        world.apply(Manifest.idp + Manifest.one)
        world.apply(Manifest.idp + off)
        world.apply((Manifest.idp + off).replacing(from, with: to))
        #expect(world.plan((Manifest.idp + off).replacing(from, with: to)).isEmpty)
        let on = (Manifest.idp + Manifest.one).replacing(from, with: to)
        let plan = world.plan(on)
        #expect(plan.authorized.map(\.name) == ["idp:(app)"] && plan.tested.map(\.name) == ["one"])
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(on).isEmpty)
    }
}

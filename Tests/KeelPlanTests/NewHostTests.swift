import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// Credentials that would go where they never went are a reason of their own: no branch can hide it.
struct NewHostTests {
    private static let text = Manifest.idp + Manifest.one

    private static func applied(_ text: String) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    private static func reasons(_ plan: Plan, _ name: String) -> [String] {
        (plan.change(name)?.reasons ?? []).filter { $0.code == .newHost }.map(\.text)
    }

    @Test(arguments: [
        ("server: imap.example.com", "server: imap2.example.com", "server", "EmailAccount/one"),
        ("port: 993", "port: 10993", "port", "EmailAccount/one"),
        ("issuer: https://login.example.com", "issuer: https://evil.example", "issuer", "OAuthProfile/idp"),
    ])
    func `another host of a committed resource`(from: String, to: String, field: String, address: String) {
        let plan = Self.applied(Self.text).plan(Self.text.replacing(from, with: to))
        #expect(Self.reasons(plan, address) == ["credentials will be sent to a NEW host: \(field) changes"])
    }

    @Test(arguments: [("idp.pem", "OAuthProfile/idp"), ("mail.pem", "EmailAccount/one")])
    func `another authority`(file: String, address: String) {
        let plan = Self.applied(Self.text).plan(Self.text.replacing(file, with: "other.pem"))
        #expect(
            Self.reasons(plan, address) == [
                "credentials will be sent to whoever a NEW certificate authority vouches for"
            ])
    }

    /// Tokens are revoked and introspected with the client's secret, and people type theirs where they consent.
    @Test(arguments: ["token", "authorization", "deviceAuthorization", "revocation", "introspection"])
    func `an endpoint over the issuer`(endpoint: String) {
        let edited = Self.text.replacing(
            "  scopes:", with: "  endpoints: { \(endpoint): \"https://evil.example/x\" }\n  scopes:")
        let plan = Self.applied(Self.text).plan(edited)
        #expect(
            Self.reasons(plan, "OAuthProfile/idp") == [
                "credentials will be sent to a NEW host: endpoints.\(endpoint) changes"
            ])
    }

    // MARK: A new account on an old slot

    private static let elsewhere = Manifest.two.replacing("imap.example.com", with: "evil.example")
    private static let toldElsewhere = [
        "credentials will be sent to a NEW host: the grant of Authorization/idp:(app) was never sent to evil.example"
    ]

    @Test func `a new account takes an old grant to another host`() {
        let world = Self.applied(Self.text)
        #expect(Self.reasons(world.plan(Self.text + Self.elsewhere), "EmailAccount/two") == Self.toldElsewhere)
        #expect(Self.reasons(world.plan(Manifest.all), "EmailAccount/two").isEmpty)
        #expect(Self.reasons(World().plan(Self.text + Self.elsewhere), "EmailAccount/two").isEmpty)
    }

    /// An account under another name with another host is a new account with an old grant.
    @Test func `nor does it help to remove the old account`() {
        let plan = Self.applied(Self.text).plan(Manifest.idp + Self.elsewhere)
        #expect(plan.change("EmailAccount/one")?.action == .delete)
        #expect(Self.reasons(plan, "EmailAccount/two") == Self.toldElsewhere)
    }

    @Test func `an old account takes another slot's grant to its own host`() {
        let other = Manifest.idp.replacing("name: idp", with: "name: other").replacing("SECRET", with: "OTHER")
        let mine = Self.elsewhere.replacing(": idp\n", with: ": other\n")
        let world = Self.applied(Self.text + other + mine)
        let plan = world.plan(Self.text + other + Self.elsewhere)
        #expect(Self.reasons(plan, "EmailAccount/two") == Self.toldElsewhere)
    }

    @Test func `the same host under a profile's new name is no new host`() {
        let renamed = Manifest.all.replacing("name: idp", with: "name: new").replacing(": idp\n", with: ": new\n")
        let plan = Self.applied(Self.text).plan(renamed + Manifest.moved("OAuthProfile/idp", "OAuthProfile/new"))
        #expect(Self.reasons(plan, "EmailAccount/two").isEmpty)
    }

    // MARK: A secret of somebody else

    private static let borrower = Manifest.idp.replacing("name: idp", with: "name: new")

    @Test(arguments: [
        ("https://evil.example", "\"1\"", true), ("https://evil.example", "\"2\"", true),
        ("https://login.example.com", "\"1\"", false), ("https://login.example.com/realms/x", "\"1\"", false),
    ])
    func `a new profile names the secret of another one`(issuer: String, version: String, isNew: Bool) {
        let profile = Self.borrower.replacing("https://login.example.com", with: issuer)
            .replacing("\"1\"", with: version)
        let plan = Self.applied(Self.text).plan(Self.text + profile)
        let expected =
            "credentials will be sent to a NEW host: fromEnv SECRET, version \(version.dropFirst().dropLast()) is the secret of OAuthProfile/idp, and was never sent to https://evil.example"
        #expect(Self.reasons(plan, "OAuthProfile/new") == (isNew ? [expected] : []))
    }

    @Test func `an old profile names the secret of another one`() {
        let profile = Self.borrower.replacing("SECRET", with: "OTHER")
            .replacing("https://login.example.com", with: "https://evil.example")
        let world = Self.applied(Self.text + profile)
        let plan = world.plan(Self.text + profile.replacing("OTHER", with: "SECRET"))
        #expect(Self.reasons(plan, "OAuthProfile/new").count == 1)
    }

    @Test func `a secret that two hosts know already is new to neither`() {
        let second = Self.borrower.replacing("login.example.com", with: "login2.example.com")
        let third = second.replacing("name: new", with: "name: third")
        let plan = Self.applied(Self.text + second).plan(Self.text + second + third)
        #expect(Self.reasons(plan, "OAuthProfile/third").isEmpty)
    }

    /// Gone from the manifests, it is still what the secret was sent to.
    @Test func `nor does it help to remove the old profile`() {
        let profile = Self.borrower.replacing("https://login.example.com", with: "https://evil.example")
        #expect(Self.reasons(Self.applied(Self.text).plan(profile), "OAuthProfile/new").count == 1)
    }
}

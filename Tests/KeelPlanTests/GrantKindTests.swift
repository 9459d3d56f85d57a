import KeelBase
import KeelModel
import KeelPlan
import Testing

/// What each grant needs to be known before a token can be asked for.
struct GrantKindTests {
    private static let byDevice = Manifest.desk.replacing("authorization_code", with: "device_code")
        .replacing("auth\" }", with: "auth\", deviceAuthorization: \"https://login.example.com/device\" }")
    private static let byPassword = Manifest.desk.replacing("authorization_code", with: "password")
    private static let secret = Manifest.mailbox("one", "password: { fromEnv: P, version: \"1\" }")

    private static func discovered(_ profile: String) -> String {
        profile.replacing(
            "endpoints: { token: \"https://login.example.com/token\", authorization: \"https://login.example.com/auth\" }",
            with: "issuer: https://login.example.com")
    }

    private static func verification(_ plan: Plan) -> VerifyClientWork? {
        if case .verifyClient(let work)? = plan.step("OAuthProfile/desk#verify")?.work { work } else { nil }
    }

    private static func discovery(_ plan: Plan) -> DiscoverWork? {
        if case .discover(let work)? = plan.step("OAuthProfile/desk#discover")?.work { work } else { nil }
    }

    @Test(
        arguments: [
            (Manifest.desk + Manifest.mailbox("one"), .consent, .probe([.refresh])),
            (
                discovered(Manifest.desk) + Manifest.mailbox("one"), .consent,
                .probe([.pushedAuthorization, .refresh])
            ),
            (byDevice + Manifest.mailbox("one"), .consent, .probe([.deviceAuthorization, .refresh])),
            (Manifest.robot + Manifest.mailbox("one"), .request, .assertion(subject: "one@example.com")),
            (byPassword + secret, .request, .probe([.refresh])),
        ] as [(String, AuthorizeWork.Way, VerifyClientWork.How)])
    func `a grant is planned`(text: String, way: AuthorizeWork.Way, how: VerifyClientWork.How) throws {
        var world = World()
        let plan = world.plan(text)
        let slot = "Authorization/desk:one@example.com"
        #expect(plan.way(slot) == way)
        #expect(Self.verification(plan)?.how == how)
        let before = try #require(plan.after("\(slot)#authorize"))
        #expect(before.contains("OAuthProfile/desk#verify") && before.contains("OAuthProfile/desk#resolve"))
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(text).isEmpty)
    }

    @Test func `every credential of a profile is read`() {
        let text =
            Manifest.robot.replacing("version: \"1\" }", with: "version: \"1\" }, certificate: c.pem")
            + Manifest.mailbox("one")
        guard case .resolve(let work)? = World().plan(text).step("OAuthProfile/desk#resolve")?.work else {
            Issue.record("nothing is read")
            return
        }
        #expect(
            work.secrets.mapValues(\.location) == [
                "client.secret": .environment("SECRET"), "client.certificate": .file("c.pem"),
                "serviceAccount": .file("robot.json"),
            ])
    }

    @Test func `the password of a user is read for the slot, and asks for a new token when it changes`() {
        var world = World()
        let plan = world.plan(Self.byPassword + Self.secret)
        let slot = "Authorization/desk:one@example.com"
        #expect(plan.after("\(slot)#authorize")?.contains("\(slot)#resolve") == true)
        guard case .authorize(let work)? = plan.step("\(slot)#authorize")?.work else {
            Issue.record("nothing is authorized")
            return
        }
        #expect(work.client.credentials[.password] == SecretSource(.environment("P"), version: "1"))
        world.apply(plan)
        let second = world.plan(Self.byPassword + Self.secret.replacing("version: \"1\"", with: "version: \"2\""))
        #expect(second.way(slot) == .request && second.testedNames == ["one"])
        #expect(second.codes(slot)?.first == .otherCredentials)
    }

    // MARK: Metadata

    @Test func `metadata are asked for what the manifest does not say`() throws {
        let plan = World().plan(Self.discovered(Manifest.desk) + Manifest.mailbox("one"))
        let work = try #require(Self.discovery(plan))
        #expect(work.required == [.authorization, .token])
        #expect(work.useful == [.revocation, .introspection, .userinfo, .pushedAuthorization])
        #expect(work.listed == ProviderEndpoints())
    }

    @Test func `what the manifest says wins, and is no longer looked for`() throws {
        let both = Manifest.desk.replacing("  endpoints:", with: "  issuer: https://login.example.com\n  endpoints:")
        let work = try #require(Self.discovery(World().plan(both + Manifest.mailbox("one"))))
        #expect(work.required.isEmpty && !work.useful.isEmpty)
        #expect(work.listed.token?.description == "https://login.example.com/token")
    }

    /// An application that acts for itself uses its token endpoint alone.
    @Test func `nothing is looked for where nothing is missing`() {
        let text = Manifest.all.replacing(
            "issuer: https://login.example.com",
            with: "issuer: https://login.example.com\n  endpoints: { token: \"https://login.example.com/token\" }")
        #expect(World().plan(text).step("OAuthProfile/idp#discover") == nil)
        #expect(World().plan(Manifest.desk + Manifest.mailbox("one")).step("OAuthProfile/desk#discover") == nil)
    }

    // MARK: What was approved

    @Test func `another source of a credential is another work`() {
        for (base, from, to) in [
            (Manifest.desk + Manifest.mailbox("one"), "fromEnv: SECRET", "fromFile: s.txt"),
            (Manifest.robot + Manifest.mailbox("one"), "robot.json", "other.json"),
            (Self.byPassword + Self.secret, "fromEnv: P,", "fromEnv: Q,"),
        ] {
            let intent = World().plan(base).approval(lineage: nil).intent
            #expect(World().plan(base.replacing(from, with: to)).approval(lineage: nil).intent != intent)
            #expect(World().plan(base).approval(lineage: nil).intent == intent)
        }
    }
}

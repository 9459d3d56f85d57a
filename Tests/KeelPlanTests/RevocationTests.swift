import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// What ends at the provider, and what is only put aside here.
struct RevocationTests {
    private static let slot = "Authorization/desk:one@example.com"
    private static let address = ResourceAddress.authorization(profile: "desk", subject: "one@example.com")

    private static func profile(_ reach: RevocationReach, _ name: String = "desk") -> String {
        Manifest.desk.replacing(
            "auth\" }", with: "auth\", revocation: \"https://login.example.com/revoke\" }"
        ).replacing("  scopes:", with: "  revocationReach: \(reach.rawValue)\n  scopes:")
            .replacing("{ name: desk }", with: "{ name: \(name) }")
    }

    private static func applied(_ text: String) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    private static func revocation(_ plan: Plan) -> RevokeWork? {
        if case .revoke(let work)? = plan.step("\(slot)#revoke")?.work { work } else { nil }
    }

    // MARK: What is replaced

    @Test(arguments: RevocationReach.allCases, [true, false])
    func `a grant that is replaced is revoked where that cannot hit the new one`(
        reach: RevocationReach, isOtherClient: Bool
    ) throws {
        let text = Self.profile(reach) + Manifest.mailbox("one")
        var world = Self.applied(text)
        let former = try #require(world.committed(Self.slot)?.grant)
        let edited = isOtherClient ? text.replacing("app-1", with: "app-2") : text
        let plan = world.plan(edited, replacing: isOtherClient ? [] : [Self.address])
        let isRevoked: Bool
        switch reach {
        case .none: isRevoked = false
        case .token, .chain: isRevoked = true
        case .userAndClient, .unknown: isRevoked = isOtherClient
        }
        #expect((Self.revocation(plan) != nil) == isRevoked)
        #expect(plan.codes(Self.slot)?.contains(.notRevoked) == !isRevoked)
        if let work = Self.revocation(plan) {
            #expect(work.grants == [former] && work.reach == reach)
            #expect(work.endpoint?.description == "https://login.example.com/revoke")
            #expect(plan.after("\(Self.slot)#revoke") == ["\(Self.slot)#record", "EmailAccount/one#record"])
        }
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    @Test func `what another profile has from the same user for the same client is not hit`() {
        let other =
            Self.profile(.userAndClient, "other")
            + Manifest.mailbox("two", "authorizedAs: one@example.com").replacing(
                "Profile: desk", with: "Profile: other")
        let text = Self.profile(.userAndClient) + Manifest.mailbox("one") + other
        let world = Self.applied(text)
        let edited =
            (Self.profile(.userAndClient) + Manifest.mailbox("one")).replacing("app-1", with: "app-2") + other
        let plan = world.plan(edited)
        #expect(Self.revocation(plan) == nil)
        #expect(plan.reasons(Self.slot)?.last?.contains("stays in service") == true)
    }

    @Test func `nothing is revoked where no endpoint is known`() {
        let text = Manifest.desk + Manifest.mailbox("one")
        let plan = Self.applied(text).plan(text.replacing("app-1", with: "app-2"))
        #expect(Self.revocation(plan) == nil)
        #expect(plan.reasons(Self.slot)?.last?.hasSuffix("no revocation endpoint is known") == true)
    }

    /// An earlier grant is in service for whoever has not proven the new one.
    @Test func `a grant is not revoked before the last account has left it`() throws {
        let both =
            Self.profile(.chain) + Manifest.mailbox("one") + Manifest.mailbox("two", "authorizedAs: one@example.com")
        var world = Self.applied(both)
        let former = try #require(world.committed(Self.slot)?.grant)
        let edited = both.replacing("app-1", with: "app-2")
        world.apply(world.plan(edited), failing: [StepID(ResourceAddress(.emailAccount, "two"), .test)])
        #expect(world.grants[former]?.status == .current)
        let again = world.plan(edited)
        #expect(again.obtainedNames.isEmpty && Self.revocation(again)?.grants == [former])
        #expect(again.after("\(Self.slot)#revoke") == ["EmailAccount/two#record"])
        world.apply(again)
        #expect(world.grants[former] == nil && world.plan(edited).isEmpty)
    }

    @Test func `an account that is switched off keeps its grant`() {
        let off = Manifest.mailbox("two", "authorizedAs: one@example.com", "active: false")
        let text = Self.profile(.chain) + Manifest.mailbox("one")
        var world = Self.applied(text + off.replacing("active: false", with: "active: true"))
        world.apply(text + off)
        #expect(Self.revocation(world.plan(text + off, replacing: [Self.address])) == nil)
    }

    @Test func `a part revokes nothing that others still use`() throws {
        let labelled = Manifest.mailbox("one").replacing("{ name: one }", with: "{ name: one, labels: { team: desk } }")
        let other = Manifest.mailbox("two", "authorizedAs: one@example.com")
        let text = Self.profile(.chain) + labelled + other
        let world = Self.applied(text)
        let edited = text.replacing("app-1", with: "app-2")
        let selection = try Selection(
            .init(parsing: "team=desk"), desired: World.desired(edited), committed: world.state)
        #expect(Self.revocation(world.plan(edited)) != nil)
        #expect(Self.revocation(world.plan(edited).restricted(to: selection)) == nil)
    }

    /// Nobody granted it, and the next one is asked for in the same way.
    @Test func `what an application gets for itself is not revoked`() {
        let world = Self.applied(Manifest.all)
        let plan = world.plan(Manifest.all.replacing("app-1", with: "app-2"))
        #expect(!plan.steps.contains { $0.id.kind == .revoke })
        #expect(plan.changes.allSatisfy { $0.reasons.allSatisfy { $0.code != .notRevoked } })
    }

    // MARK: What is removed

    @Test func `what is removed is revoked if that is asked for`() throws {
        let text = Self.profile(.userAndClient) + Manifest.mailbox("one")
        var world = Self.applied(text)
        let grant = try #require(world.committed(Self.slot)?.grant)
        #expect(Self.revocation(world.plan("")) == nil)
        #expect(world.plan("").reasons(Self.slot)?.first?.contains("not revoked at the provider") == true)
        let plan = world.plan("", revokes: true)
        #expect(Self.revocation(plan)?.grants == [grant])
        #expect(plan.after("\(Self.slot)#revoke") == ["\(Self.slot)#record", "EmailAccount/one#record"])
        #expect(plan.counts.destroy == 3)
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.state?.addresses.isEmpty == true && world.grants.isEmpty)
    }

    @Test func `asking for it is a part of what is approved`() {
        let world = Self.applied(Self.profile(.chain) + Manifest.mailbox("one"))
        let intents = [false, true].map { world.plan("", revokes: $0).approval(lineage: nil).intent }
        #expect(Set(intents).count == 2)
    }

    /// Consented now or earlier, the approved work is the same.
    @Test func `what is replaced and revoked is no other work than what is adopted`() throws {
        let text = Self.profile(.chain) + Manifest.mailbox("one")
        var world = Self.applied(text)
        let edited = text.replacing("[mail]", with: "[mail, send]")
        let approval = world.plan(edited).approval(lineage: nil)
        world.grants["wide"] = GrantFacts(
            profile: "desk", subject: "one@example.com", status: .candidate, scopes: ["mail", "send"],
            client: "authorization_code https://login.example.com/token app-1")
        let plan = world.plan(edited)
        #expect(plan.way(Self.slot) == .adopt(grant: "wide") && Self.revocation(plan) != nil)
        #expect(plan.approval(lineage: nil).intent == approval.intent)
        #expect(try approval.remainder(of: plan).steps == plan.steps)
    }
}

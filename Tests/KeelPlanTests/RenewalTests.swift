import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// A grant that goes on under other terms, or that does not go on by itself.
struct RenewalTests {
    private static let slot = "Authorization/desk:one@example.com"
    private static let text = Manifest.desk.replacing("[mail]", with: "[mail, send]") + Manifest.mailbox("one")
    private static let narrow = Manifest.desk + Manifest.mailbox("one")
    private static let day: Int64 = 86_400

    private static func applied(_ text: String = text) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    /// Sets what the vault shows of the grant in service.
    private static func observe(_ world: inout World, _ change: (inout GrantFacts) -> Void) {
        guard let grant = world.committed(slot)?.grant, var facts = world.grants[grant] else { return }
        change(&facts)
        world.grants[grant] = facts
    }

    // MARK: Other terms

    @Test func `fewer scopes are asked for without a person, and committed when the accounts have proven them`() throws
    {
        var world = Self.applied()
        let grant = try #require(world.committed(Self.slot)?.grant)
        let plan = world.plan(Self.narrow)
        #expect(plan.way(Self.slot) == .refresh(grant: grant, .narrower))
        #expect(plan.steps.allSatisfy { $0.needsPerson == .none })
        #expect(plan.after("\(Self.slot)#record") == ["\(Self.slot)#authorize", "EmailAccount/one#test"])
        #expect(plan.codes("EmailAccount/one") == [.renewedGrant])
        #expect(plan.change(Self.slot)?.action == .update)
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.committed(Self.slot)?.grant == grant && world.grants[grant]?.status == .current)
        #expect(world.plan(Self.narrow).isEmpty)
    }

    @Test func `while one account cannot log in with fewer scopes, the grant stays as it is`() throws {
        var world = Self.applied()
        let before = world.committed(Self.slot)
        world.apply(world.plan(Self.narrow), failing: [StepID(ResourceAddress(.emailAccount, "one"), .test)])
        #expect(world.committed(Self.slot) == before)
        let again = world.plan(Self.narrow)
        #expect(again.obtainedNames == ["desk:one@example.com"] && again.testedNames == ["one"])
    }

    /// Whoever is new has nothing to lose by it.
    @Test func `a new account does not hold up the others`() {
        let world = Self.applied()
        let second = Manifest.mailbox("two", "authorizedAs: one@example.com")
        let plan = world.plan(Self.narrow + second)
        #expect(plan.after("\(Self.slot)#record") == ["\(Self.slot)#authorize", "EmailAccount/one#test"])
        #expect(plan.testedNames.sorted() == ["one", "two"])
    }

    /// More scopes take nothing from anybody.
    @Test func `more scopes are committed at once, and whoever failed then is proven later`() {
        var world = Self.applied(Self.narrow)
        let plan = world.plan(Self.text)
        #expect(plan.after("\(Self.slot)#record") == ["\(Self.slot)#authorize"])
        world.apply(plan, failing: [StepID(ResourceAddress(.emailAccount, "one"), .test)])
        let again = world.plan(Self.text)
        #expect(again.obtainedNames.isEmpty && again.testedNames == ["one"])
        world.apply(again)
        #expect(world.plan(Self.text).isEmpty)
    }

    @Test func `other scopes in place of some may need a person, and wait for the accounts`() throws {
        let world = Self.applied()
        let grant = try #require(world.committed(Self.slot)?.grant)
        let plan = world.plan(Self.text.replacing("[mail, send]", with: "[mail, read]"))
        #expect(plan.way(Self.slot) == .refresh(grant: grant, .wider))
        #expect(plan.after("\(Self.slot)#record")?.contains("EmailAccount/one#test") == true)
    }

    @Test func `a renewal is for the grant that was looked at`() throws {
        let world = Self.applied()
        let grant = try #require(world.committed(Self.slot)?.grant)
        let step = try #require(world.plan(Self.narrow).step("\(Self.slot)#authorize"))
        #expect(step.preconditions == [.grant(step.id.address, grant)])
    }

    // MARK: What the vault shows

    @Test func `a grant that only a consent mends is a change`() {
        var world = Self.applied()
        Self.observe(&world) { $0.problem = GrantFacts.RenewalProblem("invalid_grant", needsConsent: true) }
        let plan = world.plan(Self.text)
        #expect(plan.way(Self.slot) == .consent && plan.codes(Self.slot) == [.reauthorize])
        #expect(plan.testedNames == ["one"])
        #expect(plan.notes.contains { $0.code == "plan.needs-person" })
        world.apply(plan)
        #expect(world.plan(Self.text).isEmpty)
    }

    @Test func `a problem that may pass is a note`() {
        var world = Self.applied()
        Self.observe(&world) { $0.problem = GrantFacts.RenewalProblem("server_error", needsConsent: false) }
        let plan = world.plan(Self.text)
        #expect(plan.isEmpty)
        let note = plan.notes.first { $0.code == "plan.renewal-failed" }
        #expect(note?.message.contains("server_error") == true && note?.address?.description == Self.slot)
    }

    @Test(
        arguments: [
            (49, nil),
            (50, "more than 50 % of its grant's time has passed: it ends on 2027-03-06 unless it is renewed"),
            (80, "more than 80 % of its grant's time has passed: it ends on 2027-02-04 unless it is renewed"),
        ] as [(Int64, String?)])
    func `the time of a grant is told`(percent: Int64, words: String?) {
        var world = Self.applied()
        Self.observe(&world) { facts in
            let since = World.now.adding(seconds: -percent * Self.day)
            facts.horizon = GrantFacts.Horizon(since: since, end: since.adding(seconds: 100 * Self.day))
        }
        let plan = world.plan(Self.text)
        #expect(plan.isEmpty)
        #expect(plan.notes.filter { $0.code == "plan.grant-ends" }.map(\.message) == [words].compactMap(\.self))
    }

    /// Nobody is asked for what a renewal does; one whose end no renewal moves needs somebody.
    @Test func `a grant near its end is renewed, or asked for again if renewals do not help`() throws {
        var world = Self.applied(Self.text.replacing("  scopes:", with: "  refreshTokenLifetime: 100d\n  scopes:"))
        let text = Self.text.replacing("  scopes:", with: "  refreshTokenLifetime: 100d\n  scopes:")
        let grant = try #require(world.committed(Self.slot)?.grant)
        let end = World.now.adding(seconds: 4 * Self.day)
        for (since, way) in [
            (World.now.adding(seconds: -96 * Self.day), AuthorizeWork.Way.refresh(grant: grant, .again)),
            (World.now.adding(seconds: -Self.day), .consent),
        ] {
            Self.observe(&world) { $0.horizon = GrantFacts.Horizon(since: since, end: end) }
            let plan = world.plan(text)
            #expect(plan.way(Self.slot) == way && plan.codes(Self.slot)?.first == .nearHorizon)
        }
    }

    /// What passes with time is no part of what was found, and of what was approved.
    @Test func `times and problems make no approval stale`() throws {
        var world = Self.applied()
        let before = world.plan(Self.narrow)
        Self.observe(&world) { facts in
            facts.problem = GrantFacts.RenewalProblem("server_error", needsConsent: false)
            facts.horizon = GrantFacts.Horizon(since: World.now, end: World.now.adding(seconds: Self.day))
        }
        let after = world.plan(Self.narrow)
        #expect(after.approval(lineage: nil) == before.approval(lineage: nil))
        #expect(after.changes == before.changes)
    }

    // MARK: Selected accounts

    private static func part(_ world: World, _ text: String) throws -> Plan {
        let selection = try Selection(
            .init(parsing: "team=desk"), desired: World.desired(text), committed: world.state)
        return world.plan(text).restricted(to: selection)
    }

    /// They would go over to the other terms without a word.
    @Test func `an account that shares a grant is proven with it, also if it was not selected`() throws {
        let labelled = Manifest.mailbox("one").replacing("{ name: one }", with: "{ name: one, labels: { team: desk } }")
        let other = Manifest.mailbox("two", "authorizedAs: one@example.com")
        let wide = Manifest.desk.replacing("[mail]", with: "[mail, send]")
        let world = Self.applied(wide + labelled + other)
        let part = try Self.part(world, Manifest.desk + labelled + other)
        #expect(part.testedNames.sorted() == ["one", "two"])
        #expect(!part.notes.contains { $0.code == "plan.shared-grant" })
        let changed = other.replacing("imap.example.com", with: "imap2.example.com")
        let without = try Self.part(world, Manifest.desk + labelled + changed)
        #expect(without.testedNames == ["one"])
        let note = without.notes.first { $0.code == "plan.shared-grant" }
        #expect(note?.address?.description == "EmailAccount/two" && note?.isWarning == true)
    }
}

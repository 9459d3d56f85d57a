import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// Grants that cost a person's time are asked for as seldom as can be.
struct ConsentTests {
    private static let text = Manifest.desk + Manifest.mailbox("one")
    private static let slot = "Authorization/desk:one@example.com"
    private static let client = "authorization_code https://login.example.com/token app-1"

    private static func applied(_ text: String = text) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    /// A consent that fits the slot, but for what a test changes.
    private static func facts(
        _ status: GrantFacts.Status = .candidate, profile: String = "desk", subject: String = "one@example.com",
        scopes: [String] = ["mail"], client: String = client, at seconds: Int64 = 0,
        problem: GrantFacts.RenewalProblem? = nil
    ) -> GrantFacts {
        GrantFacts(
            profile: profile, subject: subject, status: status, scopes: scopes, client: client,
            created: Timestamp(seconds: seconds), problem: problem)
    }

    @Test func `a new slot needs a person`() {
        let plan = World().plan(Self.text)
        #expect(plan.way(Self.slot) == .consent)
        #expect(plan.step("\(Self.slot)#authorize")?.needsPerson == .yes)
        #expect(plan.steps.filter { $0.needsPerson != .none }.count == 1)
        #expect(plan.after("EmailAccount/one#test") == ["\(Self.slot)#authorize"])
    }

    @Test func `a consent that is in the vault and fits is adopted`() {
        for facts in [Self.facts(), Self.facts(.current), Self.facts(scopes: ["mail", "openid"])] {
            var world = World()
            world.apply(Manifest.desk)
            world.grants = ["c": facts]
            let plan = world.plan(Self.text)
            #expect(plan.way(Self.slot) == .adopt(grant: "c"))
            #expect(plan.codes(Self.slot) == [.adopted])
            #expect(plan.steps.allSatisfy { $0.needsPerson == .none })
            world.apply(plan)
            #expect(world.committed(Self.slot)?.grant == "c" && world.plan(Self.text).isEmpty)
        }
    }

    @Test func `a consent that does not fit is left alone`() {
        for facts in [
            Self.facts(.retired), Self.facts(profile: "other"), Self.facts(subject: "two@example.com"),
            Self.facts(scopes: []), Self.facts(scopes: ["openid"]),
            Self.facts(client: "authorization_code https://login.example.com/token app-2"),
        ] {
            var world = World()
            world.apply(Manifest.desk)
            world.grants = ["c": facts]
            #expect(world.plan(Self.text).way(Self.slot) == .consent, "\(facts)")
        }
    }

    @Test func `of several consents the newest is adopted that can be renewed`() {
        let dead = GrantFacts.RenewalProblem("oauth.invalid_grant", needsConsent: true)
        let passing = GrantFacts.RenewalProblem("connection.refused", needsConsent: false)
        for (newest, adopted) in [(nil, "b"), (passing, "b"), (dead, "c")] {
            var world = World()
            world.apply(Manifest.desk)
            world.grants = [
                "c": Self.facts(at: 1), "a": Self.facts(at: 0), "b": Self.facts(at: 2, problem: newest),
            ]
            #expect(world.plan(Self.text).way(Self.slot) == .adopt(grant: adopted))
        }
    }

    /// Else an apply names the command that asks again, and that command names the apply.
    @Test func `a consent that cannot be renewed any more is asked for again`() {
        var world = World()
        world.apply(Manifest.desk)
        world.grants = ["c": Self.facts(problem: .init("oauth.invalid_grant", needsConsent: true))]
        let plan = world.plan(Self.text)
        #expect(plan.way(Self.slot) == .consent)
        #expect(plan.step("\(Self.slot)#authorize")?.needsPerson == .yes)
    }

    @Test func `a consent in another vault is not seen`() {
        var world = World()
        world.apply(Manifest.desk)
        world.vault = .present(id: "other", grants: ["c": Self.facts()])
        #expect(world.plan(Self.text).way(Self.slot) == .consent)
    }

    /// A failed login never throws away a consent.
    @Test func `what a failed run obtained is adopted by the next`() {
        var world = World()
        world.apply(world.plan(Self.text), failing: [StepID(ResourceAddress(.emailAccount, "one"), .test)])
        #expect(world.committed("EmailAccount/one") == nil)
        let plan = world.plan(Self.text)
        #expect(plan.steps.allSatisfy { $0.needsPerson == .none })
        world.apply(plan)
        #expect(world.plan(Self.text).isEmpty)
    }

    // MARK: A slot that is in service

    @Test func `more scopes are asked for silently first`() {
        var world = Self.applied()
        let grant = world.committed(Self.slot)?.grant ?? ""
        let edited = Self.text.replacing("[mail]", with: "[mail, send]")
        let plan = world.plan(edited)
        #expect(plan.way(Self.slot) == .refresh(grant: grant, .wider))
        #expect(plan.step("\(Self.slot)#authorize")?.needsPerson == .maybe)
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    @Test func `more scopes that somebody has consented to already are adopted`() {
        var world = Self.applied()
        world.grants["wide"] = Self.facts(scopes: ["mail", "send"])
        #expect(world.plan(Self.text.replacing("[mail]", with: "[mail, send]")).way(Self.slot) == .adopt(grant: "wide"))
    }

    @Test func `a grant that is gone needs a person again`() {
        var world = Self.applied()
        world.grants = [:]
        let plan = world.plan(Self.text)
        #expect(plan.way(Self.slot) == .consent && plan.codes(Self.slot) == [.grantMissing])
    }

    @Test func `a replacement that is asked for adopts nothing`() {
        var world = Self.applied()
        world.grants["c"] = Self.facts()
        let slot = ResourceAddress.authorization(profile: "desk", subject: "one@example.com")
        let plan = world.plan(Self.text, replacing: [slot])
        #expect(plan.way(Self.slot) == .consent && plan.change(Self.slot)?.action == .replace)
    }

    @Test func `a consent that was given anew is put into service`() {
        // Scripts consent twice within a second.
        for seconds in [Int64(0), 1] {
            var world = Self.applied()
            world.grants["c"] = Self.facts(at: seconds)
            #expect(world.plan(Self.text).way(Self.slot) == .adopt(grant: "c"))
        }
        var world = Self.applied()
        world.grants["c"] = Self.facts(at: 1)
        let plan = world.plan(Self.text)
        #expect(plan.way(Self.slot) == .adopt(grant: "c"))
        #expect(plan.change(Self.slot)?.reasons.first?.code == .adopted)
        #expect(plan.steps.allSatisfy { $0.needsPerson == .none })
        #expect(plan.after("EmailAccount/one#test")?.contains("\(Self.slot)#authorize") == true)
        world.apply(plan)
        #expect(world.committed(Self.slot)?.grant == "c" && world.plan(Self.text).isEmpty)
    }

    @Test func `a consent that another manifest asked for is no change`() {
        for facts in [Self.facts(scopes: ["mail", "send"]), Self.facts(.current), Self.facts(.retired)] {
            var world = Self.applied()
            world.grants["c"] = facts
            #expect(world.plan(Self.text).isEmpty, "\(facts)")
        }
    }

    @Test func `a consent from before the one in service is no change`() throws {
        var world = Self.applied()
        let grant = try #require(world.committed(Self.slot)?.grant)
        world.grants[grant]?.created = Timestamp(seconds: 2)
        world.grants["older"] = Self.facts(at: 1)
        #expect(world.plan(Self.text).isEmpty)
    }

    // MARK: Several people

    private static let both = Manifest.desk + Manifest.mailbox("one") + Manifest.mailbox("two")

    /// What one person has not done yet holds up nobody else.
    @Test func `a consent that is missing leaves the others in service`() throws {
        var world = World()
        world.apply(Manifest.desk)
        world.grants = ["c": Self.facts()]
        world.apply(world.plan(Self.both), consenting: false)
        #expect(world.committed("EmailAccount/one") != nil && world.committed("EmailAccount/two") == nil)
        #expect(world.plan(Self.both).obtainedNames == ["desk:two@example.com"])
    }

    @Test func `a new profile does not wait for all of its people`() throws {
        var world = World()
        // The vault is there before anything is committed: `authorize` made the candidate.
        world.apply(Manifest.idp)
        world.grants = ["c": Self.facts()]
        world.apply(world.plan(Manifest.idp + Self.both), consenting: false)
        #expect(world.committed("EmailAccount/one") != nil && world.committed("EmailAccount/two") == nil)
        let rest = world.plan(Manifest.idp + Self.both)
        #expect(rest.obtainedNames == ["desk:two@example.com"] && rest.testedNames == ["two"])
    }

    /// Another application: whoever has consented to it already is not asked again because another person has not.
    @Test func `a consent to another application is asked for once`() throws {
        var world = Self.applied(Self.both)
        let edited = Self.both.replacing("app-1", with: "app-2")
        world.grants["c"] = Self.facts(client: Self.client.replacing("app-1", with: "app-2"))
        world.apply(world.plan(edited), consenting: false)
        #expect(world.committed(Self.slot)?.grant == "c")
        let second = world.plan(edited)
        #expect(second.way(Self.slot) == nil && second.obtainedNames == ["desk:two@example.com"])
        world.apply(second)
        #expect(world.plan(edited).isEmpty)
    }
}

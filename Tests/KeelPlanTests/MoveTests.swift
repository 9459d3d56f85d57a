import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// A rename is no other account: nobody consents and nothing logs in again.
struct MoveTests {
    private static let before = Manifest.idp + Manifest.one
    /// The same mailbox under another name.
    private static let uno = Manifest.one.replacing("name: one,", with: "name: uno,")
    private static let moved = Manifest.moved("EmailAccount/one", "EmailAccount/uno")
    /// The same application under another name, and its accounts with it.
    private static let renamed = all.replacing("name: idp", with: "name: new").replacing(": idp\n", with: ": new\n")
    private static let all = Manifest.all
    private static let profileMoved = Manifest.moved("OAuthProfile/idp", "OAuthProfile/new")

    private static func applied(_ text: String) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    @Test func `an account takes its record along`() {
        var world = Self.applied(Self.before)
        let earlier = world.committed("EmailAccount/one")
        let text = Manifest.idp + Self.uno + Self.moved
        let plan = world.plan(text)
        #expect(plan.changeNames == ["move EmailAccount/uno"] && plan.stepNames == ["EmailAccount/uno#record"])
        #expect(plan.change("EmailAccount/uno")?.previous?.name == "one")
        #expect(plan.reasons("EmailAccount/uno") == ["moved from EmailAccount/one"])
        #expect(plan.counts.move == 1 && plan.counts.change == 0)
        world.apply(plan)
        #expect(world.record("EmailAccount/one") == nil)
        #expect(world.committed("EmailAccount/uno")?.proof == earlier?.proof && earlier?.proof != nil)
        #expect(world.committed("EmailAccount/uno")?.grant == earlier?.grant)
        // The document may stay for those who have not applied it yet.
        #expect(world.plan(text).isEmpty)
        #expect(world.plan(Manifest.idp + Self.uno).isEmpty)
    }

    @Test func `a chain leads to its end, from wherever the state stands`() {
        let text =
            Manifest.idp + Self.uno + Manifest.moved("EmailAccount/zero", "EmailAccount/one") + Self.moved
        var world = Self.applied(Self.before.replacing("name: one,", with: "name: zero,"))
        let plan = world.plan(text)
        #expect(plan.changeNames == ["move EmailAccount/uno"])
        #expect(plan.change("EmailAccount/uno")?.previous?.name == "zero")
        world.apply(plan)
        #expect(world.plan(text).isEmpty)
        #expect(Self.applied(Self.before).plan(text).changeNames == ["move EmailAccount/uno"])
    }

    @Test func `what was never committed is created`() {
        let plan = World().plan(Manifest.idp + Self.uno + Self.moved)
        #expect(plan.change("EmailAccount/uno")?.action == .create)
        #expect(plan.change("EmailAccount/uno")?.previous == nil)
    }

    /// Somebody has made the new one already: the old one goes like any other.
    @Test func `two that became one are not merged`() {
        let world = Self.applied(Self.before + Self.uno)
        let plan = world.plan(Manifest.idp + Self.uno + Self.moved)
        #expect(plan.changeNames == ["delete EmailAccount/one"])
    }

    @Test func `moved and changed, it is proven under its new name`() {
        var world = Self.applied(Self.before)
        let text = Manifest.idp + Self.uno.replacing("993", with: "10993") + Self.moved
        let plan = world.plan(text)
        #expect(plan.changeNames == ["update EmailAccount/uno"])
        #expect(plan.stepNames == ["EmailAccount/uno#test", "EmailAccount/uno#record"])
        #expect(plan.codes("EmailAccount/uno") == [.newHost, .moved])
        #expect(plan.planned("EmailAccount/uno")?.previous?.name == "one")
        // What failed stays where it was, and is moved by a later run.
        world.apply(plan, failing: [StepID(ResourceAddress(.emailAccount, "uno"), .test)])
        #expect(world.committed("EmailAccount/one") != nil)
        world.apply(world.plan(text))
        #expect(world.committed("EmailAccount/one") == nil && world.plan(text).isEmpty)
    }

    @Test func `a profile takes its slots and their accounts along`() {
        var world = Self.applied(Self.all)
        let grant = world.committed("Authorization/idp:(app)")?.grant
        let text = Self.renamed + Self.profileMoved
        let plan = world.plan(text)
        #expect(
            plan.changeNames == [
                "move OAuthProfile/new", "move Authorization/new:(app)", "update EmailAccount/one",
                "update EmailAccount/two",
            ])
        #expect(plan.steps.allSatisfy { $0.id.kind == .record })
        #expect(plan.codes("EmailAccount/one") == [.moved])
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.committed("Authorization/new:(app)")?.grant == grant && grant != nil)
        #expect(world.committed("Authorization/idp:(app)") == nil)
        #expect(
            world.committed("EmailAccount/one")?.dependencies.map(\.description) == [
                "OAuthProfile/new", "Authorization/new:(app)",
            ])
        #expect(world.plan(text).isEmpty && world.plan(Self.renamed).isEmpty)
    }

    @Test func `a moved profile that is another application now authorizes anew`() {
        var world = Self.applied(Self.all)
        let text = Self.renamed.replacing("app-1", with: "app-2") + Self.profileMoved
        let plan = world.plan(text)
        #expect(plan.change("OAuthProfile/new")?.action == .update)
        #expect(plan.change("Authorization/new:(app)")?.action == .replace)
        #expect(plan.testedNames == ["one", "two"])
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(text).isEmpty && world.committed("Authorization/idp:(app)") == nil)
    }

    /// The login needs the slot under the name that it has then.
    @Test func `an account that changes while its profile moves is tested behind the move`() {
        var world = Self.applied(Self.all)
        let text =
            Self.renamed.replacing("port: 993\n  userName: one", with: "port: 10993\n  userName: one")
            + Self.profileMoved
        let plan = world.plan(text)
        #expect(plan.obtainedNames.isEmpty && plan.testedNames == ["one"])
        #expect(plan.after("EmailAccount/one#test")?.contains("Authorization/new:(app)#record") == true)
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(text).isEmpty)
    }

    @Test func `the slot of accounts that are switched off moves as well`() {
        let off = Manifest.desk + Manifest.mailbox("one", "active: false")
        var world = Self.applied(Manifest.desk + Manifest.mailbox("one"))
        world.apply(off)
        let grant = world.committed("Authorization/desk:one@example.com")?.grant
        let text = off.replacing(": desk", with: ": new") + Manifest.moved("OAuthProfile/desk", "OAuthProfile/new")
        let plan = world.plan(text)
        #expect(plan.changeNames.contains("move Authorization/new:one@example.com"))
        world.apply(plan)
        #expect(world.committed("Authorization/new:one@example.com")?.grant == grant && grant != nil)
        #expect(world.committed("Authorization/desk:one@example.com") == nil)
        #expect(world.plan(text).isEmpty)
    }

    @Test func `a slot that nobody needs goes although its profile moves`() {
        var world = Self.applied(Self.all)
        let text = Manifest.idp.replacing("name: idp", with: "name: new") + Self.profileMoved
        let plan = world.plan(text)
        world.apply(plan)
        #expect(world.state?.addresses.map(\.description) == ["OAuthProfile/new"])
        #expect(world.plan(text).isEmpty)
    }

    /// Each record is written by itself, and a run can end between any two.
    @Test func `a run that ends halfway loses nothing`() throws {
        let text =
            (Manifest.desk + Manifest.mailbox("one")).replacing(": desk", with: ": new")
            + Manifest.moved("OAuthProfile/desk", "OAuthProfile/new")
        let start = Self.applied(Manifest.desk + Manifest.mailbox("one"))
        let grant = try #require(start.committed("Authorization/desk:one@example.com")?.grant)
        for step in start.plan(text).steps {
            var world = start
            world.apply(world.plan(text), failing: [step.id])
            let rest = world.plan(text)
            #expect(rest.obtainedNames.isEmpty, "after a failure at \(step.id)")
            world.apply(rest)
            #expect(world.committed("Authorization/new:one@example.com")?.grant == grant)
            #expect(world.plan(text).isEmpty && world.state?.count == 3)
        }
    }

    /// A consent that came under the old name is not asked for again under the new one.
    @Test func `a candidate of the old name is adopted under the new one`() {
        var world = Self.applied(Manifest.desk)
        let client = "authorization_code https://login.example.com/token app-1"
        world.grants["c"] = GrantFacts(
            profile: "desk", subject: "one@example.com", status: .candidate, scopes: ["mail"], client: client)
        let text =
            (Manifest.desk + Manifest.mailbox("one")).replacing(": desk", with: ": new")
            + Manifest.moved("OAuthProfile/desk", "OAuthProfile/new")
        #expect(world.plan(text).way("Authorization/new:one@example.com") == .adopt(grant: "c"))
    }
}

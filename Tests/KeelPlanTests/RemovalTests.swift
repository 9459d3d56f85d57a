import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import Testing

/// What goes, what only stops being managed, and what must not go.
struct RemovalTests {
    private static let slot = "Authorization/idp:(app)"

    private static func applied(_ text: String) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    @Test func `what is removed goes in the opposite order`() {
        let plan = Self.applied(Manifest.all).plan("")
        #expect(
            plan.changeNames == [
                "delete OAuthProfile/idp", "delete Authorization/idp:(app)", "delete EmailAccount/one",
                "delete EmailAccount/two",
            ])
        #expect(plan.counts.destroy == 4)
        plan.expectOrdered()
        #expect(plan.after("\(Self.slot)#record") == ["EmailAccount/one#record", "EmailAccount/two#record"])
        #expect(
            plan.after("OAuthProfile/idp#record") == [
                "Authorization/idp:(app)#record", "EmailAccount/one#record", "EmailAccount/two#record",
            ])
        #expect(plan.steps.allSatisfy { $0.work == .record(.destroy) })
    }

    @Test func `a slot goes when its last account goes, and its profile stays`() {
        let world = Self.applied(Manifest.all)
        #expect(world.plan(Manifest.idp + Manifest.one).changeNames == ["delete EmailAccount/two"])
        let plan = world.plan(Manifest.idp)
        #expect(
            plan.changeNames == [
                "delete Authorization/idp:(app)", "delete EmailAccount/one", "delete EmailAccount/two",
            ])
        #expect(plan.codes(Self.slot) == [.notNeeded] && plan.codes("EmailAccount/one") == [.notDeclared])
    }

    @Test func `an account that goes to another profile leaves its old one after it was proven`() {
        var world = Self.applied(Manifest.idp + Manifest.one)
        let other = (Manifest.idp + Manifest.one).replacing("idp }", with: "new }").replacing(
            ": idp\n", with: ": new\n")
        let plan = world.plan(other)
        #expect(
            plan.changeNames == [
                "delete OAuthProfile/idp", "create OAuthProfile/new", "delete Authorization/idp:(app)",
                "create Authorization/new:(app)", "update EmailAccount/one",
            ])
        plan.expectOrdered()
        #expect(plan.after("\(Self.slot)#record") == ["EmailAccount/one#record"])
        #expect(plan.after("EmailAccount/one#test") == ["Authorization/new:(app)#authorize"])
        world.apply(plan)
        #expect(world.plan(other).isEmpty)
    }

    @Test func `a failed create that is no longer wanted is forgotten`() {
        var world = World()
        world.apply(world.plan(Manifest.all), failing: [StepID(ResourceAddress(.emailAccount, "two"), .test)])
        let plan = world.plan(Manifest.idp + Manifest.one)
        #expect(plan.changeNames == ["delete EmailAccount/two"])
        #expect(plan.change("EmailAccount/two")?.fields.isEmpty == true)
        world.apply(plan)
        #expect(world.record("EmailAccount/two") == nil)
    }

    // MARK: Removed

    @Test func `what is declared Removed is forgotten, and its grant stays`() throws {
        var world = Self.applied(Manifest.idp + Manifest.one)
        let grant = try #require(world.committed(Self.slot)?.grant)
        let text = Manifest.idp + Manifest.removed("EmailAccount/one")
        let plan = world.plan(text)
        #expect(plan.changeNames == ["forget Authorization/idp:(app)", "forget EmailAccount/one"])
        #expect(plan.counts.forget == 2 && plan.counts.destroy == 0)
        #expect(plan.codes("EmailAccount/one") == [.released] && plan.codes(Self.slot) == [.released])
        #expect(plan.steps.allSatisfy { $0.work == .record(.release) })
        #expect(plan.after("\(Self.slot)#record") == ["EmailAccount/one#record"])
        world.apply(plan)
        #expect(world.grants[grant]?.status == .current)
        #expect(world.plan(text).isEmpty && world.plan(Manifest.idp).isEmpty)
    }

    @Test func `a slot that others need stays`() {
        var world = Self.applied(Manifest.all)
        let text = Manifest.idp + Manifest.two + Manifest.removed("EmailAccount/one")
        let plan = world.plan(text)
        #expect(plan.changeNames == ["forget EmailAccount/one"])
        world.apply(plan)
        #expect(world.committed(Self.slot) != nil && world.plan(text).isEmpty)
    }

    /// One of its accounts is destroyed, and the grant with it.
    @Test func `a slot between both goes with what is destroyed`() {
        let plan = Self.applied(Manifest.all).plan(Manifest.idp + Manifest.removed("EmailAccount/one"))
        #expect(
            plan.changeNames == [
                "delete Authorization/idp:(app)", "forget EmailAccount/one", "delete EmailAccount/two",
            ])
    }

    @Test func `a profile can be declared Removed with its accounts`() {
        var world = Self.applied(Manifest.idp + Manifest.one)
        let text = Manifest.removed("OAuthProfile/idp") + Manifest.removed("EmailAccount/one")
        let plan = world.plan(text)
        #expect(plan.counts.forget == 3 && plan.counts.destroy == 0)
        world.apply(plan)
        #expect(world.state?.isEmpty == true && world.plan(text).isEmpty)
    }

    @Test func `what is gone already can be declared Removed`() {
        #expect(World().plan(Manifest.removed("EmailAccount/one")).isEmpty)
    }

    // MARK: preventDestroy

    @Test func `what must not be destroyed is not`() throws {
        let protected = Manifest.account("one", "lifecycle: { preventDestroy: true }")
        var world = Self.applied(Manifest.idp + protected + Manifest.two)
        let planner = Planner(world.input(Manifest.idp + Manifest.two))
        let diagnostic = try #require(planner.diagnostics.first)
        #expect(diagnostic.code == "plan.prevent-destroy" && planner.diagnostics.count == 1)
        #expect(diagnostic.address?.description == "EmailAccount/one")
        #expect(planner.plan.change("EmailAccount/one") == nil)
        // Its protection ends where it stops being managed, and with its protection.
        #expect(
            world.plan(Manifest.idp + Manifest.two + Manifest.removed("EmailAccount/one")).changeNames == [
                "forget EmailAccount/one"
            ])
        world.apply(Manifest.idp + Manifest.one + Manifest.two)
        #expect(world.plan(Manifest.idp + Manifest.two).changeNames == ["delete EmailAccount/one"])
    }

    @Test func `a rename is not stopped by it`() {
        let protected = Manifest.account("one", "lifecycle: { preventDestroy: true }")
        let world = Self.applied(Manifest.idp + protected)
        let text =
            Manifest.idp + protected.replacing("name: one,", with: "name: uno,")
            + Manifest.moved("EmailAccount/one", "EmailAccount/uno")
        #expect(world.plan(text).changeNames == ["move EmailAccount/uno"])
    }
}

import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import Testing

struct ReasonTests {
    @Test func `an inactive account is not said to be proven`() {
        let text = Manifest.idp + Manifest.one + Manifest.two.replacing("active: true", with: "active: false")
        var world = World()
        world.apply(text)
        let plan = world.plan(text.replacing("app-1", with: "app-2").replacing("team: desk", with: "team: sales"))
        #expect(plan.reasons("EmailAccount/two") == [])
        #expect(!plan.stepNames.contains("EmailAccount/two#test"))
    }

    @Test func `an account whose creation failed is planned again, with the failure`() {
        var world = World()
        world.apply(world.plan(Manifest.all), failing: [StepID(ResourceAddress(.emailAccount, "two"), .test)])
        let plan = world.plan(Manifest.all)
        #expect(plan.changeNames == ["create EmailAccount/two"])
        #expect(
            plan.reasons("EmailAccount/two")
                == ["the last attempt failed at 2027-01-15T08:00:00Z: the server refused"])
    }

    @Test func `an account that was committed unproven is planned again`() throws {
        var world = World()
        world.apply(Manifest.all)
        world.edit("EmailAccount/one") { $0.committed?.proof = nil }
        let plan = world.plan(Manifest.all)
        #expect(plan.stepNames == ["EmailAccount/one#test", "EmailAccount/one#record"])
        #expect(plan.reasons("EmailAccount/one") == ["it was never proven"])
    }

    /// What was in service stays in service, but the work is not done.
    @Test func `an account whose change failed is planned again, with the failure`() {
        var world = World()
        world.apply(Manifest.all)
        let rotated = Manifest.all.replacing("version: \"1\"", with: "version: \"2\"")
        let failing = StepID(ResourceAddress(.emailAccount, "two"), .test)
        world.apply(world.plan(rotated), failing: [failing])
        let plan = world.plan(rotated)
        #expect(plan.changeNames == ["update EmailAccount/two"])
        #expect(plan.stepNames == ["EmailAccount/two#test", "EmailAccount/two#record"])
        #expect(
            plan.reasons("EmailAccount/two")
                == ["the last attempt failed at 2027-01-15T08:00:00Z: the server refused"])
        world.apply(plan)
        #expect(world.plan(rotated).isEmpty)
    }

    @Test func `an account that was not reached is proven with the grant in service`() {
        var world = World()
        world.apply(Manifest.all)
        let rotated = Manifest.all.replacing("version: \"1\"", with: "version: \"2\"")
        var interrupted = world
        interrupted.apply(world.plan(rotated))
        // The run ended before it came to the second account.
        let two = ResourceAddress(.emailAccount, "two")
        interrupted.state?.set(two, world.record("EmailAccount/two"))
        let plan = interrupted.plan(rotated)
        #expect(plan.stepNames == ["EmailAccount/two#test", "EmailAccount/two#record"])
        #expect(
            plan.reasons("EmailAccount/two")
                == ["it was not proven with the grant of Authorization/idp:(app) that is in service"])
    }

    @Test func `a failed profile is tried again with all that waits for it`() {
        var world = World()
        let plan = world.plan(Manifest.all)
        world.apply(plan, failing: [StepID(ResourceAddress(.oauthProfile, "idp"), .verify)])
        let again = world.plan(Manifest.all)
        #expect(again.stepNames == plan.stepNames)
    }

    @Test func `a replacement that is asked for is a replacement`() {
        var world = World()
        world.apply(Manifest.all)
        let slot = ResourceAddress.authorization(profile: "idp", subject: "(app)")
        let plan = world.plan(Manifest.all, replacing: [slot])
        #expect(
            plan.changeNames == [
                "replace Authorization/idp:(app)", "update EmailAccount/one", "update EmailAccount/two",
            ])
        #expect(plan.reasons("Authorization/idp:(app)") == ["a replacement was asked for"])
        #expect(plan.obtainedNames == ["idp:(app)"] && plan.tested.count == 2)
        #expect(!plan.stepNames.contains("OAuthProfile/idp#record"))
    }

    @Test func `an unknown replacement is refused with the nearest name`() throws {
        var world = World()
        world.apply(Manifest.all)
        let input = world.input(Manifest.all, replacing: [.authorization(profile: "ipd", subject: "(app)")])
        let diagnostic = try #require(Planner(input).diagnostics.first)
        #expect(diagnostic.code == "plan.unknown-replacement")
        #expect(diagnostic.help == "did you mean \"Authorization/idp:(app)\"?")
    }
}

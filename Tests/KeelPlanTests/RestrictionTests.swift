import KeelBase
import KeelPlan
import Testing

/// A plan cut down to some addresses.
struct RestrictionTests {
    private static let slot = ResourceAddress.authorization(profile: "idp", subject: "(app)")
    private static let one = ResourceAddress(.emailAccount, "one")

    @Test func `what must be known beforehand comes along, and no other work`() {
        let plan = World().plan(Manifest.all)
        let cut = plan.restricted(to: [Self.slot])
        #expect(
            Set(cut.stepNames) == [
                "OAuthProfile/idp#resolve", "OAuthProfile/idp#discover", "OAuthProfile/idp#verify",
                "Authorization/idp:(app)#authorize", "Authorization/idp:(app)#record",
            ])
        #expect(cut.changeNames == ["create Authorization/idp:(app)"])
        cut.expectOrdered()
    }

    @Test func `edges that lead out are dropped`() {
        let cut = World().plan(Manifest.all).restricted(to: [Self.one])
        #expect(cut.stepNames == ["EmailAccount/one#test", "EmailAccount/one#record"])
        #expect(
            cut.after("EmailAccount/one#test") == []
                && cut.after("EmailAccount/one#record") == ["EmailAccount/one#test"])
        cut.expectOrdered()
    }

    @Test func `restricted to everything it is the same`() {
        let plan = World().plan(Manifest.all)
        #expect(plan.restricted(to: Set(plan.changes.map(\.address))) == plan)
        let none = plan.restricted(to: [])
        #expect(none.isEmpty && none.steps.isEmpty)
    }
}

import KeelBase
import KeelPlan
import KeelState
import Testing

struct NoteTests {
    private static let text = Manifest.all.replacing(
        "version: \"1\" }", with: "version: \"1\" }, secretExpires: 2027-03-01")

    @Test(
        arguments: [
            ("2027-01-28T23:59:59Z", nil), ("2027-01-30T00:00:00Z", "client.secret expires on 2027-03-01, in 30 days"),
            ("2027-02-27T12:00:00Z", "client.secret expires on 2027-03-01, in 1 day"),
            ("2027-02-28T12:00:00Z", "client.secret expires on 2027-03-01, in less than a day"),
            ("2027-03-01T00:00:00Z", "client.secret expired on 2027-03-01"),
            ("2030-01-01T00:00:00Z", "client.secret expired on 2027-03-01"),
        ] as [(String, String?)])
    func `the end of a secret is announced`(now: String, message: String?) throws {
        let plan = World().plan(Self.text, now: try #require(Timestamp(parsing: now)))
        let notes = plan.notes.filter { $0.code == "plan.secret-expires" || $0.code == "plan.secret-expired" }
        #expect(notes.map(\.message) == [message].compactMap(\.self))
        #expect(notes.allSatisfy { $0.address?.description == "OAuthProfile/idp" })
    }

    @Test func `a secret is never compared, and that is said`() {
        var world = World()
        #expect(world.plan(Manifest.all).notes.isEmpty)
        world.apply(Manifest.all)
        let plan = world.plan(Manifest.all)
        #expect(plan.notes.map(\.code) == ["plan.secret-not-compared"])
        #expect(plan.isEmpty)
        #expect(world.plan(Manifest.all.replacing("version: \"1\"", with: "version: \"2\"")).notes.isEmpty)
    }

    @Test func `what the local keeper cannot leave inactive is said long before the end`() {
        let text = Manifest.idp + Manifest.account("one", "lifecycle: { onDestroy: deactivate }")
        #expect(World().plan(text).notes.map(\.code) == ["plan.no-deactivation"])
    }
}

import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import KeelTestSupport
import Testing

struct DeterminismTests {
    private static let profiles = ["p0", "p1", "p2"].map { Manifest.idp.replacing("name: idp", with: "name: \($0)") }
    private static let accounts = (0..<30).map { number in
        Manifest.account("a\(number)").replacing(
            "oauthProfile: idp", with: "oauthProfile: \(["p0", "p1", "p2"][number % 3])")
    }

    @Test(arguments: 1..<12)
    func `the order of manifests and of the state makes no difference`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var world = World()
        world.apply((Self.profiles + Self.accounts.prefix(20)).joined())
        let edited = (Self.profiles + Self.accounts.dropFirst(5)).map {
            $0.replacing("app-1", with: "app-2").replacing("team: desk", with: "team: sales")
        }
        let plan = world.plan(edited.joined())
        var shuffled = world
        if let state = world.state {
            var resources: [ResourceAddress: ResourceRecord] = [:]
            for address in state.addresses.shuffled(using: &generator) {
                resources[address] = try state.record(address)
            }
            shuffled.state = StateDocument(
                serial: state.serial, lineage: state.lineage, vault: state.vault, resources: resources)
        }
        let other = shuffled.plan(edited.shuffled(using: &generator).joined())
        #expect(other.stepNames == plan.stepNames)
        #expect(other.steps == plan.steps)
        // Places differ with the order of the text, and nothing else does.
        #expect(
            other.json { _ in .null }.text() == plan.json { _ in .null }.text())
        other.expectOrdered()
    }

    /// Work grows with the accounts and not faster: two steps for each, and one authorization for all.
    @Test func `ten thousand accounts`() {
        let text = Manifest.idp + (0..<10_000).map { Manifest.account("n\($0)") }.joined()
        var world = World()
        let plan = world.plan(text)
        #expect(plan.changes.count == 10_002)
        #expect(plan.steps.count == 6 + 2 * 10_000)
        let edges = plan.steps.map(\.after.count).reduce(0, +)
        #expect(edges == 7 + 4 * 10_000)
        world.apply(plan)
        let input = world.input(text)
        #expect(Planner(input).plan.isEmpty)
        var edited = input
        edited.desired.accounts.removeLast(10)
        #expect(Planner(edited).plan.steps.count == 10)
    }

    @Test func `ten thousand accounts that cannot be planned`() {
        let text =
            Manifest.idp
            + (0..<10_000).map { Manifest.account("n\($0)", "managedBy: servicenow") }.joined()
        #expect(Planner(World().input(text)).diagnostics.count == 10_000)
    }
}

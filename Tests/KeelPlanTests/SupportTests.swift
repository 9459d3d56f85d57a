import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import Testing

/// What this version cannot do is said before anything is done, where it is asked for.
struct SupportTests {
    private static func findings(_ text: String, over world: World = World()) -> [String] {
        Planner(world.input(text)).diagnostics.map { "\($0.code) \($0.range?.start.description ?? "nowhere")" }
    }

    @Test(arguments: ["fromEnv: S", "fromFile: s", "fromCommand: [pass]", "fromVault: s"])
    func `a secret may come from anywhere`(source: String) {
        #expect(Self.findings(Manifest.all.replacing("fromEnv: SECRET", with: source)).isEmpty)
    }

    @Test(arguments: ["true", "false"])
    func `a promise that this version does not keep, also without a test`(active: String) throws {
        let text =
            Manifest.account("one", "managedBy: servicenow").replacing("active: true", with: "active: \(active)")
            + Manifest.idp
        #expect(Self.findings(text) == ["plan.not-supported 13:14"])
        #expect(
            Planner(World().input(text)).diagnostics.first?.help == "remove the line until a version supports it")
    }
}

import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelState
import Testing

/// What a reviewer reads, to the letter.
struct PlanTextTests {
    private static func text(_ plan: Plan) -> String { PlanText(style: TextStyle(color: false)).render(plan) }

    @Test func creation() {
        print(Self.text(World().plan(Manifest.m365 + Manifest.supportIn)))
        var world = World()
        world.apply(Manifest.m365 + Manifest.supportIn)
        let text = Manifest.m365 + Manifest.supportIn
        print(Self.text(world.plan(text.replacing("type: imap", with: "type: imap, server: imap.contoso.com"))))
        print(Self.text(world.plan(text.replacing("app-1", with: "app-2"))))
        print(Self.text(world.plan(text.replacing("} }", with: "} }\n  scopes: [https://outlook.office365.com/IMAP]"))))
        print(Self.text(world.plan(text)))
        print(Self.text(world.plan("")))
        world.apply(Manifest.all)
        print(
            Self.text(
                world.plan(
                    Manifest.all.replacing("scopes: [a, b]", with: "scopes: [b, c]").replacing(
                        "team: desk", with: "team: sales"))))
    }
}

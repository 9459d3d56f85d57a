import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import Testing

/// A plan for the accounts that a selector selects.
struct SelectionTests {
    private static func account(_ name: String, _ labels: String) -> String {
        Manifest.account(name).replacing("labels: { team: desk }", with: "labels: { \(labels) }")
    }

    private static func part(_ world: World, _ manifests: String, _ selector: String) throws -> Plan {
        let selection = try Selection(
            LabelSelector(parsing: selector), desired: World.desired(manifests), committed: world.state)
        return world.plan(manifests).restricted(to: selection)
    }

    private static let two = Manifest.idp + account("one", "team: desk") + account("two", "team: sales")

    @Test func `an account comes with its profile and authorization, and without the others`() throws {
        let part = try Self.part(World(), Self.two, "team=desk")
        #expect(
            Set(part.changeNames) == [
                "create OAuthProfile/idp", "create Authorization/idp:(app)", "create EmailAccount/one",
            ])
        #expect(part.notes.first?.code == "plan.selected")
        #expect(part.notes.first?.message.contains("1 of 2 accounts") == true)
        part.expectOrdered()
    }

    @Test func `what was approved in part is approved again in part`() throws {
        let part = try Self.part(World(), Self.two, "team=desk")
        let again = try part.approval(lineage: nil).remainder(of: World().plan(Self.two))
        #expect(again.changes == part.changes && again.steps == part.steps)
        #expect(again.approval(lineage: nil).intent == part.approval(lineage: nil).intent)
    }

    @Test func `the rest follows later`() throws {
        var world = World()
        world.apply(try Self.part(world, Self.two, "team=desk"))
        #expect(world.plan(Self.two).changeNames == ["create EmailAccount/two"])
    }

    @Test func `an account that is destroyed goes by its committed labels, and leaves what others need`() throws {
        var world = World()
        world.apply(Self.two)
        #expect(try Self.part(world, Manifest.idp, "team=desk").changeNames == ["delete EmailAccount/one"])
        let all = try Self.part(world, "", "team in (desk,sales)")
        #expect(Set(all.changeNames) == Set(world.plan("").changeNames))
    }

    @Test func `an account that is renamed or relabelled goes by both`() throws {
        var world = World()
        world.apply(Self.two)
        let renamed =
            Manifest.idp + Self.account("uno", "team: new") + Self.account("two", "team: sales") + """
                apiVersion: mailkeel/v1
                kind: Moved
                spec: { from: EmailAccount/one, to: EmailAccount/uno }
                """
        for selector in ["team=desk", "team=new"] {
            let part = try Self.part(world, renamed, selector)
            #expect(part.changes.map(\.address.name).contains("uno"), "\(selector)")
            #expect(!part.changes.map(\.address.name).contains("two"))
        }
    }

    @Test func `a selector that selects nothing plans nothing, and says which labels there are`() throws {
        let part = try Self.part(World(), Self.two, "tem=desk")
        #expect(part.isEmpty)
        #expect(part.notes.map(\.code) == ["plan.nothing-selected"])
        #expect(!PlanText(style: TextStyle(color: false)).render(part).contains("accounts match"))
        #expect(part.notes.first?.isWarning == true && part.notes.first?.message.contains("labels team") == true)
    }
}

import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
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

    /// What becomes of two accounts that share an authorization.
    private static let fates: [String: String] = [
        "stays": two,
        "other client": two.replacing("id: app-1", with: "id: app-2"),
        "narrower": two.replacing("scopes: [a, b]", with: "scopes: [a]"),
        "renamed profile": two.replacing("name: idp", with: "name: idq").replacing(
            "oauthProfile: idp", with: "oauthProfile: idq")
            + Manifest.moved("OAuthProfile/idp", "OAuthProfile/idq"),
        "one goes": Manifest.idp + account("two", "team: sales"),
        "two goes": Manifest.idp + account("one", "team: desk"),
        "all go": "",
        "accounts go": Manifest.idp,
        "one sleeps": two.replacing(
            "active: true\n  debug: false\n  tls: { caFile: mail.pem }\n---\n", with: "", maxReplacements: 0
        )
        .replacing(
            "userName: one@example.com\n  oauthProfile: idp\n  active: true",
            with: "userName: one@example.com\n  oauthProfile: idp\n  active: false"),
        "both sleep": two.replacing("active: true", with: "active: false"),
        "one sleeps, two goes": Manifest.idp
            + account("one", "team: desk").replacing("active: true", with: "active: false"),
        "swapped labels": Manifest.idp + account("one", "team: sales") + account("two", "team: desk"),
        "one renamed": Manifest.idp + account("uno", "team: desk") + account("two", "team: sales")
            + Manifest.moved("EmailAccount/one", "EmailAccount/uno"),
        "two renamed": Manifest.idp + account("one", "team: desk") + account("dos", "team: sales")
            + Manifest.moved("EmailAccount/two", "EmailAccount/dos"),
        "another profile": Manifest.idp + Manifest.idp.replacing("name: idp", with: "name: idq")
            + account("one", "team: desk").replacing("oauthProfile: idp", with: "oauthProfile: idq")
            + account("two", "team: sales"),
    ]

    @Test(arguments: fates.keys.sorted(), ["team=desk", "team=sales"])
    func `a part takes nothing from the others, and the whole follows`(fate: String, selector: String) throws {
        var world = World()
        world.apply(Self.two)
        let manifests = try #require(Self.fates[fate])
        let others = try ["EmailAccount/one", "EmailAccount/two"].filter { name in
            let part = try Self.part(world, manifests, selector)
            return part.change(name) == nil && !part.changes.contains { $0.previous?.description == name }
        }
        let before = others.map { world.record($0)?.committed?.grant }
        let part = try Self.part(world, manifests, selector)
        part.expectOrdered()
        world.apply(part)
        for (name, grant) in zip(others, before) {
            #expect(world.record(name)?.committed?.grant == grant, "\(name) keeps its grant")
            if let grant { #expect(world.grants[grant]?.status == .current, "\(name) keeps its grant in service") }
        }
        #expect(try Self.part(world, manifests, selector).changeNames == [])
        world.apply(manifests)
        #expect(world.plan(manifests).changeNames == [])
        for name in ["EmailAccount/one", "EmailAccount/two", "EmailAccount/uno", "EmailAccount/dos"] {
            guard let grant = world.record(name)?.committed?.grant else { continue }
            #expect(world.grants[grant]?.status == .current, "\(name) has a grant in the end")
        }
    }
}

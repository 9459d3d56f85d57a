import KeelBase
import KeelDiagnostics
import KeelPlan
import Testing

/// What a reviewer reads of grants.
struct GrantWordTests {
    private static let profile = Manifest.desk.replacing(
        "auth\" }", with: "auth\", revocation: \"https://login.example.com/revoke\" }"
    ).replacing("  scopes:", with: "  revocationReach: chain\n  scopes:")
    private static let text = profile + Manifest.mailbox("one")

    private static func applied(_ text: String = text) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    private static func lines(_ plan: Plan) -> [Substring] {
        PlanText(style: TextStyle(color: false)).render(plan).split(separator: "\n")
    }

    @Test(arguments: [
        (
            "[mail]", "[mail, send]",
            "> authorize: refresh with wider scopes, else authorization_code as one@example.com at https://login.example.com   [may need a person]"
        ),
        ("[mail]", "[]", "> authorize: refresh with narrower scopes as one@example.com at https://login.example.com"),
        (
            "version: \"1\"", "version: \"2\"",
            "> authorize: refresh as one@example.com at https://login.example.com"
        ),
        (
            "app-1", "app-2",
            "> authorize: authorization_code as one@example.com at https://login.example.com   [needs a person]"
        ),
        (
            "app-1", "app-2",
            "> revoke the former grant of one@example.com at https://login.example.com: this ends the grant, with all tokens that came of it"
        ),
    ])
    func `a plan says how a grant is obtained, and what ends`(from: String, to: String, line: String) {
        let plan = Self.applied().plan(Self.text.replacing(from, with: to))
        #expect(Self.lines(plan).contains("      \(line)"))
    }

    @Test func `a plan names the command that asks for a consent`() {
        let note = Self.lines(World().plan(Self.text)).last
        #expect(
            note
                == "Note: 1 authorization will wait for a person; `mailkeel authorize Authorization/desk:one@example.com` asks for the consent."
        )
        let two = Self.lines(World().plan(Self.text + Manifest.mailbox("two"))).last
        #expect(two?.contains("2 authorizations will wait for a person; `mailkeel authorize --all`") == true)
        let quiet = Self.applied().plan(Self.text.replacing("version: \"1\"", with: "version: \"2\""))
        #expect(!quiet.notes.contains { $0.code == "plan.needs-person" })
    }

    @Test func `machines read the same`() throws {
        let plan = Self.applied().plan(Self.text.replacing("app-1", with: "app-2"))
        let json = try #require(plan.step("Authorization/desk:one@example.com#revoke")).json["input"]
        #expect(json?["endpoint"] == "https://login.example.com/revoke" && json?["reach"] == "chain")
        let verify = try #require(plan.step("OAuthProfile/desk#verify")).json["input"]
        #expect(verify?["how"]?["probe"] == ["refresh"] && verify?["client"]?["clientId"] == "app-2")
    }
}

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

    @Test(arguments: [
        ("type: imap", "type: pop3", "5:9"), ("port: 993", "port: 143\n  connectionSecurity: starttls", "8:23"),
        ("oauthProfile: idp", "password: { fromEnv: P }", "3:19"),
        ("debug: false", "debug: false\n  mechanism: OAUTHBEARER", "12:14"),
        ("caFile: mail.pem", "pin: abc", "12:15"),
    ])
    func `an account`(from: String, to: String, place: String) throws {
        let text = Manifest.one.replacing(from, with: to) + Manifest.idp
        #expect(Self.findings(text) == ["plan.not-supported \(place)"])
        let diagnostic = try #require(Planner(World().input(text)).diagnostics.first)
        #expect(diagnostic.address?.description == "EmailAccount/one" && diagnostic.responsible == .manifestAuthor)
        // Declared for later, it may stand there.
        #expect(diagnostic.help == "set active: false on the accounts that need it until a version supports it")
        #expect(Self.findings(text.replacing("active: true", with: "active: false")).isEmpty)
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

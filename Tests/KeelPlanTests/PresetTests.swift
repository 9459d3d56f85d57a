import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// What a preset gives can change under a manifest that stays the same.
struct PresetTests {
    private static let text = Manifest.m365 + Manifest.supportIn

    /// The manifests are applied, and the records then say what an older preset gave.
    private static func applied(_ edits: (name: String, field: String, value: FieldValue?)...) -> World {
        var world = World()
        world.apply(text)
        for edit in edits {
            world.edit(edit.name) { record in
                let old = edit.value ?? record.committed?.effective[edit.field]?.value
                record.committed?.effective[edit.field] = old.map {
                    EffectiveValue($0, .preset(name: "microsoft365", version: 0))
                }
            }
        }
        return world
    }

    @Test func `a preset that moved is a change with that reason`() throws {
        var world = Self.applied(("EmailAccount/support-in", "server", .text("imap.old.example")))
        let plan = world.plan(Self.text)
        #expect(plan.stepNames == ["EmailAccount/support-in#test", "EmailAccount/support-in#record"])
        #expect(plan.codes("EmailAccount/support-in") == [.presetMoved, .newHost])
        #expect(
            plan.reasons("EmailAccount/support-in")?.first
                == "preset microsoft365 moved from version 0 to 2: server")
        #expect(
            plan.change("EmailAccount/support-in")?.fields == [
                FieldChange(
                    "server", .text("imap.old.example"), .text("outlook.office365.com"),
                    remark: "connection; preset microsoft365@2")
            ])
        world.apply(plan)
        #expect(world.plan(Self.text).isEmpty)
    }

    @Test func `fields that moved together are one reason`() {
        let world = Self.applied(
            ("EmailAccount/support-in", "server", .text("imap.old.example")),
            ("EmailAccount/support-in", "port", .integer(1993)))
        #expect(
            world.plan(Self.text).reasons("EmailAccount/support-in")?.first
                == "preset microsoft365 moved from version 0 to 2: server, port")
    }

    @Test func `a profile's preset can move too`() {
        var world = Self.applied(
            ("OAuthProfile/m365", "endpoints.token", .text("https://old.example/token")),
            ("Authorization/m365:(app)", "application", .text("of the old endpoint")))
        let plan = world.plan(Self.text)
        #expect(plan.codes("OAuthProfile/m365") == [.presetMoved, .newHost])
        #expect(plan.obtainedNames == ["m365:(app)"] && plan.testedNames == ["support-in"])
        world.apply(plan)
        #expect(world.plan(Self.text).isEmpty)
    }

    @Test func `another version that gives the same is no change`() {
        let world = Self.applied(
            ("EmailAccount/support-in", "server", nil), ("EmailAccount/support-in", "port", nil),
            ("OAuthProfile/m365", "endpoints.token", nil))
        #expect(world.plan(Self.text).isEmpty)
    }

    /// The manifest wrote the same value before; that its origin is another one says nothing to a server.
    @Test func `a value that comes from elsewhere is recorded only`() {
        let written = Self.text.replacing("type: imap", with: "type: imap, server: outlook.office365.com")
        var world = World()
        world.apply(written)
        let plan = world.plan(Self.text)
        #expect(plan.stepNames == ["EmailAccount/support-in#record"])
        #expect(plan.codes("EmailAccount/support-in") == [.reworded])
    }

    /// Derived scopes are the slot's own: the profile stays, and the consent grows.
    @Test func `another protocol of the same mailbox makes the consent grow`() throws {
        let person = Manifest.m365.replacing("client_credentials", with: "authorization_code") + Manifest.supportIn
        let sender = """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata: { name: support-out }
            spec: { type: smtp, userName: support@contoso.com, oauthProfile: m365, proof: deferred }
            ---

            """
        var world = World()
        world.apply(person)
        let plan = world.plan(person + sender)
        let slot = "Authorization/m365:support@contoso.com"
        let all =
            ["IMAP.AccessAsUser.All", "SMTP.Send"].map { "https://outlook.office.com/\($0)" } + ["offline_access"]
        #expect(
            plan.change(slot)?.fields == [
                FieldChange(
                    "scopes", .set([all[0], all[2]]), .set(all), remark: "consent grows; preset microsoft365@2")
            ])
        #expect(plan.change("OAuthProfile/m365") == nil)
        #expect(plan.testedNames == ["support-in"])
    }

    @Test func `scopes that a preset moved are a change with that reason`() throws {
        let person = Manifest.m365.replacing("client_credentials", with: "authorization_code") + Manifest.supportIn
        var world = World()
        world.apply(person)
        world.edit("Authorization/m365:support@contoso.com") { record in
            record.committed?.effective["scopes"] = EffectiveValue(
                .set(["old"]), .preset(name: "microsoft365", version: 1))
        }
        let reasons = try #require(world.plan(person).reasons("Authorization/m365:support@contoso.com"))
        #expect(reasons == ["preset microsoft365 moved from version 1 to 2: scopes"])
    }
}

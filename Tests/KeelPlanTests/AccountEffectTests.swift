import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import Testing

/// The least work that follows from each changed field of an account.
struct AccountEffectTests {
    /// One edit of the manifests, and what it leads to.
    struct Edit: Sendable, CustomTestStringConvertible {
        let field: String
        let base: Base
        let from: String
        let to: String
        let leadsTo: Work
        let remark: String

        init(_ field: String, _ base: Base, _ from: String, _ to: String, _ leadsTo: Work, _ remark: String) {
            self.field = field
            self.base = base
            self.from = from
            self.to = to
            self.leadsTo = leadsTo
            self.remark = remark
        }

        var testDescription: String { "\(field): \(to.debugDescription)" }
    }

    /// What is applied before the edit: the account `one` and a profile.
    enum Base: Sendable {
        /// The application acts for itself.
        case app
        /// A person consents.
        case person
        /// Kept elsewhere, and proven there.
        case keeper
        /// Kept there too, and authenticated by a password.
        case password
        /// Authenticated by a password at a provider with a preset, whose server is written out.
        case region

        var text: String {
            switch self {
            case .app: Manifest.idp + Manifest.one
            case .person: Manifest.desk + Manifest.mailbox("one")
            case .keeper: Manifest.idp + kept("oauthProfile: idp", "authentication: oauth2")
            case .password: kept("password: { fromEnv: P }", "authentication: password")
            case .region: kept("password: { fromEnv: P }", "provider: zoho")
            }
        }

        private func kept(_ more: String...) -> String {
            "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: one }\nspec:\n"
                + ["type: smtp", "server: mail.example.com", "userName: one@example.com", "recordIn: remote"].map {
                    "  \($0)\n"
                }
                .joined() + more.map { "  \($0)\n" }.joined() + "---\n"
        }
    }

    enum Work: Sendable {
        /// Another slot, and the old one goes.
        case anotherSlot(String, from: String)
        /// A login with the new settings.
        case test
        case record
        /// This version refuses it.
        case refusal
    }

    private static let edits: [Edit] = [
        Edit("type", .keeper, "type: smtp", "type: imap", .test, "connection"),
        Edit("provider", .region, "provider: zoho", "provider: yandex", .record, "record"),
        Edit("cloud", .region, "provider: zoho", "provider: zoho\n  cloud: eu", .record, "record"),
        Edit("server", .app, "imap.example.com", "imap2.example.com", .test, "connection"),
        Edit("server", .keeper, "mail.example.com", "mail2.example.com", .test, "connection"),
        Edit("port", .app, "993", "10993", .test, "connection"),
        Edit(
            "connectionSecurity", .keeper, "oauth2\n", "oauth2\n  connectionSecurity: starttls\n", .test, "connection"),
        Edit(
            "authentication", .keeper, "oauthProfile: idp\n  authentication: oauth2",
            "password: { fromEnv: P }\n  authentication: password", .test, "identity"),
        Edit("mechanism", .keeper, "oauth2\n", "oauth2\n  mechanism: OAUTHBEARER\n", .test, "connection"),
        Edit("maxConnections", .app, "debug: false", "maxConnections: 2", .record, "record"),
        // The application acts for each mailbox alike; a person does not.
        Edit("userName", .app, "one@example.com", "uno@example.com", .test, "connection"),
        Edit(
            "userName", .person, "one@example.com", "uno@example.com",
            .anotherSlot("desk:uno@example.com", from: "desk:one@example.com"), "identity"),
        Edit("userName", .password, "one@example.com", "uno@example.com", .test, "identity"),
        Edit(
            "authorizedAs", .person, "oauthProfile: desk", "oauthProfile: desk\n  authorizedAs: lead@example.com",
            .anotherSlot("desk:lead@example.com", from: "desk:one@example.com"), "identity"),
        Edit("authorizedAs", .app, "debug: false", "authorizedAs: lead@example.com", .test, "connection"),
        Edit("from", .keeper, "oauth2\n", "oauth2\n  from: no-reply@example.com\n", .test, "sender"),
        Edit("userLabel", .keeper, "oauth2\n", "oauth2\n  userLabel: Desk\n", .record, "record"),
        Edit(
            "oauthProfile", .app, "oauthProfile: idp", "oauthProfile: other",
            .anotherSlot("other:(app)", from: "idp:(app)"), "identity"),
        Edit("password", .password, "fromEnv: P", "fromEnv: Q", .test, "credential"),
        Edit("active", .app, "active: true", "active: false", .record, "service"),
        Edit("active", .keeper, "oauth2\n", "oauth2\n  active: false\n", .record, "service"),
        Edit("debug", .app, "debug: false", "debug: true", .record, "record"),
        Edit("proof", .app, "debug: false", "proof: deferred", .record, "record"),
        Edit("recordIn", .app, "debug: false", "recordIn: remote", .refusal, "record"),
        Edit("managedBy", .app, "debug: false", "managedBy: servicenow", .refusal, "record"),
        Edit("tls.caFile", .app, "mail.pem", "other.pem", .test, "connection"),
        Edit("tls.caFile", .app, "  tls: { caFile: mail.pem }\n", "", .test, "connection"),
        Edit(
            "tls.pin", .keeper, "oauth2\n", "oauth2\n  tls: { pin: jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8= }\n",
            .test, "connection"),
        Edit(
            "lifecycle.preventDestroy", .app, "debug: false", "lifecycle: { preventDestroy: true }", .record, "record"),
        Edit(
            "lifecycle.ignoreChanges", .app, "debug: false", "lifecycle: { ignoreChanges: [port] }", .record, "record"),
        Edit("lifecycle.onDestroy", .app, "debug: false", "lifecycle: { onDestroy: deactivate }", .record, "record"),
        Edit("metadata.labels", .app, "team: desk", "team: sales", .record, "record"),
        Edit("metadata.labels", .app, ", labels: { team: desk }", "", .record, "record"),
    ]

    /// Said in another way: the record follows, and nothing is tested.
    private static let rewordings: [(from: String, to: String)] = [
        ("  port: 993\n", ""), ("debug: false", "connectionSecurity: tls"), ("debug: false", "proof: required"),
    ]

    @Test func `every field has an edit`() {
        let known = FieldTable.emailAccount.definitions.map(\.name) + [EffectiveSpec.labelsField]
        #expect(Set(Self.edits.map(\.field)) == Set(known))
    }

    @Test(arguments: edits)
    func `an edit leads to what its effect asks for, and to nothing else`(_ edit: Edit) throws {
        try #require(edit.base.text.contains(edit.from))
        let others = Manifest.idp.replacing("name: idp", with: "name: other")
        var world = World()
        world.keepers = [TestKeeper()]
        world.apply(edit.base.text + others)
        let edited = edit.base.text.replacing(edit.from, with: edit.to) + others
        let planner = Planner(world.input(edited))
        let plan = planner.plan
        let isKept =
            switch edit.base {
            case .keeper, .password, .region: true
            case .app, .person: false
            }
        let change = plan.change("EmailAccount/one")
        #expect(change?.action == .update && change?.found.record != nil && change?.wanted != nil)
        #expect(
            change?.fields.first { $0.field == edit.field }?.remark?.split(separator: ";").first == edit.remark[...])

        if case .refusal = edit.leadsTo {
            #expect(planner.diagnostics.map(\.code) == ["plan.not-supported"])
            return
        }
        #expect(planner.diagnostics.isEmpty)
        let account = Set(plan.stepNames.filter { $0.hasPrefix("EmailAccount/") })
        let kinds =
            switch edit.leadsTo {
            case .record: isKept ? ["stage", "verify", "record"] : ["record"]
            case .test, .anotherSlot:
                isKept ? ["stage", "authorize", "test", "activate", "verify", "record"] : ["test", "record"]
            case .refusal: [] as [String]
            }
        #expect(account == Set(kinds.map { "EmailAccount/one#\($0)" }))
        let slots = plan.stepNames.filter { $0.hasPrefix("Authorization/") }
        if case .anotherSlot(let new, let old) = edit.leadsTo {
            #expect(
                Set(slots) == [
                    "Authorization/\(new)#authorize", "Authorization/\(new)#record", "Authorization/\(old)#record",
                ])
            #expect(plan.step("Authorization/\(old)#record")?.work == .record(.destroy))
            #expect(plan.after("Authorization/\(old)#record") == ["EmailAccount/one#record"])
        } else {
            #expect(slots.isEmpty && !plan.stepNames.contains { $0.hasPrefix("OAuthProfile/") })
        }
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    @Test(arguments: rewordings)
    func `what is the same in other words is recorded, and nothing else`(from: String, to: String) throws {
        let text = Manifest.idp + Manifest.one
        try #require(text.contains(from))
        var world = World()
        world.apply(text)
        let edited = text.replacing(from, with: to)
        let plan = world.plan(edited)
        #expect(plan.stepNames == ["EmailAccount/one#record"])
        #expect(plan.reasons("EmailAccount/one") == ["the manifest says it in another way; nothing else changes"])
        #expect(plan.change("EmailAccount/one")?.fields.isEmpty == true)
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    @Test func `the mailbox is no identity where somebody else consents`() throws {
        let text = Manifest.desk + Manifest.mailbox("one", "authorizedAs: lead@example.com")
        var world = World()
        world.apply(text)
        let edited = text.replacing("one@example.com", with: "uno@example.com")
        let plan = world.plan(edited)
        #expect(plan.stepNames == ["EmailAccount/one#test", "EmailAccount/one#record"])
        #expect(plan.change("EmailAccount/one")?.fields.map(\.remark) == ["connection"])
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    /// The mailbox consented for itself, and now somebody who is called the same does: the same slot.
    @Test func `the same person in other words keeps the grant`() {
        let text = Manifest.desk + Manifest.mailbox("one")
        var world = World()
        world.apply(text)
        let plan = world.plan(Manifest.desk + Manifest.mailbox("one", "authorizedAs: one@example.com"))
        #expect(plan.obtainedNames.isEmpty && plan.testedNames == ["one"])
    }

    /// What stops working is switched off, whatever else fails.
    @Test func `switched off, an account waits for no grant`() {
        var world = World()
        world.apply(Manifest.all)
        let edited = (Manifest.idp + Manifest.one.replacing("active: true", with: "active: false") + Manifest.two)
            .replacing("\"1\"", with: "\"2\"")
        let plan = world.plan(edited)
        #expect(plan.after("EmailAccount/one#record") == [])
        #expect(plan.testedNames == ["two"])
    }

    @Test func `switched on, an account is authorized if needed and tested`() {
        let off = Manifest.one.replacing("active: true", with: "active: false")
        var world = World()
        world.apply(Manifest.idp + off)
        let first = world.plan(Manifest.idp + Manifest.one)
        #expect(first.changeNames == ["create Authorization/idp:(app)", "update EmailAccount/one"])
        #expect(first.obtainedNames == ["idp:(app)"] && first.testedNames == ["one"])
        world.apply(first)
        // Off and on again: the grant was kept alive.
        world.apply(Manifest.idp + off)
        #expect(world.committed("Authorization/idp:(app)") != nil)
        let again = world.plan(Manifest.idp + Manifest.one)
        #expect(again.stepNames == ["EmailAccount/one#test", "EmailAccount/one#record"])
    }
}

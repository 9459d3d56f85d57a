import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import Testing

/// The least work that follows from each changed field of a profile.
struct ProfileEffectTests {
    /// One edit of the manifests, and what it leads to.
    struct Edit: Sendable, CustomTestStringConvertible {
        let field: String
        let base: Base
        let from: String
        let to: String
        let leadsTo: Work
        let remark: String
        /// Fields that follow from the edited one.
        let others: Set<String>

        init(
            _ field: String, _ base: Base, _ from: String, _ to: String, _ leadsTo: Work, _ remark: String,
            others: Set<String> = []
        ) {
            self.field = field
            self.base = base
            self.from = from
            self.to = to
            self.leadsTo = leadsTo
            self.remark = remark
            self.others = others
        }

        var testDescription: String { "\(field): \(to.debugDescription)" }
    }

    /// What is applied before the edit: a profile and its account `one`.
    enum Base: Sendable {
        /// The application acts for itself.
        case app
        /// A person consents.
        case person
        /// An application acts for a user.
        case robot
        /// A person consents, at a provider with a preset.
        case preset

        var text: String {
            switch self {
            case .app: Manifest.idp + Manifest.one
            case .person: Manifest.desk + Manifest.mailbox("one")
            case .robot: Manifest.robot + Manifest.mailbox("one")
            case .preset:
                Manifest.m365.replacing("client_credentials", with: "authorization_code\n  scopes: [mail]")
                    + Manifest.mailbox("one").replacing("oauthProfile: desk", with: "oauthProfile: m365")
            }
        }

        var profile: String {
            switch self {
            case .app: "idp"
            case .person, .robot: "desk"
            case .preset: "m365"
            }
        }

        var slot: String { "\(profile):\(self == .app ? "(app)" : "one@example.com")" }

        /// Whether a grant costs nobody's time.
        var isUnattended: Bool { self == .app || self == .robot }

        /// What must be known before tokens can be asked for.
        var preparations: [String] {
            (self == .app ? ["resolve", "discover", "verify"] : ["resolve", "verify"]).map {
                "OAuthProfile/\(profile)#\($0)"
            }
        }
    }

    enum Work: Sendable {
        /// A new authorization, and the old one retired.
        case another
        /// A token again for the same identity.
        case again
        case record
    }

    private static let edits: [Edit] = [
        Edit(
            "provider", .preset, "microsoft365", "microsoft-personal", .another, "identity"),
        Edit(
            "cloud", .preset, "  tenant:", "  cloud: gcc-high\n  tenant:", .another, "identity",
            others: ["endpoints.token", "endpoints.authorization", "endpoints.deviceAuthorization"]),
        Edit(
            "tenant", .preset, "contoso.com", "fabrikam.com", .another, "identity",
            others: ["endpoints.token", "endpoints.authorization", "endpoints.deviceAuthorization"]),
        Edit("issuer", .app, "login.example.com", "login2.example.com", .another, "identity"),
        Edit("endpoints.authorization", .person, ".com/auth", ".com/authorize", .another, "identity"),
        Edit("endpoints.token", .person, ".com/token", ".com/tokens", .another, "identity"),
        Edit(
            "endpoints.deviceAuthorization", .person, "endpoints: {",
            "endpoints: { deviceAuthorization: \"https://login.example.com/d\",", .another, "identity"),
        Edit(
            "endpoints.revocation", .person, "endpoints: {",
            "endpoints: { revocation: \"https://login.example.com/r\",", .record, "record"),
        Edit(
            "endpoints.introspection", .person, "endpoints: {",
            "endpoints: { introspection: \"https://login.example.com/i\",", .record, "record"),
        Edit(
            "endpoints.userinfo", .person, "endpoints: {",
            "endpoints: { userinfo: \"https://login.example.com/u\",", .record, "record"),
        Edit(
            "endpoints.pushedAuthorization", .person, "endpoints: {",
            "endpoints: { pushedAuthorization: \"https://login.example.com/par\",", .record, "record"),
        Edit(
            "grant", .person, "auth\" }\n  grant: authorization_code",
            "auth\", deviceAuthorization: \"https://login.example.com/d\" }\n  grant: device_code", .another,
            "identity",
            others: ["endpoints.deviceAuthorization"]),
        Edit("client.id", .app, "app-1", "app-2", .another, "identity"),
        Edit("client.id", .person, "app-1", "app-2", .another, "identity"),
        Edit("client.secret", .app, "version: \"1\"", "version: \"2\"", .again, "credential"),
        Edit("client.secret", .app, "fromEnv: SECRET", "fromFile: secret.txt", .again, "credential"),
        Edit("client.secret", .person, "version: \"1\"", "version: \"2\"", .again, "credential"),
        Edit("client.secretExpires", .app, "\"1\" }", "\"1\" }, secretExpires: 2099-01-01", .record, "record"),
        Edit(
            "client.authentication", .app, "\"1\" }", "\"1\" }, authentication: client_secret_post", .again,
            "credential"),
        Edit(
            "client.assertion", .person, "\"1\" }", "\"1\" }, assertion: { fromFile: a.jwt }", .again, "credential",
            others: ["client.authentication"]),
        Edit(
            "client.certificate", .person, "\"1\" }", "\"1\" }, certificate: c.pem", .again, "credential",
            others: ["client.authentication"]),
        Edit(
            "client.certificateExpires", .person, "\"1\" }",
            "\"1\" }, certificate: c.pem, certificateExpires: 2099-01-01", .again, "record",
            others: ["client.certificate", "client.authentication"]),
        Edit("serviceAccount", .robot, "robot.json", "other.json", .again, "credential"),
        Edit("scopes", .app, "[a, b]", "[a, b, c]", .again, "consent grows"),
        Edit("scopes", .app, "[a, b]", "[a]", .again, "narrowing"),
        Edit("scopes", .app, "[a, b]", "[c]", .again, "consent grows"),
        Edit("scopes", .person, "[mail]", "[mail, send]", .again, "consent grows"),
        Edit(
            "redirectURI", .person, "  scopes:", "  redirectURI: http://127.0.0.1:8400/\n  scopes:", .record, "record"),
        Edit(
            "authorizationParameters", .app, "  scopes:", "  authorizationParameters: { audience: x }\n  scopes:",
            .again, "consent"),
        Edit("refreshTokenLifetime", .person, "  scopes:", "  refreshTokenLifetime: 90d\n  scopes:", .record, "record"),
        Edit("revocationReach", .app, "  scopes:", "  revocationReach: chain\n  scopes:", .record, "record"),
        Edit("tls.caFile", .app, "idp.pem", "other.pem", .again, "connection"),
        Edit("metadata.labels", .app, "name: idp }", "name: idp, labels: { a: b } }", .record, "record"),
    ]

    @Test func `every field has an edit`() {
        let known = FieldTable.oauthProfile.definitions.map(\.name) + [EffectiveSpec.labelsField]
        #expect(Set(Self.edits.map(\.field)) == Set(known))
    }

    @Test(arguments: edits)
    func `an edit leads to what its effect asks for, and to nothing else`(_ edit: Edit) throws {
        let base = edit.base
        try #require(base.text.contains(edit.from))
        var world = World()
        world.apply(base.text)
        let former = try #require(world.committed("Authorization/\(base.slot)")?.grant)
        let edited = base.text.replacing(edit.from, with: edit.to)
        let plan = world.plan(edited)

        let change = try #require(plan.change("OAuthProfile/\(base.profile)"))
        #expect(change.action == .update && change.found.record != nil && change.wanted != nil)
        #expect(Set(change.fields.map(\.field)) == edit.others.union([edit.field]))
        #expect(change.fields.first { $0.field == edit.field }?.remark == edit.remark)
        let record = ["OAuthProfile/\(base.profile)#record"]
        let slot = "Authorization/\(base.slot)"
        let obtain = base.preparations + ["\(slot)#authorize", "\(slot)#record"] + record
        let prove = ["EmailAccount/one#test", "EmailAccount/one#record"]
        switch edit.leadsTo {
        case .another:
            #expect(Set(plan.stepNames) == Set(obtain + prove))
            #expect(plan.change(slot)?.action == .replace)
            #expect(plan.way(slot) == (base.isUnattended ? .request : .consent))
        case .again:
            #expect(Set(plan.stepNames) == Set(obtain + prove))
            #expect(plan.change(slot)?.action == .update)
            let renewal: AuthorizeWork.Renewal = edit.field == "scopes" ? .wider : .again
            #expect(plan.way(slot) == (base.isUnattended ? .request : .refresh(grant: former, renewal)))
        case .record: #expect(plan.stepNames == record)
        }
        plan.expectOrdered()

        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
        let isRetired = world.grants[former]?.status == .retired
        switch edit.leadsTo {
        case .another: #expect(isRetired)
        // What a person gave goes on, and what an application gets for itself is asked for anew.
        case .again: #expect(isRetired == base.isUnattended)
        case .record: #expect(!isRetired)
        }
    }

    /// A profile is committed as soon as its client is accepted, and its slots follow one by one.
    @Test(arguments: edits.filter { if case .record = $0.leadsTo { false } else { true } })
    func `a slot that was not filled again is remembered`(_ edit: Edit) throws {
        let base = edit.base
        var world = World()
        world.apply(base.text)
        let edited = base.text.replacing(edit.from, with: edit.to)
        let slot = try #require(ResourceAddress(parsing: "Authorization/\(base.slot)"))
        let first = world.plan(edited)
        world.apply(first, failing: [StepID(slot, .authorize)])
        let second = world.plan(edited)
        #expect(
            second.changeNames == [
                "\(first.change(slot.description)?.action.rawValue ?? "") \(slot)", "update EmailAccount/one",
            ])
        #expect(second.way(slot.description) == first.way(slot.description) && second.testedNames == ["one"])
        #expect(second.items[slot] == first.items[slot])
        second.expectOrdered()
        world.apply(second)
        #expect(world.plan(edited).isEmpty)
    }

    /// An older version did not write what slots remember.
    @Test func `a slot that remembers nothing goes by its profile`() {
        var world = World()
        world.apply(Manifest.all)
        world.edit("Authorization/idp:(app)") { record in
            record.committed?.effective["application"] = nil
            record.committed?.effective["credentials"] = nil
        }
        #expect(world.plan(Manifest.all).isEmpty)
        let plan = world.plan(Manifest.all.replacing("app-1", with: "app-2"))
        #expect(plan.change("Authorization/idp:(app)")?.action == .replace)
        // What is not for people is not shown.
        #expect(plan.change("Authorization/idp:(app)")?.fields.isEmpty == true)
    }

    @Test func `scopes in another order are no change`() {
        var world = World()
        world.apply(Manifest.all)
        #expect(world.plan(Manifest.all.replacing("[a, b]", with: "[b, a]")).isEmpty)
    }

    @Test func `another application replaces the authorization, another secret keeps it`() {
        var world = World()
        world.apply(Manifest.all)
        let identity = world.plan(Manifest.all.replacing("app-1", with: "app-2"))
        #expect(
            identity.changeNames == [
                "update OAuthProfile/idp", "replace Authorization/idp:(app)", "update EmailAccount/one",
                "update EmailAccount/two",
            ])
        #expect(identity.counts.add == 1 && identity.counts.change == 3 && identity.counts.destroy == 1)
        #expect(identity.codes("Authorization/idp:(app)") == [.otherApplication])
        let credential = world.plan(Manifest.all.replacing("version: \"1\"", with: "version: \"2\""))
        #expect(credential.change("Authorization/idp:(app)")?.action == .update)
        #expect(credential.codes("Authorization/idp:(app)") == [.otherCredentials])
        #expect(
            credential.reasons("EmailAccount/one")
                == ["it is proven again with the new grant of Authorization/idp:(app)"])
    }

    /// While nobody used the slot, nobody renewed its grant under the profile's new settings.
    @Test(arguments: [("app-1", "app-2"), ("fromEnv: SECRET", "fromFile: s.txt"), ("idp.pem", "other.pem")])
    func `switched on after its profile changed, an account gets a new grant`(from: String, to: String) {
        let off = Manifest.one.replacing("active: true", with: "active: false")
        var world = World()
        world.apply(Manifest.idp + Manifest.one)
        world.apply(Manifest.idp + off)
        world.apply((Manifest.idp + off).replacing(from, with: to))
        #expect(world.plan((Manifest.idp + off).replacing(from, with: to)).isEmpty)
        let on = (Manifest.idp + Manifest.one).replacing(from, with: to)
        let plan = world.plan(on)
        #expect(plan.obtainedNames == ["idp:(app)"] && plan.testedNames == ["one"])
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(on).isEmpty)
    }
}

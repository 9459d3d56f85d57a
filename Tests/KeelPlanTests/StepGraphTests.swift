import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import Testing

struct StepGraphTests {
    @Test func `one profile and two accounts`() {
        let plan = World().plan(Manifest.all)
        #expect(
            plan.changeNames == [
                "create OAuthProfile/idp", "create Authorization/idp:(app)", "create EmailAccount/one",
                "create EmailAccount/two",
            ])
        #expect(
            Dictionary(uniqueKeysWithValues: plan.steps.map { ($0.id.description, $0.after.map(\.description)) }) == [
                "OAuthProfile/idp#resolve": [],
                "OAuthProfile/idp#discover": [],
                "Authorization/idp:(app)#authorize": ["OAuthProfile/idp#resolve", "OAuthProfile/idp#discover"],
                "Authorization/idp:(app)#record": ["Authorization/idp:(app)#authorize"],
                "OAuthProfile/idp#record": ["Authorization/idp:(app)#authorize"],
                "EmailAccount/one#test": ["Authorization/idp:(app)#authorize"],
                "EmailAccount/one#record": [
                    "EmailAccount/one#test", "OAuthProfile/idp#record", "Authorization/idp:(app)#record",
                ],
                "EmailAccount/two#test": ["Authorization/idp:(app)#authorize"],
                "EmailAccount/two#record": [
                    "EmailAccount/two#test", "OAuthProfile/idp#record", "Authorization/idp:(app)#record",
                ],
            ])
        plan.expectOrdered()
        #expect(plan.counts.add == 4 && plan.counts.change == 0 && plan.counts.destroy == 0)
        #expect(plan.tested.map(\.name) == ["one", "two"] && plan.authorized.map(\.name) == ["idp:(app)"])
    }

    @Test func `every step has what its executor needs`() throws {
        let plan = World().plan(Manifest.all)
        let source = SecretSource(.environment("SECRET"), version: "1")
        guard case .resolve(let resolve)? = plan.step("OAuthProfile/idp#resolve")?.work,
            case .discover(let discover)? = plan.step("OAuthProfile/idp#discover")?.work,
            case .authorize(let authorize)? = plan.step("Authorization/idp:(app)#authorize")?.work,
            case .test(let test)? = plan.step("EmailAccount/one#test")?.work,
            case .record(let record)? = plan.step("EmailAccount/one#record")?.work
        else {
            Issue.record("a step is missing")
            return
        }
        #expect(resolve.secrets == ["client.secret": source])
        #expect(discover.asWritten == "https://login.example.com" && discover.trust == Trust(caFile: "idp.pem"))
        #expect(authorize.subject == "(app)" && authorize.grant == .clientCredentials && authorize.clientID == "app-1")
        #expect(authorize.tokenEndpoint == nil && authorize.issuer == "https://login.example.com")
        #expect(authorize.scopes == ["a", "b"] && authorize.secret == source)
        #expect(authorize.trust == Trust(caFile: "idp.pem"))
        #expect(test.endpoint == HostPort(host: "imap.example.com", port: 993) && test.type == .imap)
        #expect(test.userName == "one@example.com" && test.mechanism == .xoauth2 && test.security == .tls)
        #expect(test.trust == Trust(caFile: "mail.pem") && test.authorization.name == "idp:(app)")
        let planned = try #require(record.record)
        #expect(planned.proven && planned.authorization?.name == "idp:(app)")
        #expect(planned.dependencies.map(\.description) == ["OAuthProfile/idp", "Authorization/idp:(app)"])
        #expect(planned.declared["userName"] == .text("one@example.com"))
    }

    @Test func `a given endpoint needs no discovery`() {
        let plan = World().plan(Manifest.m365 + Manifest.supportIn)
        #expect(!plan.stepNames.contains("OAuthProfile/m365#discover"))
        guard case .authorize(let work)? = plan.step("Authorization/m365:(app)#authorize")?.work else { return }
        #expect(work.tokenEndpoint?.description == "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token")
    }

    @Test func `applied, nothing is left to do`() {
        var world = World()
        world.apply(Manifest.all)
        let plan = world.plan(Manifest.all)
        #expect(plan.isEmpty && plan.steps.isEmpty)
    }

    @Test func `an inactive account is recorded and nothing else`() {
        let off = Manifest.one.replacing("active: true", with: "active: false")
        let plan = World().plan(Manifest.idp + off)
        #expect(plan.changeNames == ["create OAuthProfile/idp", "create EmailAccount/one"])
        #expect(plan.stepNames == ["OAuthProfile/idp#record", "EmailAccount/one#record"])
        guard case .record(let work)? = plan.step("EmailAccount/one#record")?.work else { return }
        #expect(work.record?.proven == false && work.record?.authorization == nil)
        #expect(work.record?.dependencies.map(\.description) == ["OAuthProfile/idp"])
    }

    @Test func `what is removed goes in the opposite order`() {
        var world = World()
        world.apply(Manifest.all)
        let plan = world.plan("")
        #expect(
            plan.changeNames == [
                "delete OAuthProfile/idp", "delete Authorization/idp:(app)", "delete EmailAccount/one",
                "delete EmailAccount/two",
            ])
        #expect(plan.counts.destroy == 4)
        plan.expectOrdered()
        let slot = plan.step("Authorization/idp:(app)#record")?.after.map(\.description)
        #expect(slot == ["EmailAccount/one#record", "EmailAccount/two#record"])
        let profile = plan.step("OAuthProfile/idp#record")?.after.map(\.description)
        #expect(
            profile == ["Authorization/idp:(app)#record", "EmailAccount/one#record", "EmailAccount/two#record"])
        #expect(
            plan.steps.allSatisfy { step in
                if case .record(let work) = step.work { work.record == nil } else { false }
            })
    }

    @Test func `a slot goes when its last account goes, and its profile stays`() {
        var world = World()
        world.apply(Manifest.all)
        #expect(world.plan(Manifest.idp + Manifest.one).changeNames == ["delete EmailAccount/two"])
        #expect(
            world.plan(Manifest.idp).changeNames == [
                "delete Authorization/idp:(app)", "delete EmailAccount/one", "delete EmailAccount/two",
            ])
    }

    @Test func `an account that moves to another profile leaves its old one after it was proven`() {
        var world = World()
        world.apply(Manifest.idp + Manifest.one)
        let moved = (Manifest.idp + Manifest.one).replacing("idp }", with: "new }").replacing(
            ": idp\n", with: ": new\n")
        let plan = world.plan(moved)
        #expect(
            plan.changeNames == [
                "delete OAuthProfile/idp", "create OAuthProfile/new", "delete Authorization/idp:(app)",
                "create Authorization/new:(app)", "update EmailAccount/one",
            ])
        plan.expectOrdered()
        #expect(plan.step("Authorization/idp:(app)#record")?.after.map(\.description) == ["EmailAccount/one#record"])
        #expect(
            plan.step("EmailAccount/one#test")?.after.map(\.description) == ["Authorization/new:(app)#authorize"])
    }

    @Test func `a failed create that is no longer wanted is forgotten`() {
        var world = World()
        world.apply(world.plan(Manifest.all), failing: [StepID(ResourceAddress(.emailAccount, "two"), .test)])
        let plan = world.plan(Manifest.idp + Manifest.one)
        #expect(plan.changeNames == ["delete EmailAccount/two"])
        #expect(plan.change("EmailAccount/two")?.fields.isEmpty == true)
    }
}

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
                "OAuthProfile/idp#verify": ["OAuthProfile/idp#resolve", "OAuthProfile/idp#discover"],
                "Authorization/idp:(app)#authorize": [
                    "OAuthProfile/idp#resolve", "OAuthProfile/idp#discover", "OAuthProfile/idp#verify",
                ],
                "Authorization/idp:(app)#record": ["Authorization/idp:(app)#authorize"],
                "OAuthProfile/idp#record": ["OAuthProfile/idp#verify"],
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
        #expect(plan.testedNames == ["one", "two"] && plan.obtainedNames == ["idp:(app)"])
    }

    @Test func `every step has what its executor needs`() throws {
        let plan = World().plan(Manifest.all)
        let source = SecretSource(.environment("SECRET"), version: "1")
        guard case .resolve(let resolve)? = plan.step("OAuthProfile/idp#resolve")?.work,
            case .discover(let discover)? = plan.step("OAuthProfile/idp#discover")?.work,
            case .verifyClient(let verify)? = plan.step("OAuthProfile/idp#verify")?.work,
            case .authorize(let authorize)? = plan.step("Authorization/idp:(app)#authorize")?.work,
            case .test(let test)? = plan.step("EmailAccount/one#test")?.work
        else {
            Issue.record("a step is missing")
            return
        }
        #expect(resolve.secrets == ["client.secret": source])
        #expect(discover.asWritten == "https://login.example.com" && discover.trust == Trust(caFile: "idp.pem"))
        #expect(authorize.subject == "(app)" && authorize.way == .request && authorize.client == verify.client)
        #expect(verify.client.tokenEndpoint == nil && verify.client.issuer == "https://login.example.com")
        #expect(verify.client.scopes == ["a", "b"] && verify.client.credentials == [.clientSecret: source])
        #expect(verify.client.trust == Trust(caFile: "idp.pem"))
        #expect(test.endpoint == HostPort(host: "imap.example.com", port: 993) && test.type == .imap)
        #expect(test.userName == "one@example.com" && test.mechanism == nil && test.security == .tls)
        #expect(test.trust == Trust(caFile: "mail.pem") && test.authorization?.name == "idp:(app)")
        #expect(verify.client.grant == .clientCredentials && verify.client.clientID == "app-1")
        let planned = try #require(plan.planned("EmailAccount/one"))
        #expect(
            planned.proof == .login && planned.settings == test.settings && planned.authorization?.name == "idp:(app)")
        #expect(planned.dependencies.map(\.description) == ["OAuthProfile/idp", "Authorization/idp:(app)"])
        #expect(planned.values.declared["userName"] == .text("one@example.com"))
    }

    @Test func `a given endpoint needs no discovery`() {
        let plan = World().plan(Manifest.m365 + Manifest.supportIn)
        #expect(!plan.stepNames.contains("OAuthProfile/m365#discover"))
        guard case .authorize(let work)? = plan.step("Authorization/m365:(app)#authorize")?.work else { return }
        #expect(
            work.client.tokenEndpoint?.description == "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token")
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
        let planned = plan.planned("EmailAccount/one")
        #expect(planned?.proof == .earlier && planned?.authorization == nil)
        #expect(planned?.dependencies.map(\.description) == ["OAuthProfile/idp"])
    }
}

import KeelBase
import KeelModel
import Testing

struct AccountEffectTests {
    private static func account(_ grant: String, _ more: [String]) throws -> EffectiveAccount {
        let profile = Manifest.profile(
            "endpoints: { token: https://t.example/ }", "grant: \(grant)", Manifest.client)
        let text = profile + Manifest.document("EmailAccount", "a", ["type: smtp", "server: h", "userName: u"] + more)
        return try #require(Loaded(text).account("a"))
    }

    private static let oauth = "oauthProfile: p"
    private static let boss = "authorizedAs: boss"
    private static let password = "password: { fromEnv: P }"

    struct Case: Sendable {
        let field: String
        let grant: String
        /// Further lines of the account that is wanted.
        let more: [String]
        /// The subject of the committed slot.
        let subject: String?
        let effect: Effect

        init(_ field: String, _ grant: String, _ more: [String], was subject: String?, _ effect: Effect) {
            self.field = field
            self.grant = grant
            self.more = more
            self.subject = subject
            self.effect = effect
        }
    }

    @Test(arguments: [
        Case("userName", "authorization_code", [oauth], was: "old", .identity),
        Case("userName", "device_code", [oauth], was: nil, .identity),
        Case("userName", "authorization_code", [oauth], was: "u", .connection),
        Case("userName", "authorization_code", [oauth, boss], was: "boss", .connection),
        Case("userName", "authorization_code", [oauth, boss], was: "old", .connection),
        Case("userName", "client_credentials", [oauth], was: "(app)", .connection),
        Case("userName", "client_credentials", [oauth], was: "old", .connection),
        Case("userName", "client_credentials", [password], was: nil, .identity),
        Case("userName", "client_credentials", ["authentication: none"], was: nil, .connection),
        Case("authorizedAs", "authorization_code", [oauth, boss], was: "u", .identity),
        Case("authorizedAs", "authorization_code", [oauth], was: "boss", .identity),
        Case("authorizedAs", "authorization_code", [oauth, "authorizedAs: u"], was: "u", .connection),
        Case("authorizedAs", "client_credentials", [oauth, boss], was: "(app)", .connection),
        Case("authorizedAs", "client_credentials", [password, boss], was: nil, .connection),
        Case("oauthProfile", "client_credentials", [oauth], was: "(app)", .identity),
        Case("server", "client_credentials", [oauth], was: "(app)", .connection),
        Case("active", "client_credentials", [oauth], was: "(app)", .service),
        Case("metadata.labels", "client_credentials", [oauth], was: "(app)", .record),
        Case("unknown", "client_credentials", [oauth], was: "(app)", .record),
    ])
    func `what a change means for an account`(_ row: Case) throws {
        let slot = row.subject.map { ResourceAddress.authorization(profile: "p", subject: $0) }
        let account = try Self.account(row.grant, row.more)
        #expect(account.effect(of: row.field, wasAuthorization: slot) == row.effect)
    }

    @Test func `another profile with the same subject is a matter of the profile`() throws {
        let account = try Self.account("authorization_code", [Self.oauth, Self.boss])
        let slot = ResourceAddress.authorization(profile: "q", subject: "boss")
        #expect(account.effect(of: "authorizedAs", wasAuthorization: slot) == .connection)
        #expect(account.effect(of: "oauthProfile", wasAuthorization: slot) == .identity)
    }

    @Test func `what a change means for a profile`() throws {
        let profile = try #require(Loaded(Manifest.own).profile("own"))
        #expect(profile.effect(of: "client.id") == .identity && profile.effect(of: "scopes") == .consent)
        #expect(profile.effect(of: "metadata.labels") == .record)
    }
}

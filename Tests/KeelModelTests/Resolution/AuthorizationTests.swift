import KeelBase
import KeelModel
import Testing

struct AuthorizationTests {
    private static func profile(_ grant: String) -> String {
        let serviceAccount = grant == "jwt_bearer" ? ["serviceAccount: { fromFile: k }"] : []
        return Manifest.document(
            "OAuthProfile", "p",
            [
                "issuer: https://i/", "endpoints: { token: https://t/ }", "grant: \(grant)", Manifest.client,
                "scopes: [b, a]",
            ] + serviceAccount)
    }

    private static func account(_ name: String, _ userName: String, _ more: String...) -> String {
        let lines = ["type: imap", "server: h", "userName: \(userName)", "oauthProfile: p"] + more
        return Manifest.document("EmailAccount", name, lines)
    }

    /// `p:subject a,b`
    private static func slots(_ loaded: Loaded) -> [String] {
        loaded.set.authorizations.map { slot in
            "\(slot.address.name) \(slot.accounts.map(\.name).joined(separator: ","))"
        }
    }

    @Test(arguments: [
        ("authorization_code", ["p:boss@x b,c", "p:u@x a", "p:w@x d"]),
        ("device_code", ["p:boss@x b,c", "p:u@x a", "p:w@x d"]),
        ("jwt_bearer", ["p:boss@x b,c", "p:u@x a", "p:w@x d"]),
        ("client_credentials", ["p:(app) a,b,c,d"]),
    ])
    func `accounts with the same profile and subject share a slot`(grant: String, expected: [String]) throws {
        let loaded = Loaded(
            Self.account("d", "w@x") + Self.account("c", "v@x", "authorizedAs: boss@x") + Self.account("a", "u@x")
                + Self.profile(grant) + Self.account("b", "u@x", "authorizedAs: boss@x"))
        #expect(loaded.findings.isEmpty)
        #expect(Self.slots(loaded) == expected)
        let slot = try #require(loaded.set.authorizations.first)
        #expect(slot.scopes == ["a", "b"] && slot.profile.description == "OAuthProfile/p")
        #expect(slot.address.name == "p:\(slot.subject)")
        #expect(loaded.account("b")?.authorization == slot.address)
    }

    @Test func `an inactive account needs no slot, but knows it`() {
        let loaded = Loaded(
            Self.profile("client_credentials") + Self.account("a", "u", "active: false") + Self.account("b", "v"))
        #expect(Self.slots(loaded) == ["p:(app) b"])
        #expect(loaded.account("a")?.authorization?.name == "p:(app)")
        let alone = Loaded(Self.profile("client_credentials") + Self.account("a", "u", "active: false"))
        #expect(Self.slots(alone).isEmpty)
    }

    @Test func `an account with a password needs none`() {
        let loaded = Loaded(Manifest.account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }"))
        #expect(loaded.set.authorizations.isEmpty && loaded.account("a")?.authorization == nil)
    }

    @Test func `a subject may hold any characters of a name`() {
        let loaded = Loaded(Self.profile("device_code") + Self.account("a", "'DOMAIN\\user:x/y@z'"))
        #expect(Self.slots(loaded) == ["p:DOMAIN\\user:x/y@z a"])
        #expect(loaded.set.authorizations.first?.subject == "DOMAIN\\user:x/y@z")
    }

    @Test func `the set comes in the same order however the manifests are arranged`() {
        let accounts = (0..<20).map { Self.account("a\($0)", "u\($0)") }
        let one = Loaded(Self.profile("device_code") + accounts.joined())
        let other = Loaded(accounts.reversed().joined() + Self.profile("device_code"))
        #expect(one.set.accounts.map(\.address) == other.set.accounts.map(\.address))
        #expect(one.set.accounts.map(\.address) == one.set.accounts.map(\.address).sorted())
        #expect(Self.slots(one) == Self.slots(other))
    }
}

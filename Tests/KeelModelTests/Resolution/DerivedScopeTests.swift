import KeelBase
import KeelModel
import Testing

/// The scopes of an authorization whose profile names none.
struct DerivedScopeTests {
    private static func profile(_ grant: String, _ more: String...) -> String {
        Manifest.document(
            "OAuthProfile", "p",
            ["provider: microsoft365", "tenant: t", "grant: \(grant)", "client: { id: x, secret: { fromEnv: S } }"]
                + more)
    }

    private static func account(_ name: String, _ type: String, _ more: String..., by userName: String = "u@x")
        -> String
    {
        Manifest.document(
            "EmailAccount", name, ["type: \(type)", "userName: \(userName)", "oauthProfile: p"] + more)
    }

    /// The last part of each scope, by slot.
    private static func scopes(_ text: String) -> [String: [String]] {
        let slots = Loaded(text).set.authorizations
        return Dictionary(
            uniqueKeysWithValues: slots.map { slot in
                (slot.subject, slot.scopes.map { String($0.split(separator: "/").last ?? "") })
            })
    }

    @Test func `they are what the accounts need together, and what a refresh token needs`() {
        let text = Self.profile("authorization_code") + Self.account("a", "imap") + Self.account("b", "smtp")
        #expect(Self.scopes(text) == ["u@x": ["IMAP.AccessAsUser.All", "SMTP.Send", "offline_access"]])
    }

    @Test func `two accounts of one protocol need it once`() {
        let text = Self.profile("device_code") + Self.account("a", "imap") + Self.account("b", "imap")
        #expect(Self.scopes(text) == ["u@x": ["IMAP.AccessAsUser.All", "offline_access"]])
    }

    @Test func `each slot has its own, and those who share it share them`() {
        let text =
            Self.profile("authorization_code") + Self.account("a", "imap") + Self.account("b", "pop3", by: "v@x")
            + Self.account("c", "smtp", "authorizedAs: v@x", by: "w@x")
        #expect(
            Self.scopes(text) == [
                "u@x": ["IMAP.AccessAsUser.All", "offline_access"],
                "v@x": ["POP.AccessAsUser.All", "SMTP.Send", "offline_access"],
            ])
    }

    @Test func `an account that is switched off needs nothing`() {
        let text =
            Self.profile("authorization_code") + Self.account("a", "imap") + Self.account("b", "smtp", "active: false")
        #expect(Self.scopes(text) == ["u@x": ["IMAP.AccessAsUser.All", "offline_access"]])
    }

    @Test func `scopes that are written are taken as they are`() throws {
        let text =
            Self.profile("authorization_code", "scopes: [a, offline_access]") + Self.account("a", "imap")
            + Self.account("b", "smtp")
        let slot = try #require(Loaded(text).set.authorizations.first)
        #expect(slot.scopes == ["a", "offline_access"] && slot.scopesOrigin == .manifest)
    }

    @Test func `an empty list is written too`() throws {
        let text = Self.profile("authorization_code", "scopes: []") + Self.account("a", "imap")
        #expect(try #require(Loaded(text).set.authorizations.first).scopes.isEmpty)
    }

    @Test func `an application has those of its profile`() throws {
        let text = Self.profile("client_credentials") + Self.account("a", "imap") + Self.account("b", "smtp")
        let slot = try #require(Loaded(text).set.authorizations.first)
        #expect(slot.scopes == ["https://outlook.office365.com/.default"])
        #expect(slot.scopesOrigin == .preset(name: "microsoft365", version: 2))
    }

    @Test func `they say which preset knew them`() throws {
        let text = Self.profile("authorization_code") + Self.account("a", "imap")
        let slot = try #require(Loaded(text).set.authorizations.first)
        #expect(slot.scopesOrigin == .preset(name: "microsoft365", version: 2))
    }

    @Test func `a service account needs no refresh token`() throws {
        let profile = Manifest.profile(
            "provider: google", "grant: jwt_bearer", "client: { id: x }", "serviceAccount: { fromFile: k }")
        let slot = try #require(Loaded(profile + Self.account("a", "smtp")).set.authorizations.first)
        #expect(slot.scopes == ["https://mail.google.com/"])
    }

    @Test func `without a preset there are none to derive`() throws {
        let profile = Manifest.profile("issuer: https://i.example/", "grant: authorization_code", Manifest.client)
        let account = Self.account("a", "imap", "server: h")
        #expect(try #require(Loaded(profile + account).set.authorizations.first).scopes.isEmpty)
    }
}

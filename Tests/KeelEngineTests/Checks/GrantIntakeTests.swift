import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelPlan
import KeelTestSupport
import KeelVault
import Testing

/// What is looked at when tokens came from a person's consent.
struct GrantIntakeTests {
    private static let subject = "one@example.com"
    private static let slot = ResourceAddress.authorization(profile: "people", subject: subject)
    private static let introspection = "https://login.example.com/introspect"

    private static func run(_ body: (EngineRig) async throws -> Void) async throws {
        try await EngineRig.run { rig in
            let place = "token: \"\(ScriptedProvider.tokenEndpoint)\""
            try rig.write(
                Manifests.person().replacing(place, with: "\(place), introspection: \"\(introspection)\""))
            try await rig.withNewVault()
            try await body(rig)
        }
    }

    /// What the token endpoint gave.
    private static func tokens(
        _ rig: EngineRig, id claims: [String: JSON]? = nil, scopes: [String] = ["mail.imap"], refresh: String? = "r-1",
        access: String = "token-of-one"
    ) -> KeelOAuth.IssuedTokens {
        let expires = rig.clock.now.adding(seconds: 3600)
        return KeelOAuth.IssuedTokens(
            accessToken: Secret(copying: access), expiresAt: expires, statesLifetime: true,
            refreshToken: refresh.map { Secret(copying: $0) }, grantedScopes: scopes,
            idToken: claims.map { claims in
                let all: [String: JSON] = [
                    "iss": "https://login.example.com", "aud": "app-2", "sub": "person-1",
                    "exp": .integer(Int(expires.seconds)),
                ]
                return EngineRig.unsignedToken(all.merging(claims) { _, new in new })
            })
    }

    // MARK: Who consented

    @Test(arguments: ["email", "preferred_username", "upn"])
    func `whoever was meant is accepted and pinned`(claim: String) async throws {
        try await Self.run { rig in
            let grant = try await rig.take(Self.tokens(rig, id: [claim: "One@Example.com"]), for: Self.slot)
            let record = try #require(try await rig.snapshot().grants[grant])
            #expect(record.status == .candidate)
            #expect(record.issuer == "https://login.example.com")
            #expect(record.providerSubject == "person-1")
        }
    }

    @Test func `somebody else is refused, with the line that would allow it, and stays sealed out of use`() async throws
    {
        try await Self.run { rig in
            let failure = try await rig.refusal(
                of: Self.tokens(rig, id: ["email": "other@example.com"]), for: Self.slot)
            #expect(failure.diagnostic.code == "identity.mismatch")
            #expect(failure.diagnostic.responsible == .user)
            #expect(failure.diagnostic.message.contains("other@example.com"))
            #expect(failure.diagnostic.notes.contains { $0.message.contains("authorizedAs: \"other@example.com\"") })
            #expect(failure.diagnostic.help?.contains("mailkeel authorize") == true)
            let grants = try await rig.snapshot().grants.values
            #expect(grants.map(\.status) == [.retired])
            #expect(grants.map(\.providerSubject) == [nil])
        }
    }

    @Test func `where nobody says who consented, it is taken and nothing is pinned`() async throws {
        try await Self.run { rig in
            let grant = try await rig.take(Self.tokens(rig), for: Self.slot)
            let record = try #require(try await rig.snapshot().grants[grant])
            #expect(record.status == .candidate)
            #expect(record.providerSubject == nil)
        }
    }

    @Test(arguments: ["one@example.com", "other@example.com"])
    func `introspection tells who consented where there is no ID token`(login: String) async throws {
        try await Self.run { rig in
            rig.transport.respond { request throws(ConnectionFailure) in
                request.url.description == Self.introspection
                    ? .json(.object([.init("active", true), .init("username", .string(login)), .init("sub", "7")]))
                    : HTTPResponse(status: 404)
            }
            if login == Self.subject {
                let grant = try await rig.take(Self.tokens(rig), for: Self.slot)
                #expect(try await rig.snapshot().grants[grant]?.providerSubject == "7")
            } else {
                let failure = try await rig.refusal(of: Self.tokens(rig), for: Self.slot)
                #expect(failure.diagnostic.code == "identity.mismatch")
            }
            #expect(rig.transport.exchanges.map(\.url) == [Self.introspection])
        }
    }

    @Test func `an access token that can be read tells too`() async throws {
        try await Self.run { rig in
            let token = EngineRig.unsignedToken(["upn": "other@example.com", "sub": "7"]).revealText()
            let failure = try await rig.refusal(of: Self.tokens(rig, access: token), for: Self.slot)
            #expect(failure.diagnostic.code == "identity.mismatch")
        }
    }

    @Test func `the provider's own id decides whether it is the same person, whatever the name`() async throws {
        try await Self.run { rig in
            try await rig.take(Self.tokens(rig, id: ["email": "one@example.com"]), for: Self.slot)
            // She married, and is still who consented before.
            try await rig.take(Self.tokens(rig, id: ["email": "uno@example.com"]), for: Self.slot)
            let other = Self.tokens(rig, id: ["email": "one@example.com", "sub": "person-2"])
            let failure = try await rig.refusal(of: other, for: Self.slot)
            #expect(failure.diagnostic.code == "identity.changed")
            #expect(failure.diagnostic.help?.contains("--accept-identity") == true)
            let grant = try await rig.take(other, for: Self.slot, accepting: true)
            #expect(try await rig.snapshot().grants[grant]?.providerSubject == "person-2")
        }
    }

    @Test(arguments: [("aud", "another-app"), ("nonce", "another")])
    func `an ID token for something else refuses all that came with it`(claim: String, value: String) async throws {
        try await Self.run { rig in
            let tokens = Self.tokens(rig, id: ["email": "one@example.com", claim: .string(value)])
            let failure = try await rig.refusal(of: tokens, for: Self.slot, nonce: "mine")
            #expect(failure.diagnostic.code == "identity.foreign-token")
        }
    }

    // MARK: What was consented to

    @Test func `less than was asked for is refused, and the person who unticked it must act`() async throws {
        try await Self.run { rig in
            let failure = try await rig.refusal(of: Self.tokens(rig, scopes: ["profile"]), for: Self.slot)
            #expect(failure.diagnostic.code == "oauth.insufficient_scope")
            #expect(failure.diagnostic.responsible == .user)
            #expect(failure.diagnostic.notes.contains { $0.message.contains("mail.imap") })
        }
    }

    @Test func `a consent without a refresh token would end within the hour`() async throws {
        try await Self.run { rig in
            let failure = try await rig.refusal(of: Self.tokens(rig, refresh: nil), for: Self.slot)
            #expect(failure.diagnostic.code == "oauth.no_refresh_token")
            #expect(failure.diagnostic.range != nil)
        }
    }

    @Test func `what came is in the audit, refused or not`() async throws {
        try await Self.run { rig in
            _ = try await rig.refusal(of: Self.tokens(rig, refresh: nil), for: Self.slot)
            try await rig.take(Self.tokens(rig), for: Self.slot)
            #expect(try await rig.snapshot().grants.count == 2)
        }
    }
}

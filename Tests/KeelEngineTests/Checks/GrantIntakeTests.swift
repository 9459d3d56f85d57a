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
    // MARK: Who consented

    @Test(arguments: ["email", "preferred_username", "upn"])
    func `whoever was meant is accepted and pinned`(claim: String) async throws {
        try await OnePerson.run { rig in
            let grant = try await rig.take(OnePerson.tokens(rig, id: [claim: "One@Example.com"]), for: OnePerson.slot)
            let record = try #require(try await rig.snapshot().grants[grant])
            #expect(record.status == .candidate)
            #expect(record.issuer == "https://login.example.com")
            #expect(record.providerSubject == "person-1")
        }
    }

    @Test func `somebody else is refused, with the line that would allow it, and stays sealed out of use`() async throws
    {
        try await OnePerson.run { rig in
            let failure = try await rig.refusal(
                of: OnePerson.tokens(rig, id: ["email": "other@example.com"]), for: OnePerson.slot)
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
        try await OnePerson.run { rig in
            let grant = try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
            let record = try #require(try await rig.snapshot().grants[grant])
            #expect(record.status == .candidate)
            #expect(record.providerSubject == nil)
        }
    }

    @Test(arguments: ["one@example.com", "other@example.com"])
    func `introspection tells who consented where there is no ID token`(login: String) async throws {
        try await OnePerson.run { rig in
            rig.transport.respond { request throws(ConnectionFailure) in
                request.url.description == OnePerson.introspection
                    ? .json(.object([.init("active", true), .init("username", .string(login)), .init("sub", "7")]))
                    : HTTPResponse(status: 404)
            }
            if login == OnePerson.subject {
                let grant = try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
                #expect(try await rig.snapshot().grants[grant]?.providerSubject == "7")
            } else {
                let failure = try await rig.refusal(of: OnePerson.tokens(rig), for: OnePerson.slot)
                #expect(failure.diagnostic.code == "identity.mismatch")
            }
            #expect(rig.transport.exchanges.map(\.url) == [OnePerson.introspection])
        }
    }

    @Test func `an access token that can be read tells too`() async throws {
        try await OnePerson.run { rig in
            let token = EngineRig.unsignedToken(["upn": "other@example.com", "sub": "7"]).revealText()
            let failure = try await rig.refusal(of: OnePerson.tokens(rig, access: token), for: OnePerson.slot)
            #expect(failure.diagnostic.code == "identity.mismatch")
        }
    }

    @Test func `the provider's own id decides whether it is the same person, whatever the name`() async throws {
        try await OnePerson.run { rig in
            try await rig.take(OnePerson.tokens(rig, id: ["email": "one@example.com"]), for: OnePerson.slot)
            // She married, and is still who consented before.
            try await rig.take(OnePerson.tokens(rig, id: ["email": "uno@example.com"]), for: OnePerson.slot)
            let other = OnePerson.tokens(rig, id: ["email": "one@example.com", "sub": "person-2"])
            let failure = try await rig.refusal(of: other, for: OnePerson.slot)
            #expect(failure.diagnostic.code == "identity.changed")
            #expect(failure.diagnostic.help?.contains("--accept-identity") == true)
            let grant = try await rig.take(other, for: OnePerson.slot, accepting: true)
            #expect(try await rig.snapshot().grants[grant]?.providerSubject == "person-2")
        }
    }

    @Test(arguments: [("aud", "another-app"), ("nonce", "another")])
    func `an ID token for something else refuses all that came with it`(claim: String, value: String) async throws {
        try await OnePerson.run { rig in
            let tokens = OnePerson.tokens(rig, id: ["email": "one@example.com", claim: .string(value)])
            let failure = try await rig.refusal(of: tokens, for: OnePerson.slot, nonce: "mine")
            #expect(failure.diagnostic.code == "identity.foreign-token")
        }
    }

    // MARK: What was consented to

    @Test func `less than was asked for is refused, and the person who unticked it must act`() async throws {
        try await OnePerson.run { rig in
            let failure = try await rig.refusal(of: OnePerson.tokens(rig, scopes: ["profile"]), for: OnePerson.slot)
            #expect(failure.diagnostic.code == "oauth.insufficient_scope")
            #expect(failure.diagnostic.responsible == .user)
            #expect(failure.diagnostic.notes.contains { $0.message.contains("mail.imap") })
        }
    }

    @Test func `a consent without a refresh token would end within the hour`() async throws {
        try await OnePerson.run { rig in
            let failure = try await rig.refusal(of: OnePerson.tokens(rig, refresh: nil), for: OnePerson.slot)
            #expect(failure.diagnostic.code == "oauth.no_refresh_token")
            #expect(failure.diagnostic.range != nil)
        }
    }

    @Test func `what came is in the audit, refused or not`() async throws {
        try await OnePerson.run { rig in
            _ = try await rig.refusal(of: OnePerson.tokens(rig, refresh: nil), for: OnePerson.slot)
            try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
            #expect(try await rig.snapshot().grants.count == 2)
        }
    }
}

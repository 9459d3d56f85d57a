import KeelBase
import KeelEngine
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// A grant in service goes on under its id when other scopes are wanted.
struct WideningTests {
    private static let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")
    private static let one = ResourceAddress(.emailAccount, "one")

    private static func manifest(_ scopes: String) -> String {
        Manifests.person().replacing("scopes: [mail.imap]", with: "scopes: [\(scopes)]")
    }

    /// A project whose only account was proven with somebody's consent to `mail.imap`; then it wants more.
    private static func run(
        wanting scopes: String, answering answer: @escaping @Sendable (String) -> HTTPResponse,
        _ body: (EngineRig, GrantID) async throws -> Void
    ) async throws {
        try await EngineRig.run { rig in
            try rig.write(manifest("mail.imap"))
            try await rig.apply()
            let recipe = Recipe(
                grantType: .authorizationCode, profile: "people", subject: "one@example.com",
                tokenEndpoint: try EndpointURL(parsing: ScriptedProvider.tokenEndpoint), clientID: "app-2",
                clientAuthentication: .none, scopes: ["mail.imap"], marginSeconds: 60)
            let draft = GrantDraft(
                profile: "people", subject: "one@example.com",
                clientDigest: "authorization_code \(ScriptedProvider.tokenEndpoint) app-2", type: .authorizationCode,
                run: "consent")
            let tokens = IssuedTokens(
                access: Secret(copying: "token-of-one"), accessExpires: rig.clock.now.adding(seconds: 3600),
                refresh: Secret(copying: "refresh-1"), scopes: ["mail.imap"])
            let grant = try await rig.withVault { try await $0.addCandidate(draft, recipe, tokens).id }
            #expect(try await rig.apply().failures.isEmpty)
            try rig.write(manifest(scopes))
            rig.transport.respond { request throws(ConnectionFailure) in
                let form = ScriptedTransport.Exchange(request: request, trust: .system).form
                guard form["refresh_token"] == "refresh-1" else { return error("invalid_grant") }
                return answer(form["scope"] ?? "")
            }
            try await body(rig, grant)
        }
    }

    private static func error(_ code: String) -> HTTPResponse {
        .json(.object([.init("error", .string(code))]), status: 400)
    }

    private static func granting(_ scopes: String) -> HTTPResponse {
        .json(
            .object([
                .init("access_token", "token-wide"), .init("token_type", "Bearer"), .init("expires_in", 3600),
                .init("scope", .string(scopes)), .init("refresh_token", "refresh-2"),
            ]))
    }

    @Test func `more is had without a person where the provider gives it`() async throws {
        try await Self.run(wanting: "mail.imap, mail.smtp", answering: { Self.granting($0) }) { rig, grant in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
            #expect(try rig.committed(Self.slot).grant == grant.text)
            let record = try #require(try await rig.snapshot().grants[grant])
            #expect(record.scopes == ["mail.imap", "mail.smtp"])
            let recipe = try await rig.withVault { try await $0.recipe(of: grant)?.recipe }
            #expect(recipe?.scopes == ["mail.imap", "mail.smtp"])
            #expect(rig.mail.logins.last?.token == "token-wide")
        }
    }

    @Test(arguments: ["invalid_scope", "invalid_grant", "consent_required"])
    func `where it does not, a person is asked, and the grant stays as good as it was`(code: String) async throws {
        try await Self.run(wanting: "mail.imap, mail.smtp", answering: { _ in Self.error(code) }) { rig, grant in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(report.pending.contains(Self.slot))
            let record = try #require(try await rig.snapshot().grants[grant])
            #expect(record.status == .current)
            #expect(record.renewalProblem == nil)
            let recipe = try await rig.withVault { try await $0.recipe(of: grant)?.recipe }
            #expect(recipe?.scopes == ["mail.imap"])
        }
    }

    @Test func `an answer with no more than before asks a person too`() async throws {
        try await Self.run(wanting: "mail.imap, mail.smtp", answering: { _ in Self.granting("mail.imap") }) { rig, _ in
            let report = try await rig.apply()
            #expect(report.pending.contains(Self.slot))
        }
    }

    @Test func `a provider that is down is no reason to ask a person`() async throws {
        try await Self.run(wanting: "mail.imap, mail.smtp", answering: { _ in HTTPResponse(status: 503) }) { rig, _ in
            let report = try await rig.apply()
            #expect(!report.pending.contains(Self.slot))
            #expect(report.codes.count == 1)
        }
    }
}

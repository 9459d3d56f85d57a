import KeelBase
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// What needs a person waits; everything else is applied, and the approved rest is kept.
struct PendingTests {
    private static let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")
    private static let one = ResourceAddress(.emailAccount, "one")
    private static let client = "authorization_code \(ScriptedProvider.tokenEndpoint) app-2"

    private static func manifest(server: String = "mail.example.com") -> String {
        Manifests().text + Manifests.person(server: server)
    }

    private static func run(_ body: (EngineRig) async throws -> Void) async throws {
        try await EngineRig.run { rig in
            try rig.write(manifest())
            try await body(rig)
        }
    }

    /// What somebody's consent leaves in the vault.
    @discardableResult
    private static func consent(_ rig: EngineRig, scopes: [String] = ["mail.imap"]) async throws -> GrantID {
        let recipe = Recipe(
            grantType: .authorizationCode, profile: "people", subject: "one@example.com",
            tokenEndpoint: try EndpointURL(parsing: ScriptedProvider.tokenEndpoint), clientID: "app-2",
            clientAuthentication: .none, scopes: scopes, marginSeconds: 60)
        let draft = GrantDraft(
            profile: "people", subject: "one@example.com", clientDigest: client, type: .authorizationCode,
            run: "consent")
        let tokens = IssuedTokens(
            access: Secret(copying: "token-of-one"), accessExpires: rig.clock.now.adding(seconds: 3600), scopes: scopes)
        return try await rig.withVault { try await $0.addCandidate(draft, recipe, tokens).id }
    }

    @Test func `the rest of the plan goes on, and what waits is named with what it waits for`() async throws {
        try await Self.run { rig in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(report.pending == [Self.slot, Self.one])
            for account in EngineRig.accounts { #expect(try rig.committed(account).proof != nil) }
            #expect(try rig.state().head(Self.one) == nil)
            let approval = try #require(try PendingStore(rig.paths, files: rig.files).load())
            #expect(Set(approval.items.keys) == [Self.slot, Self.one])
            #expect(try rig.files.mode(rig.paths.pending) == 0o600)
        }
    }

    @Test func `a consent that came meanwhile is adopted by the approved rest`() async throws {
        try await Self.run { rig in
            try await rig.apply()
            let grant = try await Self.consent(rig)
            let report = try await rig.applyPending()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
            #expect(try rig.committed(Self.one).grant == grant.text)
            #expect(try await rig.snapshot().grants[grant]?.status == .current)
            #expect(try PendingStore(rig.paths, files: rig.files).load() == nil)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `the approved rest is stale once the manifests want something else`() async throws {
        try await Self.run { rig in
            try await rig.apply()
            try await Self.consent(rig)
            try rig.write(Self.manifest(server: "other.example.com"))
            await #expect(throws: StaleApproval(addresses: [Self.one])) { try await rig.applyPending() }
            #expect(try rig.state().head(Self.one) == nil)
        }
    }

    @Test func `the approved rest does nothing that was not approved`() async throws {
        try await Self.run { rig in
            try await rig.apply()
            try await Self.consent(rig)
            var more = Manifests()
            more.more = [Manifests.Account("delta")]
            try rig.write(Self.manifest().replacing(Manifests().text, with: more.text))
            let report = try await rig.applyPending()
            // The profile is only looked at: its client must be accepted before anybody consents to it.
            #expect(report.rows.filter { $0.action != nil }.map(\.address) == [Self.slot, Self.one])
            #expect(report.rows.map(\.address.kind) == [.oauthProfile, .authorization, .emailAccount])
            #expect(try rig.state().head(ResourceAddress(.emailAccount, "delta")) == nil)
        }
    }

    @Test func `a login that fails keeps the consent, which the next plan adopts`() async throws {
        try await Self.run { rig in
            try await rig.apply()
            let grant = try await Self.consent(rig)
            rig.mail.decide { _ in .refuse }
            #expect(try await rig.apply().hasUnproven)
            #expect(try await rig.snapshot().grants[grant]?.status != .retired)
            rig.mail.decide { _ in .accept }
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try rig.committed(Self.one).grant == grant.text)
        }
    }

    @Test func `a consent to less than is wanted is not adopted`() async throws {
        try await Self.run { rig in
            try await rig.apply()
            try await Self.consent(rig, scopes: ["mail.other"])
            #expect(try await rig.apply().pending == [Self.slot, Self.one])
        }
    }
}

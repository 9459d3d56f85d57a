import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

/// A vault with a grant of a person in service, `access-1` and `refresh-1`, and the provider that issued it.
struct RenewalRig: Sendable {
    let base: EngineRig
    let provider: RotatingProvider
    let vault: Vault
    let grant: GrantID

    static let slot = ResourceAddress.authorization(profile: "desk", subject: "lead@example.com")

    static func run(
        _ manner: RotatingProvider.Manner = .detectingReuse, refresh: Bool = true, horizon: Int64? = nil,
        _ body: (RenewalRig) async throws -> Void
    ) async throws {
        try await EngineRig.run { base in
            let provider = RotatingProvider(manner)
            base.transport.respond { request throws(ConnectionFailure) in try provider.answer(request) }
            var findings: [String] = []
            let vault = try await VaultAccessor(paths: base.paths, files: base.files, time: base.clock)
                .openOrCreate(&findings)
            let grant = try await add("lead@example.com", base, vault, refresh: refresh, horizon: horizon)
            try await vault.promote(grant, for: [EngineRig.alpha])
            try await body(RenewalRig(base: base, provider: provider, vault: vault, grant: grant))
            await vault.close()
        }
    }

    static func recipe(_ subject: String, at endpoint: String = ScriptedProvider.tokenEndpoint) throws -> Recipe {
        Recipe(
            grantType: .authorizationCode, profile: "desk", subject: subject,
            tokenEndpoint: try EndpointURL(parsing: endpoint), clientID: "app-1", clientAuthentication: .none,
            scopes: ["mail.imap", "offline_access"], marginSeconds: 600)
    }

    /// A candidate that is due in 50 minutes.
    static func add(
        _ subject: String, _ base: EngineRig, _ vault: Vault, refresh: Bool = true, horizon: Int64? = nil,
        at endpoint: String = ScriptedProvider.tokenEndpoint
    ) async throws -> GrantID {
        var recipe = try recipe(subject, at: endpoint)
        recipe.refreshTokenLifetime = horizon
        let draft = GrantDraft(
            profile: "desk", subject: subject, clientDigest: "client", type: .authorizationCode, run: "apply")
        return try await vault.addCandidate(
            draft, recipe,
            IssuedTokens(
                access: Secret(copying: "access-1"), accessExpires: base.clock.now.adding(seconds: 3600),
                refresh: refresh ? Secret(copying: "refresh-1") : nil, scopes: recipe.scopes,
                renewalDue: base.clock.now.adding(seconds: 3000))
        ).id
    }

    /// Does not wait before a second try, and draws the longest wait.
    var renewer: GrantRenewer {
        var renewer = GrantRenewer(
            paths: base.paths, ports: base.ports, secrets: base.secrets,
            explanation: FailureExplanation { _, _ in nil }, run: "refresh")
        renewer.pause = {}
        renewer.retries = RetrySchedule { $0.upperBound }
        return renewer
    }

    @discardableResult
    func renew(
        _ occasion: RenewalOccasion = .demand(), dyingAt point: RenewalPoint? = nil
    ) async throws -> String {
        var renewer = renewer
        renewer.reached = { reached throws(RenewalFailure) in
            if reached == point { throw RenewalFailure(ended: "killed at \(reached.rawValue)") }
        }
        return try await renewer.renew(grant, in: vault, for: Self.slot, occasion).token.secret.revealText()
    }

    func failure(_ occasion: RenewalOccasion = .demand(), dyingAt point: RenewalPoint? = nil) async throws
        -> RenewalFailure
    {
        try await #require(throws: RenewalFailure.self) { try await renew(occasion, dyingAt: point) }
    }

    /// (It throws so that the closures of tests which call nothing else outside of a macro are taken for ones that do.)
    func lapse() throws { base.clock.advance(seconds: 3601) }

    // MARK: What is left

    /// The refresh tokens as `1 current`, in the order in which they are tried.
    func refreshTokens() async throws -> [String] {
        try await vault.refreshTokens(of: grant).map { token in
            "\(token.secret.revealText().dropFirst("refresh-".count)) \(token.state.rawValue)"
        }
    }

    func record() async throws -> GrantRecord { try #require(try await vault.grant(grant)) }
    func intents() async throws -> Int { try await vault.snapshot().intents.count }

    /// The refresh tokens that were sent, in order.
    var sent: [String] { provider.requests.compactMap { $0["refresh_token"]?.dropFirst("refresh-".count).description } }
}

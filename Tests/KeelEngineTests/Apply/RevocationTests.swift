import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

/// Grants that end at the provider as well.
struct RevocationTests {
    private static let endpoint = "https://login.example.com/revoke"
    private static let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")

    /// A consent that is out of service here.
    private static func retired(
        _ rig: EngineRig, refresh: String? = "refresh-of-one", at endpoint: String? = endpoint
    ) async throws -> GrantID {
        try await rig.withNewVault()
        var recipe = Recipe(
            grantType: .authorizationCode, profile: "people", subject: "one@example.com",
            tokenEndpoint: try EndpointURL(parsing: ScriptedProvider.tokenEndpoint), clientID: "app-2",
            clientAuthentication: .none, scopes: ["mail.imap"], marginSeconds: 60)
        recipe.endpoints.revocation = try endpoint.map { try EndpointURL(parsing: $0) }
        let draft = GrantDraft(
            profile: "people", subject: "one@example.com", clientDigest: "client", type: .authorizationCode,
            run: "consent")
        let tokens = IssuedTokens(
            access: Secret(copying: "token-of-one"), accessExpires: rig.clock.now.adding(seconds: 3600),
            refresh: refresh.map { Secret(copying: $0) }, scopes: ["mail.imap"])
        return try await rig.withVault { [recipe] vault in
            let grant = try await vault.addCandidate(draft, recipe, tokens).id
            try await vault.retire([grant])
            return grant
        }
    }

    private static func answering(_ rig: EngineRig, _ response: HTTPResponse) {
        rig.transport.respond { _ throws(ConnectionFailure) in response }
    }

    @Test func `the newest refresh token is shown to the provider, once`() async throws {
        try await EngineRig.run { rig in
            let grant = try await Self.retired(rig)
            Self.answering(rig, HTTPResponse(status: 200))
            #expect(try await rig.revoke(grant) == .revoked)
            let request = try #require(rig.transport.exchanges.last)
            #expect(request.url == Self.endpoint)
            #expect(request.form["token"] == "refresh-of-one")
            #expect(request.form["token_type_hint"] == "refresh_token")
            #expect(request.form["client_id"] == "app-2")
            #expect(try await rig.snapshot().tombstones.isEmpty)
        }
    }

    @Test func `what cannot be revoked is kept and tried again, later each time`() async throws {
        try await EngineRig.run { rig in
            let grant = try await Self.retired(rig)
            Self.answering(rig, HTTPResponse(status: 503))
            let failure = try await #require(throws: StepFailure.self) { try await rig.revoke(grant) }
            #expect(failure.diagnostic.address == Self.slot)
            #expect(failure.diagnostic.message.contains("did not revoke"))
            #expect(failure.diagnostic.notes.contains { $0.message.contains("try again") })
            var tombstones = try await rig.snapshot().tombstones
            #expect(tombstones.map(\.attempts) == [1])
            let first = try #require(tombstones.first?.nextAttempt)
            #expect(await rig.retryRevocations().failures.isEmpty)
            rig.clock.advance(seconds: first.seconds - rig.clock.now.seconds + 1)
            #expect(await rig.retryRevocations().failures.count == 1)
            tombstones = try await rig.snapshot().tombstones
            let second = try #require(tombstones.first?.nextAttempt)
            #expect(second.seconds - rig.clock.now.seconds > 900)
            rig.clock.advance(seconds: 86_400)
            Self.answering(rig, HTTPResponse(status: 200))
            #expect(await rig.retryRevocations().revoked == 1)
            #expect(try await rig.snapshot().tombstones.isEmpty)
            #expect(try await rig.snapshot().grants[grant]?.status == .retired)
        }
    }

    @Test func `a try that was put off by a clock years ahead is made once the clock goes right again`() async throws {
        try await EngineRig.run { rig in
            let grant = try await Self.retired(rig)
            rig.clock.advance(seconds: 100_000_000)
            Self.answering(rig, HTTPResponse(status: 503))
            _ = try? await rig.revoke(grant)
            rig.clock.advance(seconds: -100_000_000)
            Self.answering(rig, HTTPResponse(status: 200))
            #expect(await rig.retryRevocations().revoked == 1)
            #expect(try await rig.snapshot().tombstones.isEmpty)
        }
    }

    @Test func `a tombstone that somebody changed sends no token elsewhere`() async throws {
        try await EngineRig.run { rig in
            let grant = try await Self.retired(rig)
            let elsewhere = try EndpointURL(parsing: "https://login.attacker.example/revoke")
            try await rig.withVault { vault in
                _ = try await vault.recordRevocationFailure(
                    of: grant, at: elsewhere, reason: "test", problem: "oauth.http_error", retry: rig.clock.now)
            }
            Self.answering(rig, HTTPResponse(status: 200))
            #expect(await rig.retryRevocations().revoked == 1)
            #expect(rig.transport.exchanges.map(\.url) == [Self.endpoint])
        }
    }

    @Test func `the next apply tries again by itself`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let grant = try await Self.retired(rig)
            Self.answering(rig, HTTPResponse(status: 503))
            _ = try? await rig.revoke(grant)
            rig.clock.advance(seconds: 1000)
            let provider = rig.provider
            rig.transport.respond { request throws(ConnectionFailure) in
                request.url.description == Self.endpoint ? HTTPResponse(status: 200) : try provider.answer(request)
            }
            let report = try await rig.apply(try await rig.plan(replacing: [EngineRig.authorization]))
            #expect(report.failures.isEmpty)
            #expect(report.findings.contains { $0.contains("Revoked 1 grant") })
            #expect(try await rig.snapshot().tombstones.isEmpty)
        }
    }

    // MARK: Runs that die in between

    /// A person's consent in service, at a provider that revokes.
    private static func served(_ body: (EngineRig, GrantID) async throws -> Void) async throws {
        try await EngineRig.run { rig in
            let place = "token: \"\(ScriptedProvider.tokenEndpoint)\""
            try rig.write(Manifests.person().replacing(place, with: "\(place), revocation: \"\(endpoint)\""))
            try await rig.withNewVault()
            let grant = try await rig.take(OnePerson.tokens(rig, id: ["email": "one@example.com"]), for: slot)
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try await rig.snapshot().grants[grant]?.status == .current)
            answering(rig, HTTPResponse(status: 200))
            try await body(rig, grant)
        }
    }

    private static func revocations(_ rig: EngineRig) -> Int {
        rig.transport.exchanges.count { $0.url == endpoint }
    }

    @Test func `what a stopped run took out of service and did not revoke is revoked by the next`() async throws {
        try await Self.served { rig, grant in
            let isOut = Mutex(false)
            let report = try await rig.apply(
                try await rig.plan(destroying: true, revoking: true), stopping: { isOut.withLock { $0 } },
                report: { event in
                    guard case .finished(let step, _, _) = event, step.id == StepID(Self.slot, .record) else { return }
                    isOut.withLock { $0 = true }
                })
            #expect(report.notReached.contains(Self.slot) && Self.revocations(rig) == 0)
            #expect(try await rig.snapshot().tombstones.map(\.attempts) == [0])
            let next = try await rig.apply(try await rig.plan(destroying: true))
            #expect(next.findings.contains { $0.contains("Revoked 1 grant") })
            #expect(Self.revocations(rig) == 1)
            #expect(try await rig.snapshot().tombstones.isEmpty)
        }
    }

    @Test func `a run that was killed before the vault followed is ended by the next`() async throws {
        try await Self.served { rig, grant in
            let endpoint = try EndpointURL(parsing: Self.endpoint)
            try await rig.withVault { try await $0.announceRevocation(of: grant, at: endpoint, reason: "apply") }
            let people = try rig.state().addresses.map { ($0, nil as ResourceRecord?) }
            for record in people { try await rig.leave(record) }
            // Nothing is revoked while nobody has looked whether it is still in service.
            #expect(await rig.retryRevocations().revoked == 0 && Self.revocations(rig) == 0)
            try await rig.apply(try await rig.plan(destroying: true))
            #expect(try await rig.snapshot().grants[grant]?.status == .retired)
            #expect(Self.revocations(rig) == 1)
        }
    }

    @Test func `a revocation that a killed run did not come to is forgotten while its grant is in service`()
        async throws
    {
        try await Self.served { rig, grant in
            let endpoint = try EndpointURL(parsing: Self.endpoint)
            try await rig.withVault { try await $0.announceRevocation(of: grant, at: endpoint, reason: "apply") }
            try await rig.apply()
            #expect(try await rig.snapshot().tombstones.isEmpty && Self.revocations(rig) == 0)
            #expect(try await rig.snapshot().grants[grant]?.status == .current)
        }
    }

    @Test func `a provider without the endpoint is told, and whose move it is`() async throws {
        try await EngineRig.run { rig in
            let grant = try await Self.retired(rig, at: nil)
            let failure = try await #require(throws: StepFailure.self) { try await rig.revoke(grant) }
            #expect(failure.diagnostic.code == "oauth.no_revocation_endpoint")
            #expect(failure.diagnostic.responsible == .user)
            #expect(rig.transport.exchanges.isEmpty)
            #expect(try await rig.snapshot().tombstones.isEmpty)
        }
    }

    @Test func `an access token alone is revoked while it lives`() async throws {
        try await EngineRig.run { rig in
            let grant = try await Self.retired(rig, refresh: nil)
            Self.answering(rig, HTTPResponse(status: 200))
            #expect(try await rig.revoke(grant) == .revoked)
            #expect(rig.transport.exchanges.last?.form["token_type_hint"] == "access_token")
            rig.clock.advance(seconds: 7200)
            #expect(try await rig.revoke(grant) == .nothingLeft)
        }
    }

    @Test func `a grant in service is not revoked`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let grant = try #require(try rig.committed(EngineRig.alpha).grant.flatMap(GrantID.init(parsing:)))
            let failure = try await #require(throws: StepFailure.self) { try await rig.revoke(grant) }
            #expect(failure.diagnostic.code == "vault.in-use")
        }
    }
}

extension EngineRig {
    private var revoker: GrantRevoker {
        GrantRevoker(
            paths: paths, ports: ports, secrets: secrets, explanation: FailureExplanation { _, _ in nil }, run: "run",
            actor: "alice@desk")
    }

    func revoke(_ grant: GrantID) async throws -> GrantRevoker.Outcome {
        let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")
        return try await withVault { try await revoker.revoke(grant, at: nil, reason: "test", in: $0, for: slot) }
    }

    func retryRevocations() async -> (revoked: Int, failures: [StepFailure]) {
        (try? await withVault { await revoker.retryDue(in: $0) }) ?? (0, [])
    }
}

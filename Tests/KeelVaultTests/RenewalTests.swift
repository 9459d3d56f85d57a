import KeelBase
import KeelVault
import Testing

struct RenewalTests {
    private func refresh(_ vault: Vault, _ grant: GrantID) async throws -> [String] {
        try await vault.refreshTokens(of: grant).map { "\($0.secret.revealText())/\($0.state.rawValue)" }
    }

    @Test func `a renewal starts from one view of all that it needs`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            let intent = try await vault.beginRotation(of: grant, run: "killed")
            let basis = try await vault.renewalBasis(of: grant)
            #expect(basis.record.id == grant)
            #expect(basis.recipe.recipe.subject == "1@example.com")
            #expect(basis.access?.secret.revealText() == "access-1")
            #expect(basis.access?.obtained == fixture.clock.now)
            #expect(basis.refresh.map(\.generation) == [1])
            #expect(basis.interrupted == [intent])
            try await vault.abandonRotations(of: grant)
            #expect(try await vault.renewalBasis(of: grant).interrupted.isEmpty)
            #expect(await code { _ = try await vault.renewalBasis(of: .random()) } == .notFound)
        }
    }

    @Test func `a success ends every interrupted rotation of its grant, and of no other`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let (first, second) = (try await vault.candidate("1").id, try await vault.candidate("2").id)
            _ = try await vault.beginRotation(of: first, run: "killed")
            let other = try await vault.beginRotation(of: second, run: "killed")
            let intent = try await vault.beginRotation(of: first, run: "refresh")
            try await vault.replaceTokens(
                of: first, generation: 1, with: VaultFixture.tokens("9"), rotation: intent.id)
            #expect(try await vault.snapshot().intents == [other])
        }
    }

    @Test func `a refresh token that has helped out is the current one from then on`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("2"))
            try await vault.replaceTokens(
                of: grant, generation: 2, with: VaultFixture.tokens("3", refresh: false), used: 1)
            #expect(try await refresh(vault, grant) == ["refresh-1/current", "refresh-2/previous"])
        }
    }

    @Test func `a refresh token that was rescued is the current one, and the access token stays`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            let intent = try await vault.beginRotation(of: grant, run: "refresh")
            try await vault.rescue(
                Secret(copying: "refresh-2"), of: grant, used: nil, horizon: nil, rotation: intent.id)
            #expect(try await refresh(vault, grant) == ["refresh-2/current", "refresh-1/previous"])
            #expect(try await vault.accessToken(of: grant)?.secret.revealText() == "access-1")
            #expect(try await vault.grant(grant)?.generation == 1)
            #expect(try await vault.snapshot().intents.isEmpty)
            try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("3"))
            #expect(try await refresh(vault, grant) == ["refresh-3/current", "refresh-2/previous"])
        }
    }

    @Test func `a failure keeps its class, and one of an older generation says nothing`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1", due: fixture.clock.now).id
            try await vault.recordRenewalFailure(
                of: grant, problem: "oauth.invalid_grant", as: .reauthorize, generation: 1, retry: nil)
            let record = try #require(try await vault.grant(grant))
            #expect(record.renewalProblem == "oauth.invalid_grant")
            #expect(record.renewalProblemClass == .reauthorize)
            #expect(try await vault.grantsGivenUp(atMost: 9).map(\.id) == [grant])
            try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("2"))
            #expect(try await vault.grantsGivenUp(atMost: 9).isEmpty)
            #expect(
                try await vault.recordRenewalFailure(of: grant, problem: "late", generation: 1, retry: nil) == 0)
            #expect(try await vault.grant(grant)?.renewalProblem == nil)
        }
    }

    @Test func `use hastens a renewal, and neither delays one nor touches what failed`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let (now, soon, late) = (
                fixture.clock.now, fixture.clock.now.adding(seconds: 60), fixture.clock.now.adding(seconds: 9000)
            )
            let asleep = try await vault.candidate("1", due: late).id
            let never = try await vault.candidate("2").id
            let early = try await vault.candidate("3", due: now).id
            let failed = try await vault.candidate("4", due: late).id
            try await vault.recordRenewalFailure(of: failed, problem: "timeout", as: .network, retry: late)
            for grant in [asleep, never, early, failed] { try await vault.hastenRenewal(of: grant, to: soon) }
            #expect(try await vault.grant(asleep)?.renewalDue == soon)
            #expect(try await vault.grant(never)?.renewalDue == soon)
            #expect(try await vault.grant(early)?.renewalDue == now)
            #expect(try await vault.grant(failed)?.renewalDue == late)
        }
    }
}

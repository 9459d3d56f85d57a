import KeelBase
import KeelVault
import Testing

struct TokenRotationTests {
    /// The refresh tokens of a grant as `text/state`, in the order in which to try them.
    private func refresh(_ vault: Vault, _ grant: GrantID) async throws -> [String] {
        try await vault.refreshTokens(of: grant).map { "\($0.secret.revealText())/\($0.state.rawValue)" }
    }

    @Test func `a new refresh token is current, and the one before stays until the new one has worked`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            let second = try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("2"))
            #expect(second.generation == 2)
            #expect(try await refresh(vault, grant) == ["refresh-2/current", "refresh-1/previous"])
            #expect(try await vault.accessToken(of: grant)?.secret.revealText() == "access-2")
            try await vault.replaceTokens(of: grant, generation: 2, with: VaultFixture.tokens("3"))
            #expect(try await refresh(vault, grant) == ["refresh-3/current", "refresh-2/previous"])
            await vault.close()
            #expect(
                try await refresh(try await fixture.open(.readOnly), grant) == [
                    "refresh-3/current", "refresh-2/previous",
                ])
        }
    }

    @Test func `a server that gives no new refresh token leaves the old one in use`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            for generation in 1...3 {
                try await vault.replaceTokens(
                    of: grant, generation: generation,
                    with: VaultFixture.tokens("\(generation + 1)", refresh: false))
            }
            #expect(try await refresh(vault, grant) == ["refresh-1/current"])
            #expect(try await vault.accessToken(of: grant)?.secret.revealText() == "access-4")
            #expect(try await vault.accessToken(of: grant)?.generation == 4)
            try await vault.replaceTokens(of: grant, generation: 4, with: VaultFixture.tokens("5"))
            #expect(try await refresh(vault, grant) == ["refresh-5/current", "refresh-1/previous"])
        }
    }

    @Test func `when the previous token had to help out, nothing that might still work is thrown away`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("2"))
            try await vault.replaceTokens(of: grant, generation: 2, with: VaultFixture.tokens("3"), used: 1)
            #expect(
                try await refresh(vault, grant) == ["refresh-3/current", "refresh-2/previous", "refresh-1/previous"])
        }
    }

    @Test func `the slower of two writers is told so, and its refresh token is kept`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("2"))
            #expect(
                await code {
                    try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("late"))
                } == .conflict)
            #expect(
                try await refresh(vault, grant) == [
                    "refresh-2/current", "refresh-late/pending", "refresh-1/previous",
                ])
            #expect(try await vault.accessToken(of: grant)?.secret.revealText() == "access-2")
            let record = try await vault.replaceTokens(of: grant, generation: 2, with: VaultFixture.tokens("4"))
            #expect(record.generation == 4)
            #expect(
                try await refresh(vault, grant) == [
                    "refresh-4/current", "refresh-late/pending", "refresh-2/previous",
                ])
        }
    }

    @Test func `a grant retired during its renewal takes the tokens and stays retired`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1").id
            try await vault.retire([grant])
            let record = try await vault.replaceTokens(
                of: grant, generation: 1, with: VaultFixture.tokens("2", due: fixture.clock.now))
            #expect(record.status == .retired)
            #expect(record.renewalDue == nil)
            #expect(try await refresh(vault, grant).first == "refresh-2/current")
        }
    }

    @Test func `failures are counted, named and forgotten by a success, and no token goes`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("1", due: fixture.clock.now).id
            let retry = fixture.clock.now.adding(seconds: 60)
            #expect(try await vault.recordRenewalFailure(of: grant, problem: "timeout", retry: retry) == 1)
            #expect(try await vault.grantsDue(by: fixture.clock.now, atMost: 1).isEmpty)
            #expect(try await vault.recordRenewalFailure(of: grant, problem: "invalid_grant", retry: nil) == 2)
            let record = try #require(try await vault.grant(grant))
            #expect(record.renewalDue == nil)
            #expect(record.renewalProblem == "invalid_grant")
            #expect(try await refresh(vault, grant) == ["refresh-1/current"])
            let renewed = try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("2"))
            #expect(renewed.renewalFailures == 0)
            #expect(renewed.renewalProblem == nil)
            let unknown = try #require(GrantID(parsing: "nobody"))
            #expect(
                await code {
                    try await vault.recordRenewalFailure(of: unknown, problem: "timeout", retry: nil)
                } == .notFound)
        }
    }

    @Test func `an intent lasts until the transaction that fulfils it`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let flow = try await vault.keep(
                VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 60)), payload: Secret(copying: "v"))
            let redemption = try #require(try await vault.redeem(flow.id, run: "r")).intent
            #expect(try await fixture.open(.readOnly).snapshot().intents == [redemption])
            let grant = try await vault.addCandidate(
                VaultFixture.draft(), VaultFixture.recipe(), VaultFixture.tokens("1"), redeeming: redemption.id
            ).id
            #expect(try await vault.snapshot().intents.isEmpty)
            let rotation = try await vault.beginRotation(of: grant, run: "r")
            #expect(rotation.generation == 1)
            try await vault.replaceTokens(
                of: grant, generation: 1, with: VaultFixture.tokens("2"), rotation: rotation.id)
            #expect(try await vault.snapshot().intents.isEmpty)
            let dropped = try await vault.beginRotation(of: grant, run: "r")
            try await vault.abandon(dropped.id)
            #expect(try await vault.snapshot().intents.isEmpty)
        }
    }

    @Test func `a recipe comes back whole, with its secret, and changes by revision`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            let first = try #require(try await vault.recipe(of: grant))
            #expect(first.recipe == (try normalized(VaultFixture.recipe(subject: "a@example.com"))))
            #expect(first.clientSecret == nil)
            var changed = try VaultFixture.recipe(host: "other.example.com")
            changed.credentials = [:]
            try await vault.replaceRecipe(of: grant, with: changed, clientSecret: Secret(copying: "s3cret"))
            let second = try #require(try await vault.recipe(of: grant))
            #expect(second.recipe == normalized(changed))
            #expect(second.clientSecret?.revealText() == "s3cret")
            #expect(second.revision == first.revision + 1)
        }
    }

    @Test func `named secrets are kept, replaced, listed and removed`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            #expect(try await vault.secret(named: "m365") == nil)
            try await vault.setSecret(Secret(copying: "one"), named: "m365")
            try await vault.setSecret(Secret(copying: "two"), named: "m365")
            try await vault.setSecret(Secret(copying: "three"), named: "google")
            #expect(try await vault.secret(named: "m365")?.revealText() == "two")
            #expect(try await vault.secrets().map { "\($0.name) \($0.revision)" } == ["google 1", "m365 2"])
            #expect(try await vault.secrets().first?.updated == fixture.clock.now)
            #expect(try await vault.removeSecret(named: "m365"))
            #expect(try await vault.removeSecret(named: "m365") == false)
            #expect(try await vault.secrets().map(\.name) == ["google"])
        }
    }

    /// Scopes are a set and come back in order.
    private func normalized(_ recipe: Recipe) -> Recipe {
        var recipe = recipe
        recipe.scopes.sort()
        return recipe
    }
}

import KeelBase
import KeelVault
import Testing

struct GrantLifeTests {
    private let a = VaultFixture.account("a")
    private let b = VaultFixture.account("b")

    @Test func `a candidate survives as it was given`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            var draft = VaultFixture.draft()
            draft.issuer = "https://login.example.com/t"
            draft.providerSubject = "oid-1"
            var tokens = VaultFixture.tokens("x", due: Timestamp(seconds: 1_800_003_000))
            tokens.refreshHorizon = Timestamp(seconds: 1_807_000_000)
            let record = try await vault.addCandidate(draft, VaultFixture.recipe(), tokens)
            await vault.close()
            let reopened = try await fixture.open(.readOnly)
            #expect(try await reopened.grant(record.id) == record)
            #expect(record.status == .candidate)
            #expect(record.generation == 1)
            #expect(record.scopes == ["IMAP", "SMTP", "offline_access"])
            #expect(try await reopened.accessToken(of: record.id)?.secret.revealText() == "access-x")
            #expect(try await reopened.accessToken(of: record.id)?.expires == tokens.accessExpires)
            #expect(try await reopened.refreshTokens(of: record.id).map { $0.secret.revealText() } == ["refresh-x"])
        }
    }

    @Test func `a crash between candidate and promotion leaves a candidate to adopt`() async throws {
        try await VaultFixture.run { fixture in
            let first = try await fixture.open()
            let older = try await first.candidate("a")
            fixture.clock.advance(10)
            let newer = try await first.candidate("a")
            _ = try await first.candidate("b")
            // No close: the process is gone.
            let second = try await fixture.open(.readWrite)
            let found = try await second.snapshot().candidates(
                profile: "m365", subject: "a@example.com", clientDigest: "client-1")
            #expect(found.map(\.id) == [newer.id, older.id])
            #expect(
                try await second.snapshot().candidates(
                    profile: "m365", subject: "a@example.com", clientDigest: "client-2"
                ).isEmpty)
            try await second.promote(newer.id, for: [a])
            #expect(try await second.grant(for: a)?.status == .current)
        }
    }

    @Test func `a consent in service retires the older ones that allow no more, and no other`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let older = try await vault.candidate("a").id
            let tokens = IssuedTokens(
                access: nil, accessExpires: nil, refresh: Secret(copying: "refresh-wider"),
                scopes: ["SMTP", "IMAP", "offline_access", "mail.send"])
            let wider = try await vault.addCandidate(
                VaultFixture.draft("a@example.com"), VaultFixture.recipe(subject: "a@example.com"), tokens
            ).id
            let other = try await vault.candidate("b").id
            fixture.clock.advance(10)
            let chosen = try await vault.candidate("a").id
            fixture.clock.advance(10)
            let newer = try await vault.candidate("a").id
            try await vault.promote(chosen, for: [a])
            let grants = try await vault.snapshot().grants
            #expect(grants[older]?.status == .retired)
            for kept in [wider, other, newer] { #expect(grants[kept]?.status == .candidate) }
        }
    }

    @Test func `promotion returns what nobody uses any more, and only that`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let old = try await vault.candidate("old").id
            let new = try await vault.candidate("new").id
            #expect(try await vault.promote(old, for: [a, b]) == [])
            // A shared grant serves each account as that one proves.
            #expect(try await vault.promote(new, for: [a]) == [])
            #expect(try await vault.grant(for: a)?.id == new)
            #expect(try await vault.grant(for: b)?.id == old)
            #expect(try await vault.promote(new, for: [b]) == [old])
            #expect(try await vault.promote(new, for: [b]) == [])
            try await vault.retire([old])
            #expect(await code { _ = try await vault.promote(old, for: [a]) } == .conflict)
            let unknown = try #require(GrantID(parsing: "nobody"))
            #expect(await code { _ = try await vault.promote(unknown, for: [a]) } == .notFound)
            #expect(try await vault.grant(for: a)?.id == new)
        }
    }

    @Test func `a grant in use is not retired, nor any named with it`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let free = try await vault.candidate("free").id
            let used = try await vault.candidate("used").id
            try await vault.promote(used, for: [a])
            #expect(await code { try await vault.retire([free, used]) } == .inUse)
            #expect(try await vault.grant(free)?.status == .candidate)
            #expect(try await vault.forget(b) == [])
            #expect(try await vault.forget(a) == [used])
            try await vault.retire([free, used])
            #expect(try await vault.snapshot().grants.values.allSatisfy { $0.status == .retired })
        }
    }

    @Test func `retired grants stay until their time is over, then go with all that is theirs`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a", due: fixture.clock.now).id
            let other = try await vault.candidate("b").id
            try await vault.retire([grant])
            let retired = try #require(try await vault.grant(grant)?.retired)
            #expect(try await vault.grantsDue(by: fixture.clock.now, atMost: 9).isEmpty)
            #expect(try await vault.purge(retiredBefore: retired) == [])
            #expect(try await vault.refreshTokens(of: grant).count == 1)
            // Retiring again does not prolong it.
            fixture.clock.advance(100)
            try await vault.retire([grant])
            #expect(try await vault.purge(retiredBefore: retired.adding(seconds: 1)) == [grant])
            #expect(try await vault.grant(grant) == nil)
            #expect(try await vault.refreshTokens(of: grant).isEmpty)
            #expect(try await vault.recipe(of: grant) == nil)
            #expect(try await vault.grant(other) != nil)
        }
    }

    @Test func `a snapshot shows every grant with its status, and which account uses it`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let candidate = try await vault.candidate("candidate").id
            let current = try await vault.candidate("current").id
            let retired = try await vault.candidate("retired").id
            try await vault.promote(current, for: [a, b])
            try await vault.retire([retired])
            let snapshot = try await fixture.openWithoutKey(.readOnly).snapshot()
            #expect(snapshot.vault == vault.id)
            #expect(
                snapshot.grants.mapValues(\.status) == [
                    candidate: .candidate, current: .current, retired: .retired,
                ])
            #expect(snapshot.accounts == [a: current, b: current])
        }
    }

    @Test func `what is due comes in order of urgency`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let now = fixture.clock.now
            let later = try await vault.candidate("later", due: now.adding(seconds: 5)).id
            let soon = try await vault.candidate("soon", due: now).id
            _ = try await vault.candidate("future", due: now.adding(seconds: 500))
            _ = try await vault.candidate("never")
            #expect(try await vault.grantsDue(by: now.adding(seconds: 10), atMost: 10).map(\.id) == [soon, later])
            #expect(try await vault.grantsDue(by: now.adding(seconds: 10), atMost: 1).map(\.id) == [soon])
        }
    }

    @Test func `scopes of any form come back as they were`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            for scopes in [[], ["a"], ["a,b", "c"], ["\"", "\\"], ["é", "https://x/y.z"], [""]] {
                var tokens = VaultFixture.tokens("x")
                tokens.scopes = scopes
                let grant = try await vault.addCandidate(VaultFixture.draft(), VaultFixture.recipe(), tokens).id
                let stored = try await vault.grant(grant)?.scopes
                #expect(stored == scopes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            }
        }
    }
}

import KeelBase
import KeelVault
import Testing

struct FlowTests {
    @Test func `a pending consent is finished by any process, and by one only`() async throws {
        try await VaultFixture.run { fixture in
            let draft = VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 600))
            let flow = try await fixture.open().keep(draft, payload: Secret(copying: "verifier-1"))
            #expect(flow.draft == draft)
            let other = try await fixture.open(.readWrite)
            let found = try #require(try await other.flow(profile: "m365", subject: "desk@example.com"))
            #expect(found == flow)
            let outcomes = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<4 {
                    let vault = try await fixture.open(.readWrite)
                    group.addTask { try await vault.take(found.id)?.payload.revealText() }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.compactMap { $0 } == ["verifier-1"])
            #expect(try await other.flows().isEmpty)
        }
    }

    @Test func `a new one replaces what is open for its slot, and no other`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let expires = fixture.clock.now.adding(seconds: 600)
            let first = try await vault.keep(VaultFixture.flow(expires: expires), payload: Secret(copying: "1"))
            let other = try await vault.keep(
                VaultFixture.flow("b@example.com", expires: expires), payload: Secret(copying: "b"))
            let second = try await vault.keep(
                VaultFixture.flow(kind: .device, expires: expires), payload: Secret(copying: "2"))
            #expect(try await vault.take(first.id) == nil)
            #expect(try await vault.flow(profile: "m365", subject: "desk@example.com") == second)
            #expect(Set(try await vault.flows().map(\.id)) == [other.id, second.id])
            try await vault.drop(second.id)
            #expect(try await vault.flows() == [other])
        }
    }

    @Test func `an expired one is none, and is swept by the next`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let draft = VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 60))
            let flow = try await vault.keep(draft, payload: Secret(copying: "verifier"))
            fixture.clock.advance(60)
            #expect(try await vault.flows().isEmpty)
            #expect(try await vault.flow(profile: "m365", subject: "desk@example.com") == nil)
            #expect(try await vault.opened(flow.id) == nil)
            #expect(try await vault.take(flow.id) == nil)
            #expect(try await vault.redeem(flow.id, run: "r") == nil)
            #expect(try await vault.replacePayload(of: flow.id, with: Secret(copying: "x")) == false)
            #expect(try await vault.snapshot().intents.isEmpty)
        }
    }

    @Test func `polling reads a device code again and again, and keeps what it learns`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let draft = VaultFixture.flow(kind: .device, expires: fixture.clock.now.adding(seconds: 600))
            let flow = try await vault.keep(draft, payload: Secret(copying: "interval 5"))
            #expect(try await vault.opened(flow.id)?.payload.revealText() == "interval 5")
            #expect(try await vault.replacePayload(of: flow.id, with: Secret(copying: "interval 10")))
            let opened = try #require(try await fixture.open(.readOnly).opened(flow.id))
            #expect(opened.payload.revealText() == "interval 10")
            #expect(opened.flow == flow)
        }
    }

    @Test func `redeeming leaves an intent until the grant is there`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let draft = VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 600))
            let flow = try await vault.keep(draft, payload: Secret(copying: "verifier"))
            let (opened, intent) = try #require(try await vault.redeem(flow.id, run: "run-2"))
            #expect(opened.payload.revealText() == "verifier")
            #expect(intent.kind == .redemption && intent.subject == "desk@example.com" && intent.run == "run-2")
            #expect(try await vault.snapshot().intents == [intent])
            #expect(try await vault.redeem(flow.id, run: "run-3") == nil)
            _ = try await vault.addCandidate(
                VaultFixture.draft(), VaultFixture.recipe(), VaultFixture.tokens("1"), redeeming: intent.id)
            #expect(try await vault.snapshot().intents.isEmpty)
        }
    }

    @Test(arguments: ["desk@example.com/desk@example.con", "client-1/client-2"])
    func `one that was turned to another slot or client does not open`(change: String) async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let draft = VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 600))
            let flow = try await vault.keep(draft, payload: Secret(copying: "verifier"))
            await vault.close()
            let parts = change.split(separator: "/").map(String.init)
            try await fixture.patch { bytes in fixture.replace(parts[0], with: parts[1], in: &bytes) }
            let reopened = try await fixture.open(.readWrite)
            #expect(await code { _ = try await reopened.take(flow.id) } == .notAuthentic)
        }
    }
}

struct RevocationTests {
    @Test func `a grant that is still to be revoked is kept until it is`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            let endpoint = try EndpointURL(parsing: "https://login.example.com/revoke")
            try await vault.retire([grant])
            let retry = fixture.clock.now.adding(seconds: 300)
            let first = try await vault.recordRevocationFailure(
                of: grant, at: endpoint, reason: "destroy", problem: "network", retry: retry)
            #expect(first.attempts == 1 && first.nextAttempt == retry && first.problem == "network")
            #expect(try await vault.tombstonesDue(by: fixture.clock.now, atMost: 9).isEmpty)
            #expect(try await vault.tombstonesDue(by: retry, atMost: 9) == [first])
            // The clock was a day ahead, and a little.
            fixture.clock.advance(-86_400)
            #expect(try await vault.tombstonesDue(by: fixture.clock.now, atMost: 9).isEmpty)
            fixture.clock.advance(-1)
            #expect(try await vault.tombstonesDue(by: fixture.clock.now, atMost: 9) == [first])
            fixture.clock.advance(100_000_000)
            #expect(try await vault.purge(retiredBefore: fixture.clock.now) == [])
            #expect(try await vault.refreshTokens(of: grant).count == 1)
            let second = try await vault.recordRevocationFailure(
                of: grant, at: endpoint, reason: "purge", problem: "fix-client", retry: nil)
            #expect(second.attempts == 2 && second.created == first.created && second.reason == "destroy")
            #expect(try await vault.tombstonesDue(by: fixture.clock.now, atMost: 9).isEmpty)
            #expect(try await fixture.openWithoutKey(.readOnly).snapshot().tombstones == [second])
            #expect(try await vault.removeTombstone(of: grant))
            #expect(try await vault.removeTombstone(of: grant) == false)
            #expect(try await vault.purge(retiredBefore: fixture.clock.now) == [grant])
            let failure = await code {
                try await vault.recordRevocationFailure(
                    of: grant, at: endpoint, reason: "destroy", problem: "network", retry: nil)
            }
            #expect(failure == .notFound)
        }
    }
}

struct EndpointHealthTests {
    @Test func `failures of an endpoint add up across processes until it works again`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let endpoint = try EndpointURL(parsing: "https://login.example.com/token")
            let other = try EndpointURL(parsing: "https://login.example.com/token?b")
            let until = fixture.clock.now.adding(seconds: 60)
            #expect(try await vault.health(of: endpoint) == nil)
            for failures in 1...3 {
                let writer = try await fixture.open(.readWrite)
                let health = try await writer.recordFailure(at: endpoint, problem: "network") { $0 < 3 ? nil : until }
                #expect(health.failures == failures)
                #expect(health.openUntil == (failures < 3 ? nil : until))
            }
            #expect(try await vault.health(of: other) == nil)
            #expect(try await vault.facts().endpoints.map(\.endpoint) == [endpoint.description])
            try await vault.recordSuccess(at: other)
            try await vault.recordSuccess(at: endpoint)
            #expect(try await vault.facts().endpoints.isEmpty)
        }
    }

    @Test func `a success writes nothing where nothing had failed`() async throws {
        try await VaultFixture.run { fixture in
            await (try fixture.open()).close()
            let reader = try await fixture.open(.readOnly)
            try await reader.recordSuccess(at: try EndpointURL(parsing: "https://login.example.com/token"))
        }
    }
}

struct IdentityTests {
    @Test func `the newest verified identity of a slot is its pin`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let (profile, subject, client) = ("m365", "a@example.com", "client-1")
            #expect(try await vault.identity(profile: profile, subject: subject, clientDigest: client) == nil)
            let first = try await vault.candidate("a").id
            try await vault.recordIdentity(of: first, issuer: "https://i.example.com", subject: "oid-1")
            fixture.clock.advance(1)
            let second = try await vault.candidate("a").id
            let pin = try #require(try await vault.identity(profile: profile, subject: subject, clientDigest: client))
            #expect(pin.grant == first && pin.subject == "oid-1")
            try await vault.recordIdentity(of: second, issuer: "https://i.example.com", subject: "oid-2")
            #expect(
                try await vault.identity(profile: profile, subject: subject, clientDigest: client)?.subject == "oid-2")
            #expect(try await vault.identity(profile: profile, subject: "b@example.com", clientDigest: client) == nil)
            #expect(
                try await vault.identity(profile: profile, subject: subject, clientDigest: "client-2") == nil)
            #expect(try await vault.grants(profile: profile, subject: subject).map(\.id) == [second, first])
        }
    }

    @Test func `that nobody need be known takes the place of a pin`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let (profile, subject, client) = ("m365", "a@example.com", "client-1")
            let first = try await vault.candidate("a").id
            try await vault.recordIdentity(of: first, issuer: "https://i.example.com", subject: "oid-1")
            fixture.clock.advance(1)
            let second = try await vault.candidate("a").id
            #expect(try await vault.identity(profile: profile, subject: subject, clientDigest: client)?.grant == first)
            try await vault.recordIdentity(of: second, issuer: "https://i.example.com", subject: nil)
            #expect(try await vault.identity(profile: profile, subject: subject, clientDigest: client) == nil)
        }
    }

    @Test func `what was refused is out of service from the beginning`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            var draft = VaultFixture.draft()
            draft.isRefused = true
            let tokens = IssuedTokens(
                access: nil, accessExpires: nil, refresh: Secret(copying: "r"), scopes: [],
                renewalDue: fixture.clock.now)
            let record = try await vault.addCandidate(draft, VaultFixture.recipe(), tokens)
            #expect(record.status == .retired && record.retired == record.created && record.renewalDue == nil)
            #expect(try await vault.refreshTokens(of: record.id).count == 1)
        }
    }

    @Test func `the person behind a grant never changes`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            for _ in 1...2 { try await vault.recordIdentity(of: grant, issuer: "https://i", subject: "oid-1") }
            for (issuer, subject) in [("https://i", "oid-2"), ("https://j", "oid-1")] {
                let failure = await code { try await vault.recordIdentity(of: grant, issuer: issuer, subject: subject) }
                #expect(failure == .conflict)
            }
            #expect(try await vault.grant(grant)?.providerSubject == "oid-1")
        }
    }
}

import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelState
import KeelTestSupport
import KeelVault
import Testing

struct AccountTesterTests {
    @Test func `each committed account is logged in to, and what was seen is kept`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.admit(refusing: "beta")
            let results = try await rig.test()
            #expect(results.map(\.address) == EngineRig.accounts)
            #expect(results.map(\.passed) == [true, false, true])
            let observations = try await rig.snapshot().observations
            let seen = observations.filter { $0.kind == "connected" }
            #expect(seen.map(\.address) == EngineRig.accounts)
            #expect(seen.map(\.observed) == [rig.clock.now, rig.clock.now, rig.clock.now])
            #expect(seen.map { try? JSON(parsing: Array($0.value.utf8))["connected"]?.boolean } == [true, false, true])
            #expect(seen[1].value.contains("mail.authentication_failed"))
            #expect(seen[1].value.contains(#""stage":"auth""#))
            let offers = observations.filter { $0.kind == "capabilities" }
            #expect(offers.map(\.address) == EngineRig.accounts)
            #expect(offers.allSatisfy { $0.value.contains(#""mechanisms":["XOAUTH2","PLAIN"]"#) })
        }
    }

    @Test func `testing changes no state and takes no lock`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.text(rig.paths.state.state)
            let record = LockRecord(
                id: "1", operation: "apply", who: "bob", version: "test", created: rig.clock.now, info: "",
                path: rig.paths.state.state)
            let lock = try await StateStore(rig.paths.state, files: rig.files).lock(record)
            rig.admit(refusing: "alpha", "beta", "gamma")
            #expect(try await rig.test().allSatisfy { !$0.passed })
            lock.unlock()
            #expect(try rig.text(rig.paths.state.state) == before)
        }
    }

    /// Where an account logs in, by each protocol.
    private static let servers: [(type: String, port: Int)] = [("imap", 993), ("smtp", 465), ("pop3", 995)]

    /// A project whose alpha logs in there.
    private static func run(
        _ type: String, _ port: Int, _ body: (EngineRig) async throws -> Void
    ) async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            (manifests.alpha.type, manifests.alpha.port) = (type, port)
            rig.mail.set(HostPort(host: "mail.example.com", port: port), nil)
            try rig.write(manifests)
            try await body(rig)
        }
    }

    @Test(arguments: servers, [ScriptedMailServer.Verdict.refuse, .expire])
    func `a token that is refused before its time is renewed and offered once more`(
        server: (type: String, port: Int), verdict: ScriptedMailServer.Verdict
    ) async throws {
        try await Self.run(server.type, server.port) { rig in
            try await rig.apply()
            rig.mail.decide { $0.token == "token-1" ? verdict : .accept }
            let results = try await rig.test([EngineRig.alpha])
            #expect(results.map(\.passed) == [true])
            #expect(rig.mail.logins.suffix(2).map(\.token) == ["token-1", "token-2"])
            #expect(rig.mail.logins.suffix(2).allSatisfy { $0.endpoint.port == server.port })
            #expect(try await rig.test([EngineRig.alpha]).map(\.passed) == [true])
            #expect(rig.provider.issued == 2)
        }
    }

    @Test(arguments: servers, [ScriptedMailServer.Verdict.refuse, .expire])
    func `a mailbox that refuses the new token too is not asked a third time`(
        server: (type: String, port: Int), verdict: ScriptedMailServer.Verdict
    ) async throws {
        try await Self.run(server.type, server.port) { rig in
            try await rig.apply()
            rig.mail.decide { $0.userName == "alpha@example.com" ? verdict : .accept }
            let results = try await rig.test([EngineRig.alpha])
            #expect(results.map(\.failure?.weight) == [.unproven])
            #expect(rig.mail.logins.count == 5)
            #expect(rig.provider.issued == 2)
        }
    }

    @Test func `many that refuse the old token share one new one, and all are proven with it`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.mail.decide { $0.token == "token-1" ? .refuse : .accept }
            #expect(try await rig.test().map(\.passed) == [true, true, true])
            #expect(rig.provider.issued == 2)
        }
    }

    @Test func `however many mailboxes refuse every token, the provider is asked once`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.mail.decide { _ in .refuse }
            #expect(try await rig.test().allSatisfy { !$0.passed })
            #expect(rig.provider.issued == 2)
        }
    }

    @Test(arguments: [ConnectionFailure.refused, .timedOut])
    func `a server that cannot be reached costs no token`(failure: ConnectionFailure) async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.mail.set(EngineRig.imap, failure)
            _ = try await rig.test()
            #expect(rig.provider.issued == 1)
        }
    }

    @Test func `the weight tells an unproven account from a failure before any login`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.mail.set(EngineRig.imap, .refused)
            #expect(try await rig.test().map(\.failure?.weight) == [.unproven, .unproven, .unproven])
            rig.clock.advance(seconds: 7_200)
            rig.provider.rotate(to: "another-secret")
            let results = try await rig.test()
            #expect(results.map(\.failure?.weight) == [.failed, .failed, .failed])
            #expect(results.first?.failure?.diagnostic.address == EngineRig.profile)
        }
    }

    @Test func `many who find a lapsed token make one request`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.clock.advance(seconds: 7_200)
            #expect(try await rig.test().allSatisfy(\.passed))
            #expect(rig.provider.issued == 2)
        }
    }

    @Test func `a result for settings that are no longer in service is dropped`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let old = try rig.state()
            var manifests = Manifests()
            manifests.alpha.port = 1993
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), nil)
            try rig.write(manifests)
            try await rig.apply()
            // A test that read the state before the change, and ends after it.
            let results = try await rig.test([EngineRig.alpha], of: old)
            #expect(results.map(\.passed) == [true])
            #expect(try await rig.snapshot().observations.allSatisfy { $0.observer == "apply" })
        }
    }

    @Test func `a change of the record alone does not cost later observations`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            var manifests = Manifests()
            manifests.alpha.debug = true
            try rig.write(manifests)
            try await rig.apply()
            _ = try await rig.test([EngineRig.alpha])
            let tested = try await rig.snapshot().observations.filter { $0.observer == "test" }
            #expect(Set(tested.map(\.kind)) == ["connected", "capabilities"])
            #expect(Set(tested.map(\.address)) == [EngineRig.alpha])
        }
    }

    private static let introspection = "https://login.example.com/introspect"

    /// Applies accounts whose provider says of a token what `answer` does.
    private static func applyIntrospected(
        _ rig: EngineRig, _ answer: @escaping @Sendable () throws(ConnectionFailure) -> HTTPResponse
    ) async throws {
        var manifests = Manifests()
        manifests.endpoint =
            "endpoints: { token: \"\(ScriptedProvider.tokenEndpoint)\", introspection: \"\(introspection)\" }"
        try rig.write(manifests)
        try await rig.apply()
        let provider = rig.provider
        rig.transport.respond { request throws(ConnectionFailure) in
            request.url.description == introspection ? try answer() : try provider.answer(request)
        }
    }

    /// The tokens that the provider was asked about.
    private static func introspected(_ rig: EngineRig) -> [String?] {
        rig.transport.exchanges.filter { $0.url == introspection }.map { $0.form["token"] }
    }

    @Test func `what the provider says of the token is kept beside the login`() async throws {
        try await EngineRig.run { rig in
            try await Self.applyIntrospected(rig) { () throws(ConnectionFailure) in
                .json(.object([.init("active", true), .init("scope", "mail.imap"), .init("exp", 1_900_000_000)]))
            }
            let result = try #require(try await rig.test([EngineRig.alpha]).first)
            #expect(result.token?.isActive == true)
            #expect(Self.introspected(rig) == ["token-1"])
            #expect(rig.transport.exchanges.last?.basic?.password == "first-secret")
            let seen = try await rig.snapshot().observations
            #expect(Set(seen.map(\.kind)) == ["connected", "token", "capabilities"])
            let token = try JSON(parsing: Array(try #require(seen.first { $0.kind == "token" }).value.utf8))
            #expect(token["active"] == true)
            #expect(token["scopes"]?.array == ["mail.imap"])
        }
    }

    @Test(arguments: [1, 10])
    func `the provider is asked about a token once, however many accounts have it`(parallelism: Int) async throws {
        try await EngineRig.run { rig in
            try await Self.applyIntrospected(rig) { () throws(ConnectionFailure) in
                .json(.object([.init("active", true)]))
            }
            let results = try await rig.test(parallelism: parallelism)
            #expect(results.map(\.token?.isActive) == [true, true, true])
            #expect(Self.introspected(rig) == ["token-1"])
            // Another run asks anew.
            _ = try await rig.test()
            #expect(Self.introspected(rig) == ["token-1", "token-1"])
        }
    }

    @Test func `a provider that does not answer is asked about a token once too`() async throws {
        try await EngineRig.run { rig in
            try await Self.applyIntrospected(rig) { () throws(ConnectionFailure) in throw .timedOut }
            #expect(try await rig.test().map(\.token) == [nil, nil, nil])
            #expect(Self.introspected(rig) == ["token-1"])
        }
    }

    @Test func `of a token that came in the middle of a run the provider is asked too`() async throws {
        try await EngineRig.run { rig in
            try await Self.applyIntrospected(rig) { () throws(ConnectionFailure) in
                .json(.object([.init("active", true)]))
            }
            rig.mail.decide { $0.userName.hasPrefix("beta") && $0.token == "token-1" ? .refuse : .accept }
            #expect(try await rig.test(parallelism: 1).allSatisfy(\.passed))
            #expect(Self.introspected(rig) == ["token-1", "token-2"])
        }
    }

    @Test func `what a server shows otherwise than last time is told once`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            #expect(try await rig.test([EngineRig.alpha]).flatMap(\.changes).isEmpty)
            try await rig.withVault { vault in
                let seen = try #require(try await vault.observations().first { $0.kind == "capabilities" })
                let old = ObservedFacts.Offer(capabilities: ["IMAP4rev1"], mechanisms: ["CRAM-MD5"])
                let isKept = try await vault.observe(
                    Observation(
                        of: seen.address, kind: seen.kind, observer: "test", observed: rig.clock.now,
                        grant: seen.grant, settingsDigest: seen.settingsDigest, value: old.json.text()))
                #expect(isKept)
            }
            let changes = try await rig.test([EngineRig.alpha]).flatMap(\.changes)
            #expect(changes.map(\.kind).contains(.mechanismGone))
            #expect(changes.map(\.words).contains("AUTH=CRAM-MD5 is gone"))
            #expect(try await rig.test([EngineRig.alpha]).flatMap(\.changes).isEmpty)
        }
    }

    @Test func `the last proof is the commit's or a later login's, and none after a login that failed`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let applied = rig.clock.now
            func last() async throws -> Timestamp? {
                let observations = try await rig.withVault { try await $0.observations() }
                return EarlierObservations(observations).lastProof(
                    of: EngineRig.alpha, try rig.committed(EngineRig.alpha))
            }
            #expect(try await last() == applied)
            rig.clock.advance(seconds: 60)
            _ = try await rig.test([EngineRig.alpha])
            #expect(try await last() == applied.adding(seconds: 60))
            rig.clock.advance(seconds: 60)
            rig.mail.set(EngineRig.imap, .refused)
            _ = try await rig.test([EngineRig.alpha])
            #expect(try await last() == nil)
        }
    }

    @Test func `accounts that are not in service are passed over`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            manifests.beta.isActive = false
            try rig.write(manifests)
            rig.admit(refusing: "gamma")
            try await rig.apply()
            #expect(try await rig.test().map(\.address) == [EngineRig.alpha])
        }
    }

    @Test func `a grant that the vault has lost names the account and the way back`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            var state = try rig.state()
            var record = try rig.record(EngineRig.alpha)
            record.committed?.grant = "gone"
            state.set(EngineRig.alpha, record)
            let result = try #require(try await rig.test([EngineRig.alpha], of: state).first)
            #expect(result.failure?.diagnostic.code == "vault.not-found")
            #expect(result.failure?.diagnostic.address == EngineRig.alpha)
        }
    }
}

extension AccountTester.Result {
    var passed: Bool { failure == nil }
}

extension EngineRig {
    /// Tests accounts as `mailkeel test` does.
    func test(
        _ accounts: [ResourceAddress] = EngineRig.accounts, of document: StateDocument? = nil,
        retryingRefused: Bool = false, parallelism: Int = 10, marks: (@Sendable (Secret) -> String)? = nil
    ) async throws -> [AccountTester.Result] {
        let document = if let document { document } else { try state() }
        var tester = AccountTester(
            paths: paths, ports: ports, secrets: secrets, explanation: FailureExplanation { _, _ in nil },
            fingerprint: marks)
        tester.offersRefused = retryingRefused
        tester.parallelism = parallelism
        return try await withVault { [tester] in await tester.test(accounts, of: document, in: $0) { _ in } }
    }
}

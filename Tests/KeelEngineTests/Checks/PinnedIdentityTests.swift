import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelTestSupport
import KeelVault
import Testing

/// What is looked at before a consent takes the place of another, and what a death in between changes.
struct PinnedIdentityTests {
    // MARK: Where somebody was accepted before

    /// What introspection answers, and nothing else.
    private static func introspects(
        _ rig: EngineRig, _ answer: @escaping @Sendable () throws(ConnectionFailure) -> HTTPResponse
    ) {
        rig.transport.respond { request throws(ConnectionFailure) in
            request.url.description == OnePerson.introspection ? try answer() : HTTPResponse(status: 404)
        }
    }

    private static func names(_ subject: JSON) -> HTTPResponse {
        .json(.object([.init("active", true), .init("username", .string(OnePerson.subject)), .init("sub", subject)]))
    }

    @Test(arguments: [nil, 503, 500, 429])
    func `while nobody can say who consented, the consent is kept and not taken`(status: Int?) async throws {
        try await OnePerson.run { rig in
            Self.introspects(rig) { () throws(ConnectionFailure) in Self.names("7") }
            try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
            Self.introspects(rig) { () throws(ConnectionFailure) in
                guard let status else { throw .refused }
                return HTTPResponse(status: status)
            }
            let doubt = try await rig.refusal(of: OnePerson.tokens(rig), for: OnePerson.slot)
            #expect(doubt.diagnostic.code == "identity.not-asked")
            #expect(doubt.weight == .unproven)
            #expect(doubt.diagnostic.responsible == .nobody)
            let kept = try #require(try await rig.snapshot().grants.values.first { $0.providerSubject == nil })
            #expect(kept.status == .candidate)
            // Whoever puts it into service asks again, and hears of somebody else.
            let again = try await rig.verification(of: kept.id, for: OnePerson.slot)
            #expect(again?.diagnostic.code == "identity.not-asked")
            #expect(try await rig.snapshot().grants[kept.id]?.status == .candidate)
            Self.introspects(rig) { () throws(ConnectionFailure) in Self.names("8") }
            #expect(try await rig.verification(of: kept.id, for: OnePerson.slot)?.diagnostic.code == "identity.changed")
            #expect(try await rig.snapshot().grants[kept.id]?.status == .retired)
        }
    }

    @Test func `a consent that was kept is taken once the provider says that it is the same person`() async throws {
        try await OnePerson.run { rig in
            Self.introspects(rig) { () throws(ConnectionFailure) in Self.names("7") }
            try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
            Self.introspects(rig) { () throws(ConnectionFailure) in throw .timedOut }
            _ = try await rig.refusal(of: OnePerson.tokens(rig), for: OnePerson.slot)
            let kept = try #require(try await rig.snapshot().grants.values.first { $0.providerSubject == nil })
            Self.introspects(rig) { () throws(ConnectionFailure) in Self.names("7") }
            #expect(try await rig.verification(of: kept.id, for: OnePerson.slot) == nil)
            #expect(try await rig.snapshot().grants[kept.id]?.providerSubject == "7")
        }
    }

    @Test func `nobody in particular takes the place of an accepted person only if somebody says so`() async throws {
        try await OnePerson.run { rig in
            try await rig.take(OnePerson.tokens(rig, id: ["email": "one@example.com"]), for: OnePerson.slot)
            let failure = try await rig.refusal(of: OnePerson.tokens(rig), for: OnePerson.slot)
            #expect(failure.diagnostic.code == "identity.unknown")
            #expect(failure.diagnostic.help?.contains("--accept-identity") == true)
            rig.clock.advance(seconds: 1)
            let grant = try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot, accepting: true)
            // It is remembered: neither the next run nor the next consent asks.
            #expect(try await rig.verification(of: grant, for: OnePerson.slot) == nil)
            rig.clock.advance(seconds: 1)
            try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
        }
    }

    @Test func `the ID token says enough of a pinned person, whatever is out of order`() async throws {
        try await OnePerson.run { rig in
            Self.introspects(rig) { () throws(ConnectionFailure) in throw .refused }
            try await rig.take(OnePerson.tokens(rig, id: ["email": "one@example.com"]), for: OnePerson.slot)
            let grant = try await rig.take(OnePerson.tokens(rig, id: [:]), for: OnePerson.slot)
            #expect(try await rig.snapshot().grants[grant]?.providerSubject == "person-1")
        }
    }

    // MARK: A run that dies

    @Test(
        arguments: [
            ("scopes", "oauth.insufficient_scope"), ("nonce", "identity.foreign-token"),
            ("aud", "identity.foreign-token"), ("email", "identity.mismatch"), ("sub", "identity.changed"),
        ])
    func `what is refused without asking anybody is stored as refused, so no death in between puts it into service`(
        fault: String, code: String
    ) async throws {
        try await OnePerson.run { rig in
            if fault == "sub" {
                try await rig.take(OnePerson.tokens(rig, id: ["email": "one@example.com"]), for: OnePerson.slot)
            }
            var claims: [String: JSON] = ["email": "one@example.com", "nonce": "mine"]
            if fault != "scopes" { claims[fault] = "other@example.com" }
            let tokens = OnePerson.tokens(rig, id: claims, scopes: fault == "scopes" ? ["profile"] : ["mail.imap"])
            let failure = try await rig.refusal(of: tokens, for: OnePerson.slot, nonce: "mine")
            #expect(failure.diagnostic.code == code)
            #expect(rig.transport.exchanges.isEmpty)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.grants.values.count { $0.status == .retired } == 1)
        }
    }

    @Test(arguments: [
        (answer: JSON.object([.init("active", true)]), code: nil, status: GrantStatus.candidate),
        (.object([.init("active", true), .init("username", "two@example.com")]), "identity.mismatch", .retired),
    ])
    func `whom the ID token named alone is known to the next run, which asks for more`(
        answer: JSON, code: String?, status: GrantStatus
    ) async throws {
        try await OnePerson.run { rig in
            let (questions, question) = AsyncStream.makeStream(of: Void.self)
            rig.transport.respond { _ throws(ConnectionFailure) in
                question.yield()
                try? await Task.sleep(for: .seconds(3600))
                throw .timedOut
            }
            // It stops between storing and what it asks then, as one that was killed there.
            let dead = Task { try? await rig.take(OnePerson.tokens(rig, id: [:]), for: OnePerson.slot) }
            defer { dead.cancel() }
            _ = await questions.first { true }
            let grant = try #require(try await rig.snapshot().grants.keys.first)
            #expect(try await rig.snapshot().grants[grant]?.isVerified == false)
            Self.introspects(rig) { () throws(ConnectionFailure) in .json(answer) }
            #expect(try await rig.verification(of: grant, for: OnePerson.slot)?.diagnostic.code == code)
            let record = try #require(try await rig.snapshot().grants[grant])
            #expect(record.status == status)
            #expect(record.isVerified == (code == nil))
            guard code == nil else { return }
            #expect(record.providerSubject == "person-1")
            // So another person is told from the one who consented.
            rig.clock.advance(seconds: 1)
            let other = OnePerson.tokens(rig, id: ["sub": "person-2"])
            #expect(try await rig.refusal(of: other, for: OnePerson.slot).diagnostic.code == "identity.changed")
        }
    }

    @Test func `a refreshed consent that allows too little is not put into service`() async throws {
        try await OnePerson.run { rig in
            let grant = try await rig.take(OnePerson.tokens(rig), for: OnePerson.slot)
            try await rig.withVault { vault in
                _ = try await vault.replaceTokens(
                    of: grant, generation: 1, with: .init(access: nil, accessExpires: nil, scopes: ["profile"]))
            }
            #expect(
                try await rig.verification(of: grant, for: OnePerson.slot)?.diagnostic.code
                    == "oauth.insufficient_scope")
            #expect(try await rig.snapshot().grants[grant]?.status == .retired)
        }
    }
}

import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelTestSupport
import KeelVault
import Testing

struct RotationTests {
    @Test func `a refresh sends the newest token with the recipe's scopes, and keeps the one before`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            #expect(try await rig.renew() == "access-2")
            #expect(rig.provider.requests.last?["scope"] == "mail.imap offline_access")
            #expect(try await rig.refreshTokens() == ["2 current", "1 previous"])
            #expect(try await rig.intents() == 0)
            try rig.lapse()
            #expect(try await rig.renew() == "access-3")
            #expect(try await rig.refreshTokens() == ["3 current", "2 previous"])
            #expect(rig.sent == ["1", "2"])
        }
    }

    @Test func `a refresh token that the provider does not replace stays`() async throws {
        try await RenewalRig.run(.staying) { rig in
            for round in 2...4 {
                try rig.lapse()
                #expect(try await rig.renew() == "access-\(round)")
            }
            #expect(try await rig.refreshTokens() == ["1 current"])
        }
    }

    @Test func `who waited for the lock asks nobody`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            try await rig.renew()
            #expect(try await rig.renew() == "access-2")
            #expect(try await rig.renew(.due(by: rig.base.clock.now)) == "access-2")
            #expect(rig.sent == ["1"])
        }
    }

    @Test(arguments: RenewalPoint.allCases, RotatingProvider.Manner.allCases)
    func `whatever point a process dies at, the next one has the grant, or says that it is lost`(
        _ point: RenewalPoint, _ manner: RotatingProvider.Manner
    ) async throws {
        try await RenewalRig.run(manner) { rig in
            try rig.lapse()
            _ = try await rig.failure(dyingAt: point)
            let isLost = point == .answered && manner == .detectingReuse
            guard isLost else {
                let token = try await rig.renew()
                #expect(token == (point == .answered ? "access-3" : "access-2"))
                #expect(rig.provider.requests.count == (point == .answered ? 2 : 1))
                #expect(try await rig.intents() == 0)
                return
            }
            let failure = try await rig.failure()
            #expect(failure.failure.diagnostic.code == "oauth.possible_rotation_loss")
            #expect(failure.failure.diagnostic.help?.contains("mailkeel authorize \(RenewalRig.slot)") == true)
            #expect(failure.failure.diagnostic.message.contains("`refresh`"))
            #expect(failure.failureClass == .reauthorize)
            #expect(try await rig.refreshTokens() == ["1 current"])
            #expect(try await rig.record().renewalProblemClass == .reauthorize)
            // The verdict stands, and nobody is asked again for it.
            let asked = rig.provider.requests.count
            #expect(try await rig.failure().isOld)
            #expect(rig.provider.requests.count == asked)
        }
    }

    @Test func `a grace of the provider saves what a dead process lost`() async throws {
        try await RenewalRig.run(.detectingReuse) { rig in
            rig.provider.allow(grace: 1)
            try rig.lapse()
            _ = try await rig.failure(dyingAt: .answered)
            #expect(try await rig.renew() == "access-3")
            #expect(try await rig.refreshTokens() == ["3 current", "1 previous"])
        }
    }

    @Test func `an answer that is lost is asked for once more, at once`() async throws {
        for manner in [RotatingProvider.Manner.staying, .rotating] {
            try await RenewalRig.run(manner) { rig in
                try rig.lapse()
                rig.provider.order(.losing)
                #expect(try await rig.renew() == "access-3")
                #expect(rig.sent == ["1", "1"])
            }
        }
    }

    @Test func `a provider that detects reuse is asked once more and no oftener, and the loss is named`() async throws {
        try await RenewalRig.run(.detectingReuse) { rig in
            try rig.lapse()
            try await rig.renew()
            try rig.lapse()
            rig.provider.order(.losing)
            let failure = try await rig.failure()
            #expect(failure.failure.diagnostic.code == "oauth.possible_rotation_loss")
            // The newest twice, then the one before, then the newest a last time.
            #expect(rig.sent == ["1", "2", "2", "1", "2"])
            #expect(try await rig.refreshTokens() == ["2 current", "1 previous"])
        }
    }

    @Test(arguments: [ConnectionFailure.timedOut, .closed, .other(ForeignText("reset"))])
    func `two lost answers end it, and the next run knows of the doubt`(_ lost: ConnectionFailure) async throws {
        try await RenewalRig.run(.rotating) { rig in
            try rig.lapse()
            rig.provider.order(.failing(lost), .failing(lost))
            let failure = try await rig.failure()
            #expect(failure.failureClass == .network)
            #expect(failure.retry != nil)
            #expect(rig.sent == ["1", "1"])
            #expect(try await rig.intents() == 1)
            #expect(try await rig.renew() == "access-2")
            #expect(try await rig.intents() == 0)
        }
    }

    @Test(arguments: [ConnectionFailure.refused, .unreachable, .nameNotResolved(host: "login.example.com")])
    func `a request that never left leaves no doubt`(_ unsent: ConnectionFailure) async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            rig.provider.order(.failing(unsent))
            #expect(try await rig.failure().failureClass == .network)
            #expect(rig.sent == ["1"])
            #expect(try await rig.intents() == 0)
        }
    }

    @Test(arguments: [500, 502, 504])
    func `a gateway that gave up leaves the doubt open`(_ status: Int) async throws {
        try await RenewalRig.run(.rotating) { rig in
            try rig.lapse()
            rig.provider.order(.hiding(HTTPResponse(status: status)))
            #expect(try await rig.failure().failureClass == .transient)
            #expect(try await rig.intents() == 1)
            #expect(try await rig.renew() == "access-3")
        }
    }

    @Test func `an interrupted rotation lets the one before have its turn`() async throws {
        try await RenewalRig.run(.rotating) { rig in
            try rig.lapse()
            try await rig.renew()
            try rig.lapse()
            _ = try await rig.failure(dyingAt: .intended)
            rig.provider.order(.answering(.refusal("invalid_grant", numbers: [700082])))
            #expect(try await rig.renew() == "access-3")
            #expect(rig.sent == ["1", "2", "1"])
            // What has worked is kept with all that came after it.
            #expect(try await rig.refreshTokens() == ["3 current", "2 previous", "1 previous"])
        }
    }

    @Test func `without a doubt an older token is never shown`() async throws {
        try await RenewalRig.run(.rotating) { rig in
            try rig.lapse()
            try await rig.renew()
            try rig.lapse()
            rig.provider.order(
                .answering(.refusal("invalid_grant")), .answering(.refusal("invalid_grant")))
            #expect(try await rig.failure().failureClass == .reauthorize)
            #expect(rig.sent == ["1", "2", "2"])
        }
    }

    @Test func `the refresh token of an answer that is of no use otherwise is kept`() async throws {
        try await RenewalRig.run(.detectingReuse) { rig in
            try rig.lapse()
            rig.provider.order(
                .hiding(
                    .json(
                        .object([
                            .init("token_type", "mac"), .init("access_token", "x"), .init("refresh_token", "refresh-2"),
                        ]))))
            #expect(try await rig.failure().failureClass == .ambiguous)
            #expect(try await rig.refreshTokens() == ["2 current", "1 previous"])
            #expect(try await rig.intents() == 0)
            #expect(try await rig.renew() == "access-3")
        }
    }

    @Test func `a refusal that may pass is asked about once more`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            rig.provider.order(.answering(.refusal("invalid_grant")))
            #expect(try await rig.renew() == "access-2")
            #expect(rig.sent == ["1", "1"])
        }
    }

    @Test func `a refusal whose code leaves no doubt is asked about once`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            rig.provider.order(.answering(.refusal("invalid_grant", numbers: [50173])))
            let failure = try await rig.failure()
            #expect(failure.failureClass == .reauthorize)
            #expect(failure.retry == nil)
            #expect(failure.failure.diagnostic.help?.contains("mailkeel authorize") == true)
            #expect(rig.sent == ["1"])
            #expect(try await rig.record().renewalDue == nil)
        }
    }

    @Test func `a grant that was given up is asked for only when somebody insists`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            rig.provider.end()
            _ = try await rig.failure()
            #expect(rig.sent == ["1", "1"])
            rig.provider.revive()
            let failure = try await rig.failure()
            #expect(failure.isOld)
            #expect(failure.failure.diagnostic.notes.contains { $0.message.contains("--retry-refused") })
            #expect(rig.sent == ["1", "1"])
            #expect(try await rig.renew(.anyway) == "access-2")
            #expect(try await rig.record().renewalProblem == nil)
        }
    }

    @Test func `a grant without a refresh token says what gives one`() async throws {
        try await RenewalRig.run(refresh: false) { rig in
            try rig.lapse()
            let failure = try await rig.failure()
            #expect(failure.failure.diagnostic.code == "oauth.no_refresh_token")
            #expect(rig.provider.requests.isEmpty)
            #expect(try await rig.record().renewalProblemClass == .reauthorize)
        }
    }

    @Test func `a late answer for an old grant stays with it`() async throws {
        try await RenewalRig.run(.rotating) { rig in
            try rig.lapse()
            let next = try await RenewalRig.add("lead@example.com", rig.base, rig.vault)
            let (provider, vault, grant) = (rig.provider, rig.vault, rig.grant)
            rig.base.transport.respond { request throws(ConnectionFailure) in
                let answer = try provider.answer(request)
                // Meanwhile an apply puts another grant in its place.
                _ = try? await vault.promote(next, for: [EngineRig.alpha])
                try? await vault.retire([grant])
                return answer
            }
            #expect(try await rig.renew() == "access-2")
            #expect(try await rig.record().status == .retired)
            #expect(try await rig.record().renewalDue == nil)
            #expect(try await vault.accessToken(of: next)?.secret.revealText() == "access-1")
            #expect(try await vault.refreshTokens(of: next).map { $0.secret.revealText() } == ["refresh-1"])
            try rig.lapse()
            #expect(try await rig.failure().failure.diagnostic.code == "engine.grant-retired")
        }
    }

    @Test func `an answer that another writer overtook is dropped, but for its refresh token`() async throws {
        try await RenewalRig.run(.rotating) { rig in
            try rig.lapse()
            let (provider, vault, grant) = (rig.provider, rig.vault, rig.grant)
            let now = rig.base.clock.now
            rig.base.transport.respond { request throws(ConnectionFailure) in
                let answer = try provider.answer(request)
                _ = try? await vault.replaceTokens(
                    of: grant, generation: 1,
                    with: IssuedTokens(
                        access: Secret(copying: "access-other"), accessExpires: now.adding(seconds: 3600),
                        refresh: Secret(copying: "refresh-9"), scopes: []))
                return answer
            }
            #expect(try await rig.failure().failure.diagnostic.code == "vault.conflict")
            #expect(try await vault.accessToken(of: grant)?.secret.revealText() == "access-other")
            #expect(try await rig.refreshTokens() == ["9 current", "2 pending", "1 previous"])
        }
    }
}

import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelProviders
import KeelTestSupport
import KeelVault
import Testing

struct RenewalFailureTests {
    /// An answer, and what follows from it: the class, and the seconds to the next try (nil: not before somebody acts).
    struct Case: Sendable, CustomTestStringConvertible {
        let answer: HTTPResponse
        let expected: FailureClass
        let wait: Int64?
        let testDescription: String

        init(_ testDescription: String, _ answer: HTTPResponse, _ expected: FailureClass, _ wait: Int64?) {
            self.answer = answer
            self.expected = expected
            self.wait = wait
            self.testDescription = testDescription
        }
    }

    static let cases = [
        Case("503", HTTPResponse(status: 503), .transient, 90),
        Case("503 and seconds", HTTPResponse(status: 503, headers: [("Retry-After", "7")]), .transient, 7),
        Case("429", HTTPResponse(status: 429), .throttled, 90),
        Case("429 and seconds", HTTPResponse(status: 429, headers: [("Retry-After", "120")]), .throttled, 120),
        Case(
            "429 and a date",
            HTTPResponse(
                status: 429,
                headers: [("Retry-After", "Fri, 15 Jan 2027 09:01:31 GMT"), ("Date", "Fri, 15 Jan 2027 09:00:01 GMT")]),
            .throttled, 90),
        Case("429 and years", HTTPResponse(status: 429, headers: [("Retry-After", "99999999")]), .throttled, 86_400),
        Case("server_error", .refusal("server_error", status: 500), .transient, 90),
        Case("expired by Microsoft's number", .refusal("invalid_grant", numbers: [700082]), .reauthorize, nil),
        Case("interaction", .refusal("interaction_required"), .reauthorize, nil),
        Case("session control", .refusal("invalid_grant", suberror: "invalid_rapt"), .reauthorize, nil),
        Case("a wrong client", .refusal("invalid_client", status: 401), .fixClient, 3240),
        Case("an expired secret", .refusal("invalid_client", status: 401, numbers: [7_000_222]), .fixClient, 3240),
        Case("a policy", .refusal("invalid_grant", numbers: [53003]), .fixTenant, 3240),
        Case("a scope", .refusal("invalid_scope"), .fixManifest, 3240),
        Case("a proxy's page", HTTPResponse(status: 403, body: Secret(copying: "<html>")), .ambiguous, 3240),
        Case("nothing at all", HTTPResponse(status: 400), .ambiguous, 3240),
        Case("a login page", HTTPResponse(status: 200, body: Secret(copying: "<html>")), .ambiguous, 3240),
    ]

    @Test(arguments: cases)
    func `the class decides when it is tried again, and no token goes`(_ expected: Case) async throws {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            rig.provider.order(.answering(expected.answer))
            let failure = try await rig.failure()
            #expect(failure.failureClass == expected.expected)
            let now = rig.base.clock.now
            #expect(failure.retry == expected.wait.map { now.adding(seconds: $0) })
            let record = try await rig.record()
            #expect(record.renewalProblem == failure.failure.diagnostic.code)
            #expect(record.renewalProblemClass == expected.expected)
            #expect(record.renewalDue == failure.retry)
            #expect(record.renewalFailures == 1)
            #expect(record.status == .current)
            #expect(try await rig.refreshTokens() == ["1 current"])
            #expect(try await rig.vault.accessToken(of: rig.grant)?.secret.revealText() == "access-1")
        }
    }

    @Test func `no error of the catalogue costs a token`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            for entry in ErrorCatalogue.all {
                let number = ErrorCatalogue.number(entry.code)
                let answer = HTTPResponse.refusal(
                    number == nil ? entry.code : "invalid_grant", numbers: number.map { [$0] } ?? [])
                rig.provider.order(.answering(answer), .answering(answer))
                _ = try await rig.failure(.anyway)
                #expect(try await rig.refreshTokens() == ["1 current"], "\(entry.name)")
                rig.provider.calm()
            }
            #expect(try await rig.renew(.anyway) == "access-2")
        }
    }

    @Test func `no status and no body costs a token`() async throws {
        let bodies = [
            "", "<!doctype html>", "{}", "[]", "null", "{\"error\":\"\"}", "{\"error\":7}", "{\"access_token\":\"\"}",
            "\u{0}",
        ]
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            for status in [
                200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 405, 407, 408, 413, 418, 425, 429, 500, 501, 502, 503,
                504, 599,
            ] {
                for body in bodies {
                    let answer = HTTPResponse(status: status, body: Secret(copying: body))
                    rig.provider.order(.answering(answer), .answering(answer))
                    _ = try await rig.failure(.anyway)
                    #expect(try await rig.refreshTokens() == ["1 current"], "\(status) \(body)")
                    rig.provider.calm()
                }
            }
            #expect(try await rig.renew(.anyway) == "access-2")
        }
    }

    @Test func `waits grow by decorrelated jitter up to an hour, and for what somebody must mend up to a day`()
        async throws
    {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            var waits: [Int64] = []
            for _ in 0..<6 {
                rig.provider.order(.answering(HTTPResponse(status: 503)))
                let failure = try await rig.failure(.anyway)
                waits.append(try #require(failure.retry).seconds - rig.base.clock.now.seconds)
                rig.base.clock.advance(seconds: waits.last ?? 0)
            }
            #expect(waits == [90, 270, 810, 2430, 3600, 3600])
            waits = []
            for _ in 0..<3 {
                rig.provider.order(.answering(.refusal("invalid_scope")))
                let failure = try await rig.failure(.anyway)
                waits.append(try #require(failure.retry).seconds - rig.base.clock.now.seconds)
            }
            #expect(waits == [77_760, 77_760, 77_760])
        }
    }

    @Test func `a provider that asks to wait is not asked by those who only want a token`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            rig.provider.order(.answering(HTTPResponse(status: 429, headers: [("Retry-After", "60")])))
            _ = try await rig.failure()
            let failure = try await rig.failure()
            #expect(failure.isOld)
            #expect(failure.failureClass == .throttled)
            #expect(rig.sent.count == 1)
            rig.base.clock.advance(seconds: 61)
            #expect(try await rig.renew() == "access-2")
        }
    }

    @Test func `an endpoint that fails five times in a row is left alone, and asked again`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            for _ in 0..<5 {
                rig.provider.order(.failing(.refused))
                #expect(try await rig.failure().failureClass == .network)
            }
            let failure = try await rig.failure()
            #expect(failure.failure.diagnostic.code == "oauth.endpoint_resting")
            #expect(rig.sent.count == 5)
            rig.base.clock.advance(seconds: 31)
            #expect(try await rig.renew() == "access-2")
            #expect(try await rig.vault.facts().endpoints.isEmpty)
        }
    }

    @Test func `Microsoft's loop detection closes the endpoint at once`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            rig.provider.order(.answering(.refusal("invalid_grant", numbers: [50196])))
            _ = try await rig.failure()
            #expect(try await rig.vault.facts().endpoints.first?.openUntil != nil)
        }
    }

    @Test func `a token that still lasts is handed out while the provider is down, and it is said`() async throws {
        try await RenewalRig.run { rig in
            rig.base.clock.advance(seconds: 3300)
            rig.provider.order(.failing(.refused))
            let handout = try await rig.tokens.accessToken(of: EngineRig.alpha, in: rig.vault, actor: "alice@desk")
            #expect(handout.token.revealText() == "access-1")
            #expect(handout.remarks.first?.contains("connection.connection_refused") == true)
            rig.base.clock.advance(seconds: 400)
            rig.provider.order(.failing(.refused))
            await #expect(throws: StepFailure.self) {
                try await rig.tokens.accessToken(of: EngineRig.alpha, in: rig.vault, actor: "alice@desk")
            }
        }
    }

    @Test func `a token that a server has refused is not handed out again`() async throws {
        try await RenewalRig.run { rig in
            rig.provider.order(.failing(.refused))
            await #expect(throws: StepFailure.self) {
                try await rig.tokens.accessToken(
                    of: rig.grant, in: rig.vault, for: EngineRig.alpha, rejected: Secret(copying: "access-1"))
            }
        }
    }

    @Test func `a secret that is missing here is noted nowhere, and nothing is sent`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            var recipe = try RenewalRig.recipe("lead@example.com")
            recipe.clientAuthentication = .basic
            recipe.credentials = [.clientSecret: SecretSource(.environment("NOT_SET"))]
            try await rig.vault.replaceRecipe(of: rig.grant, with: recipe)
            let failure = try await rig.failure()
            #expect(failure.failure.diagnostic.code == "secret.variable-not-set")
            #expect(failure.failureClass == nil)
            #expect(try await rig.record().renewalFailures == 0)
            #expect(try await rig.intents() == 0)
            #expect(rig.sent.isEmpty)
        }
    }
}

extension RenewalRig {
    var tokens: GrantTokens {
        var tokens = GrantTokens(
            paths: base.paths, ports: base.ports, secrets: base.secrets, explanation: FailureExplanation { _, _ in nil }
        )
        tokens.renewer = renewer
        return tokens
    }
}

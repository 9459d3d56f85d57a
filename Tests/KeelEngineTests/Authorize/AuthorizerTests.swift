import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

@testable import KeelEngine

/// A person's consent, from the link to the candidate that the next plan adopts.
@Suite struct AuthorizerTests {
    private static let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")

    private static func run(
        _ manifest: String = Manifests.person(),
        _ body: (EngineRig, Vault, Authorizer, ConsentRequest) async throws -> Void
    ) async throws {
        try await EngineRig.run { rig in
            try rig.write(manifest)
            var findings: [String] = []
            let vault = try await VaultAccessor(paths: rig.paths, files: rig.files, time: rig.clock)
                .openOrCreate(&findings)
            try await body(rig, vault, authorizer(rig, vault), try await request(rig))
            await vault.close()
        }
    }

    private static func authorizer(_ rig: EngineRig, _ vault: Vault, run: String = "run-1") -> Authorizer {
        var authorizer = Authorizer(
            vault: vault, paths: rig.paths, ports: rig.ports, secrets: rig.secrets,
            explanation: FailureExplanation { _, _ in nil }, run: run, actor: "alice@desk")
        let clock = rig.clock
        authorizer.sleep = { duration in clock.advance(seconds: duration.components.seconds) }
        return authorizer
    }

    private static func request(_ rig: EngineRig) async throws -> ConsentRequest {
        let planned = try await rig.plan()
        return try #require(ConsentRequest.all(in: planned.plan, planned.project.set).first)
    }

    private static let uri = (try? RedirectURI(parsing: "http://127.0.0.1:4711/"))

    private static func begin(_ authorizer: Authorizer, _ request: ConsentRequest) async throws -> BegunCode {
        try await authorizer.beginCode(request, redirectURI: try #require(uri), lifetime: 600)
    }

    /// What the browser brings when the person has consented.
    private static func answer(to begun: BegunCode, code: String = "c0de") throws -> RedirectAnswer {
        guard case .link(let link) = begun.consent.ask else { throw NoLink() }
        let state = try #require(link.split(separator: "&").first { $0.hasPrefix("state=") })
        return try RedirectAnswer(query: Secret(copying: "code=\(code)&\(state)"))
    }

    private struct NoLink: Error {}

    private static func failure(_ body: () async throws -> Void) async throws -> StepFailure {
        try await #require(throws: StepFailure.self) { try await body() }
    }

    @Test("A consent becomes a candidate that the next plan adopts and the next apply puts into service")
    func adopted() async throws {
        try await Self.run { rig, vault, authorizer, request in
            #expect(request.slot == Self.slot && request.accounts == [ResourceAddress(.emailAccount, "one")])
            rig.person.allow(code: "c0de")
            let begun = try await Self.begin(authorizer, request)
            let given = try await authorizer.redeem(begun, try Self.answer(to: begun))
            #expect(given.slot == Self.slot)
            let snapshot = try await vault.snapshot()
            #expect(snapshot.grants.values.map(\.status) == [.candidate])
            #expect(snapshot.intents.isEmpty)
            #expect(try await vault.flows().isEmpty)
            #expect(try await vault.audit(atMost: 9).map(\.entry.action) == ["authorize"])

            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
            #expect(try rig.record(Self.slot).committed?.grant == given.grant)
            #expect(rig.person.redeemed == ["c0de"])
        }
    }

    @Test("A token that was replaced by an answer of no other use is kept, for nobody else has it")
    func replacedWhileAdopted() async throws {
        try await Self.run { rig, vault, authorizer, request in
            let (provider, person, isFirst) = (rig.provider, rig.person, Flag())
            person.know(refreshToken: "second")
            rig.transport.respond { asked throws(ConnectionFailure) in
                if isFirst.take() {
                    let strange: JSON = .object([
                        .init("access_token", "a"), .init("token_type", "mac"), .init("refresh_token", "second"),
                    ])
                    return .json(strange)
                }
                if let answer = try person.answer(asked) { return answer }
                return try provider.answer(asked)
            }
            let failure = try await Self.failure { _ = try await authorizer.adopt(Secret(copying: "first"), request) }
            #expect(failure.diagnostic.notes.contains { $0.message.contains("mailkeel apply") })
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.candidate])
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
        }
    }

    @Test("A token that the provider does not take is taken back")
    func refusedAdoption() async throws {
        try await Self.run { _, vault, authorizer, request in
            let failure = try await Self.failure { _ = try await authorizer.adopt(Secret(copying: "unknown"), request) }
            #expect(failure.diagnostic.code == "oauth.invalid_grant")
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.retired])
        }
    }

    /// Up once.
    private final class Flag: Sendable {
        private let isUp = Mutex(true)
        func take() -> Bool {
            isUp.withLock { isUp in
                defer { isUp = false }
                return isUp
            }
        }
    }

    @Test("An answer without the state of the request spends nothing; the right one is still taken")
    func stranger() async throws {
        try await Self.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await Self.begin(authorizer, request)
            let strange = try RedirectAnswer(query: Secret(copying: "code=evil&state=guess"))
            #expect(!begun.recognizes(Secret(copying: "code=evil&state=guess")))
            let failure = try await Self.failure { _ = try await authorizer.redeem(begun, strange) }
            #expect(failure.diagnostic.severity == .error)
            #expect(rig.person.redeemed.isEmpty)
            _ = try await authorizer.redeem(begun, try Self.answer(to: begun))
        }
    }

    @Test("A person who declines ends the consent, and nothing is stored")
    func declined() async throws {
        try await Self.run { rig, vault, authorizer, request in
            let begun = try await Self.begin(authorizer, request)
            guard case .link(let link) = begun.consent.ask else { throw NoLink() }
            let state = try #require(link.split(separator: "&").first { $0.hasPrefix("state=") })
            let refusal = try RedirectAnswer(query: Secret(copying: "error=access_denied&\(state)"))
            let failure = try await Self.failure { _ = try await authorizer.redeem(begun, refusal) }
            #expect(failure.diagnostic.code == "oauth.access_denied")
            #expect(try await vault.flows().isEmpty)
            #expect(try await vault.snapshot().grants.isEmpty)
        }
    }

    @Test("One of two processes with the same answer redeems the code")
    func twice() async throws {
        try await Self.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await Self.begin(authorizer, request)
            let other = try #require(try await Self.authorizer(rig, vault, run: "run-2").resumeCode(request))
            _ = try await authorizer.redeem(begun, try Self.answer(to: begun))
            let failure = try await Self.failure {
                _ = try await Self.authorizer(rig, vault, run: "run-2").redeem(other, try Self.answer(to: begun))
            }
            #expect(failure.diagnostic.code == "authorize.finished-elsewhere")
            #expect(rig.person.redeemed == ["c0de"])
        }
    }

    @Test("A refused code leaves nothing behind")
    func refused() async throws {
        try await Self.run { rig, vault, authorizer, request in
            rig.person.refuse(with: "invalid_grant")
            let begun = try await Self.begin(authorizer, request)
            _ = try await Self.failure { _ = try await authorizer.redeem(begun, try Self.answer(to: begun)) }
            let snapshot = try await vault.snapshot()
            #expect(snapshot.grants.isEmpty && snapshot.intents.isEmpty)
        }
    }

    @Test("A code whose answer was lost is not sent again, and the next run says once what may be left at the provider")
    func lost() async throws {
        try await Self.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            rig.person.loseNextAnswer()
            let begun = try await Self.begin(authorizer, request)
            let failure = try await Self.failure {
                _ = try await authorizer.redeem(begun, try Self.answer(to: begun))
            }
            #expect(failure.diagnostic.notes.contains { $0.message.contains("may have been redeemed") })
            #expect(rig.person.redeemed == ["c0de"])
            #expect(try await authorizer.lostRedemptions(of: [request]).isEmpty, "it may be at work still")
            rig.clock.advance(seconds: 300)
            #expect(try await authorizer.lostRedemptions(of: [request]).count == 1)
            #expect(try await authorizer.lostRedemptions(of: [request]).isEmpty)
        }
    }

    @Test("A consent that another application asked for is not finished for this one")
    func otherClient() async throws {
        try await Self.run { rig, vault, authorizer, request in
            _ = try await Self.begin(authorizer, request)
            try rig.write(Manifests.person().replacing("app-2", with: "app-3"))
            let changed = try await Self.request(rig)
            let failure = try await Self.failure { _ = try await authorizer.resumeCode(changed) }
            #expect(failure.diagnostic.code == "authorize.other-client")
        }
    }

    @Test("An expired consent cannot be finished")
    func expired() async throws {
        try await Self.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await Self.begin(authorizer, request)
            rig.clock.advance(seconds: 601)
            #expect(try await authorizer.resumeCode(request) == nil)
            let failure = try await Self.failure {
                _ = try await authorizer.redeem(begun, try Self.answer(to: begun))
            }
            #expect(failure.diagnostic.code == "authorize.finished-elsewhere")
            #expect(rig.person.redeemed.isEmpty)
        }
    }

    // MARK: On another device

    private static let device = Manifests.person()
        .replacing("grant: authorization_code", with: "grant: device_code")
        .replacing(
            "authorization: \"https://login.example.com/authorize\"",
            with: "deviceAuthorization: \"\(ScriptedConsent.deviceEndpoint)\"")

    @Test("A device code is asked for as slowly as the provider says, also by another process")
    func deviceCode() async throws {
        try await Self.run(Self.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", "slow_down")
            let begun = try await authorizer.beginDevice(request)
            guard case .code("WDJB-MJHT", "https://login.example.com/enter", nil) = begun.consent.ask else {
                Issue.record("asked for \(begun.consent.ask)")
                return
            }
            let resumed = try #require(try await Self.authorizer(rig, vault, run: "run-2").resumeDevice(request))
            let started = rig.clock.now
            _ = try await Self.authorizer(rig, vault, run: "run-2").finish(resumed)
            // 5 s, 5 s, and 10 s after the server asked for less haste.
            #expect(rig.clock.now.seconds - started.seconds == 20)
            let snapshot = try await vault.snapshot()
            #expect(snapshot.grants.values.map(\.status) == [.candidate])
            #expect(snapshot.intents.isEmpty)
            #expect(try await vault.flows().isEmpty)
        }
    }

    @Test("Whoever waits for a code goes when the time is over, and another process goes on with it")
    func devicePatience() async throws {
        try await Self.run(Self.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", "authorization_pending", "authorization_pending")
            let begun = try await authorizer.beginDevice(request)
            let started = rig.clock.now
            let failure = try await Self.failure { _ = try await authorizer.finish(begun, patience: .seconds(12)) }
            #expect(failure.diagnostic.code == "authorize.nobody-answered")
            #expect(failure.diagnostic.help?.contains("--resume") == true)
            #expect(rig.clock.now.seconds - started.seconds <= 12)
            let resumed = try #require(try await Self.authorizer(rig, vault, run: "run-2").resumeDevice(request))
            _ = try await Self.authorizer(rig, vault, run: "run-2").finish(resumed)
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.candidate])
        }
    }

    @Test("Who interrupts the wait for a code leaves it to be finished, and hears how")
    func deviceInterrupted() async throws {
        try await Self.run(Self.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", "authorization_pending")
            var waiting = authorizer
            waiting.sleep = { _ in throw CancellationError() }
            let begun = try await waiting.beginDevice(request)
            let failure = try await Self.failure { _ = try await waiting.finish(begun) }
            #expect(failure.diagnostic.code == Authorizer.interruption)
            #expect(failure.diagnostic.help?.contains("--resume") == true)
            let resumed = try #require(try await authorizer.resumeDevice(request))
            _ = try await authorizer.finish(resumed)
        }
    }

    @Test("What comes while the wait is interrupted is stored before anything ends")
    func deviceInterruptedByItsAnswer() async throws {
        try await Self.run(Self.device) { rig, vault, authorizer, request in
            let begun = try await authorizer.beginDevice(request)
            let (provider, person) = (rig.provider, rig.person)
            let going = Mutex<Task<GivenConsent, any Error>?>(nil)
            let asked = AsyncStream<Void>.makeStream()
            rig.transport.respond { request throws(ConnectionFailure) in
                // Ctrl-C, after the provider has heard the question and before its answer is here.
                for await _ in asked.stream { break }
                going.withLock { $0?.cancel() }
                guard !Task.isCancelled else { throw .closed }
                if let answer = try person.answer(request) { return answer }
                return try provider.answer(request)
            }
            let task = Task { try await authorizer.finish(begun) }
            going.withLock { $0 = task }
            asked.continuation.yield()
            asked.continuation.finish()
            _ = try await task.value
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.candidate])
            #expect(try await vault.flows().isEmpty)
        }
    }

    @Test(
        "A person who declines on the device ends it",
        arguments: ["access_denied", "authorization_declined", "expired_token"])
    func deviceDeclined(error: String) async throws {
        try await Self.run(Self.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", error)
            let begun = try await authorizer.beginDevice(request)
            _ = try await Self.failure { _ = try await authorizer.finish(begun) }
            #expect(try await vault.flows().isEmpty)
            #expect(try await vault.snapshot().grants.isEmpty)
        }
    }
}

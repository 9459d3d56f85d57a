import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

@testable import KeelEngine

/// A consent by a code that a person enters on another device.
@Suite struct DeviceConsentTests {
    @Test("A device code is asked for as slowly as the provider says, also by another process")
    func deviceCode() async throws {
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", "slow_down")
            let begun = try await authorizer.beginDevice(request)
            guard case .code("WDJB-MJHT", "https://login.example.com/enter", nil) = begun.consent.ask else {
                Issue.record("asked for \(begun.consent.ask)")
                return
            }
            let resumed = try #require(try await ConsentRig.authorizer(rig, vault, run: "run-2").resumeDevice(request))
            let started = rig.clock.now
            _ = try await ConsentRig.authorizer(rig, vault, run: "run-2").finish(resumed)
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
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", "authorization_pending", "authorization_pending")
            let begun = try await authorizer.beginDevice(request)
            let started = rig.clock.now
            let failure = try await ConsentRig.failure {
                _ = try await authorizer.finish(begun, patience: .seconds(12))
            }
            #expect(failure.diagnostic.code == "authorize.nobody-answered")
            #expect(failure.diagnostic.help?.contains("--resume") == true)
            #expect(rig.clock.now.seconds - started.seconds <= 12)
            let resumed = try #require(try await ConsentRig.authorizer(rig, vault, run: "run-2").resumeDevice(request))
            _ = try await ConsentRig.authorizer(rig, vault, run: "run-2").finish(resumed)
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.candidate])
        }
    }

    @Test("Who interrupts the wait for a code leaves it to be finished, and hears how")
    func deviceInterrupted() async throws {
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", "authorization_pending")
            var waiting = authorizer
            waiting.sleep = { _ in throw CancellationError() }
            let begun = try await waiting.beginDevice(request)
            let failure = try await ConsentRig.failure { _ = try await waiting.finish(begun) }
            #expect(failure.diagnostic.code == Authorizer.interruption)
            #expect(failure.diagnostic.help?.contains("--resume") == true)
            let resumed = try #require(try await authorizer.resumeDevice(request))
            _ = try await authorizer.finish(resumed)
        }
    }

    @Test("What comes while the wait is interrupted is stored before anything ends")
    func deviceInterruptedByItsAnswer() async throws {
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
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
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("authorization_pending", error)
            let begun = try await authorizer.beginDevice(request)
            _ = try await ConsentRig.failure { _ = try await authorizer.finish(begun) }
            #expect(try await vault.flows().isEmpty)
            #expect(try await vault.snapshot().grants.isEmpty)
        }
    }

    @Test(
        "What does not pass by itself is said at once, and the code goes on being good",
        arguments: [
            (.tls(.untrustedIssuer(issuer: ForeignText("Corporate Proxy"))), "tls"),
            (.trustUnusable(path: "/etc/ca.pem", ForeignText("no certificate")), "trust"),
            (.injected(bytes: 3), "injected"),
            (.proxy(ProxyFailure(.authenticationWanted, variable: "HTTPS_PROXY")), "proxy"),
        ] as [(ConnectionFailure, String)])
    func deviceUnreachable(reason: ConnectionFailure, name: String) async throws {
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
            let begun = try await authorizer.beginDevice(request)
            rig.transport.respond { _ throws(ConnectionFailure) in throw reason }
            let asked = rig.transport.exchanges.count
            let failure = try await ConsentRig.failure { _ = try await authorizer.finish(begun) }
            guard case .unreached(let found)? = failure.provider else {
                Issue.record("\(name): \(failure.diagnostic.message)")
                return
            }
            #expect(found == reason)
            #expect(rig.transport.exchanges.count == asked + 1)
            #expect(try await vault.flows().count == 1)
        }
    }

    @Test("A code that expires while the provider cannot be reached ends with why it could not")
    func deviceExpiresUnasked() async throws {
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
            let begun = try await authorizer.beginDevice(request)
            rig.transport.respond { _ throws(ConnectionFailure) in throw .nameNotResolved(host: "login.example.com") }
            let failure = try await ConsentRig.failure { _ = try await authorizer.finish(begun) }
            #expect(failure.diagnostic.code == "oauth.expired_token")
            #expect(failure.diagnostic.notes.contains { $0.message.contains("could not be asked") })
            #expect(try await vault.flows().isEmpty)
        }
    }

    @Test("A provider that was reached again is not said to have been out of reach")
    func deviceReachedAgain() async throws {
        try await ConsentRig.run(ConsentRig.device) { rig, _, authorizer, request in
            let begun = try await authorizer.beginDevice(request)
            let (person, isFirst) = (rig.person, Flag())
            person.answerDevice("expired_token")
            rig.transport.respond { asked throws(ConnectionFailure) in
                if isFirst.take() { throw .timedOut }
                return try person.answer(asked) ?? HTTPResponse(status: 404)
            }
            let failure = try await ConsentRig.failure { _ = try await authorizer.finish(begun) }
            #expect(failure.diagnostic.notes.allSatisfy { !$0.message.contains("could not be asked") })
        }
    }

    @Test(
        "Whoever resumes a code that the provider no longer knows hears what may have become of it",
        arguments: [true, false])
    func spentCode(isResumed: Bool) async throws {
        try await ConsentRig.run(ConsentRig.device) { rig, vault, authorizer, request in
            rig.person.answerDevice("invalid_grant")
            var begun = try await authorizer.beginDevice(request)
            if isResumed { begun = try #require(try await authorizer.resumeDevice(request)) }
            let failure = try await ConsentRig.failure { _ = try await authorizer.finish(begun) }
            #expect(
                failure.diagnostic.notes.contains { $0.message.contains("may have been given the tokens") } == isResumed
            )
            #expect(try await vault.flows().isEmpty)
        }
    }
}

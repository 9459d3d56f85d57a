import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

@testable import KeelEngine

/// A refresh token that another program has.
@Suite struct AdoptionTests {
    @Test("A token that was replaced by an answer of no other use is kept, for nobody else has it")
    func replacedWhileAdopted() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
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
            let failure = try await ConsentRig.failure {
                _ = try await authorizer.adopt(Secret(copying: "first"), request)
            }
            #expect(failure.diagnostic.notes.contains { $0.message.contains("mailkeel apply") })
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.candidate])
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
        }
    }

    @Test("A token that the provider does not take is taken back")
    func refusedAdoption() async throws {
        try await ConsentRig.run { _, vault, authorizer, request in
            let failure = try await ConsentRig.failure {
                _ = try await authorizer.adopt(Secret(copying: "unknown"), request)
            }
            #expect(failure.diagnostic.code == "oauth.invalid_grant")
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.retired])
        }
    }

    @Test("A token whose exchange got no answer is kept, for the provider may have replaced it")
    func unansweredAdoption() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            let (provider, person) = (rig.provider, rig.person)
            rig.transport.respond { _ throws(ConnectionFailure) in throw .timedOut }
            let failure = try await ConsentRig.failure {
                _ = try await authorizer.adopt(Secret(copying: "first"), request)
            }
            #expect(failure.diagnostic.notes.contains { $0.message.contains("may have replaced") })
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.candidate])
            person.know(refreshToken: "first")
            rig.transport.respond { asked throws(ConnectionFailure) in
                if let answer = try person.answer(asked) { return answer }
                return try provider.answer(asked)
            }
            rig.clock.advance(seconds: 3600)
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
            #expect(try await vault.snapshot().intents.isEmpty)
        }
    }

    @Test("A token that never left this machine is taken back")
    func unsentAdoption() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            rig.transport.respond { _ throws(ConnectionFailure) in throw .refused }
            _ = try await ConsentRig.failure { _ = try await authorizer.adopt(Secret(copying: "first"), request) }
            #expect(try await vault.snapshot().grants.values.map(\.status) == [.retired])
        }
    }

    @Test("Ctrl-C while a token is exchanged cuts off no answer")
    func interruptedAdoption() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            let person = rig.person
            person.know(refreshToken: "first")
            let going = Mutex<Task<GivenConsent, any Error>?>(nil)
            let asked = AsyncStream<Void>.makeStream()
            rig.transport.respond { request throws(ConnectionFailure) in
                for await _ in asked.stream { break }
                going.withLock { $0?.cancel() }
                guard !Task.isCancelled else { throw .closed }
                return try person.answer(request) ?? HTTPResponse(status: 404)
            }
            let task = Task { try await authorizer.adopt(Secret(copying: "first"), request) }
            going.withLock { $0 = task }
            asked.continuation.yield()
            asked.continuation.finish()
            _ = try await task.value
            let snapshot = try await vault.snapshot()
            #expect(snapshot.grants.values.map(\.status) == [.candidate])
            #expect(snapshot.intents.isEmpty)
        }
    }
}

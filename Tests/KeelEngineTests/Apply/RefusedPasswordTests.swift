import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// A password that a mail server refused is not offered again until it changed: a few refusals lock a mailbox.
struct RefusedPasswordTests {
    private static let desk = PasswordProofTests.desk
    private static func manifest(_ lines: String...) -> String {
        PasswordProofTests.manifest(lines.first ?? "debug: false")
    }

    private static func wrong(_ body: (EngineRig) async throws -> Void) async throws {
        try await PasswordProofTests.run { rig in
            var rig = rig
            rig.environment = ["PASSWORD": "wrong"]
            try await body(rig)
        }
    }

    @Test func `apply offers it once`() async throws {
        try await Self.wrong { rig in
            let first = try await rig.apply()
            #expect(first.codes == ["mail.authentication_failed"] && first.hasUnproven && !first.hasFailed)
            for _ in 0..<2 {
                let again = try await rig.apply()
                #expect(again.codes == ["mail.refused_before"] && again.hasUnproven && !again.hasFailed)
                let diagnostic = try #require(again.failures.first?.diagnostic)
                #expect(diagnostic.help?.contains("--retry-refused") == true && diagnostic.range != nil)
                #expect(diagnostic.help?.contains("fromEnv PASSWORD") == true)
            }
            #expect(rig.mail.logins.count == 1)
            #expect(try rig.text(rig.paths.state.state)?.contains("wrong") == false)
        }
    }

    @Test func `another one is offered at once`() async throws {
        try await Self.wrong { rig in
            var rig = rig
            try await rig.apply()
            rig.environment = ["PASSWORD": "right"]
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try rig.record(Self.desk).failure == nil)
        }
    }

    @Test func `on request it is offered again, because the server may have been mended`() async throws {
        try await Self.wrong { rig in
            try await rig.apply()
            rig.mail.decide { _ in .accept }
            #expect(try await rig.apply(options: { $0.offersRefused = true }).failures.isEmpty)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    /// Whatever fails in between says nothing about the password.
    @Test func `it is not forgotten over another failure`() async throws {
        try await Self.wrong { rig in
            var rig = rig
            try await rig.apply()
            rig.environment = [:]
            #expect(try await rig.apply().codes == ["secret.variable-not-set"])
            rig.environment = ["PASSWORD": "wrong"]
            rig.mail.set(EngineRig.imap, .refused)
            #expect(
                try await rig.apply(options: { $0.offersRefused = true }).codes == ["connection.connection_refused"])
            rig.mail.set(EngineRig.imap, nil)
            #expect(try await rig.apply().codes == ["mail.refused_before"])
            #expect(rig.mail.logins.count == 1)
        }
    }

    @Test func `a change of something else is no new password`() async throws {
        try await Self.wrong { rig in
            try await rig.apply()
            try rig.write(Self.manifest("connectionSecurity: starttls"))
            #expect(try await rig.apply().codes == ["mail.refused_before"])
            // Another user's may be the same.
            try rig.write(Self.manifest("userName: help@example.com"))
            #expect(try await rig.apply().codes == ["mail.authentication_failed"])
            #expect(rig.mail.logins.map(\.userName) == ["desk@example.com", "help@example.com"])
        }
    }

    @Test(arguments: [ConnectionFailure.refused, .timedOut])
    func `an outage is no refusal`(failure: ConnectionFailure) async throws {
        try await PasswordProofTests.run { rig in
            rig.mail.set(EngineRig.imap, failure)
            try await rig.apply()
            rig.mail.set(EngineRig.imap, nil)
            #expect(try await rig.apply().failures.isEmpty)
        }
    }

    // MARK: Tests of what is in service

    @Test func `what a test saw refused is offered neither by a test nor by an apply`() async throws {
        try await PasswordProofTests.run { rig in
            var rig = rig
            try await rig.apply()
            rig.mail.decide { _ in .refuse }
            #expect(try await rig.test([Self.desk]).map(\.failure?.diagnostic.code) == ["mail.authentication_failed"])
            let offered = rig.mail.logins.count
            let again = try await rig.test([Self.desk])
            #expect(again.map(\.failure?.diagnostic.code) == ["mail.refused_before"])
            #expect(again.map(\.failure?.weight) == [.unproven])
            try rig.write(Self.manifest("connectionSecurity: starttls"))
            #expect(try await rig.apply().codes == ["mail.refused_before"])
            #expect(rig.mail.logins.count == offered)
            let seen = try await rig.snapshot().observations.first { $0.kind == "refused" }
            #expect(seen?.value.contains("right") == false)
            // Another password is another matter.
            rig.mail.decide { $0.token == "newer" ? .accept : .refuse }
            rig.environment = ["PASSWORD": "newer"]
            #expect(try await rig.test([Self.desk]).map(\.passed) == [true])
            #expect(try await rig.apply().failures.isEmpty)
        }
    }

    @Test func `what an apply saw refused, a test does not offer`() async throws {
        try await PasswordProofTests.run { rig in
            try await rig.apply()
            rig.mail.decide { _ in .refuse }
            try rig.write(Self.manifest("connectionSecurity: starttls"))
            #expect(try await rig.apply().codes == ["mail.authentication_failed"])
            #expect(try await rig.test([Self.desk]).map(\.failure?.diagnostic.code) == ["mail.refused_before"])
        }
    }

    @Test func `once it was accepted again, it is offered as before`() async throws {
        try await PasswordProofTests.run { rig in
            try await rig.apply()
            rig.mail.decide { _ in .refuse }
            _ = try await rig.test([Self.desk])
            rig.mail.decide { _ in .accept }
            rig.clock.advance(seconds: 60)
            #expect(try await rig.test([Self.desk], retryingRefused: true).map(\.passed) == [true])
            #expect(try await rig.test([Self.desk]).map(\.passed) == [true])
        }
    }

    @Test func `so it is where the state remembers the refusal`() async throws {
        try await PasswordProofTests.run { rig in
            try await rig.apply()
            rig.mail.decide { _ in .refuse }
            try rig.write(Self.manifest("connectionSecurity: starttls"))
            try await rig.apply()
            rig.mail.decide { _ in .accept }
            rig.clock.advance(seconds: 60)
            #expect(try await rig.test([Self.desk], retryingRefused: true).map(\.passed) == [true])
            #expect(try await rig.test([Self.desk]).map(\.passed) == [true])
            #expect(try await rig.apply().failures.isEmpty)
        }
    }
}

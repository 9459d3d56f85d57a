import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// Runs that must not begin, and what they leave as it was.
struct RefusedRunTests {
    @Test func `a plan whose state moved in between is stale`() async throws {
        try await EngineRig.run { rig in
            let approved = try await rig.plan()
            try await rig.apply()
            let logins = rig.mail.logins.count
            let failure = try await rig.applyFailure(approved)
            #expect(failure.reason == .stale)
            #expect(failure.diagnostics.map(\.code) == ["plan.stale"])
            #expect(rig.mail.logins.count == logins)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `a stale first plan makes neither keys nor vault`() async throws {
        try await EngineRig.run { rig in
            let approved = try await rig.plan()
            // What another run would have left: an account that this plan wants to create.
            let record = CommittedRecord(declared: [:], effective: [:], committedAt: rig.clock.now, run: "other")
            try await rig.leave((EngineRig.alpha, ResourceRecord(committed: record)))
            #expect(try await rig.applyFailure(approved).reason == .stale)
            #expect(try rig.files.mode(rig.paths.vaultKey) == nil)
            #expect(try rig.files.mode(rig.paths.vault) == nil)
        }
    }

    @Test func `another run's lock is respected, and its holder is named`() async throws {
        try await EngineRig.run { rig in
            let holder = LockRecord(
                id: "1", operation: "apply", who: "bob@other", version: "test", created: rig.clock.now, info: "pid 7",
                path: rig.paths.state.state)
            let store = StateStore(rig.paths.state, files: rig.files)
            let lock = try await store.lock(holder, timeout: .zero) { _ in }
            let failure = try await rig.applyFailure()
            #expect(failure.reason == .locked)
            #expect(failure.diagnostics.first?.message.contains("bob@other (apply") == true)
            #expect(rig.transport.exchanges.isEmpty)
            lock.unlock()
            #expect(try await rig.apply().failures.isEmpty)
        }
    }

    @Test func `while it runs, the lock says who, what and which process`() async throws {
        try await EngineRig.run { rig in
            let path = rig.paths.state.lockRecord
            let record = TextBox()
            _ = try await rig.apply(report: { event in
                if case .started = event { record.set(try? rig.text(path)) }
            })
            let json = try JSON(parsing: Array(try #require(record.text).utf8))
            #expect(json["Who"]?.string == "alice@desk")
            #expect(json["Operation"]?.string == "apply")
            #expect(json["Info"]?.string?.hasPrefix("pid ") == true)
            #expect(try rig.text(path) == nil)
        }
    }

    @Test func `the lock is free again after a refusal`() async throws {
        try await EngineRig.run { rig in
            let approved = try await rig.plan()
            try await rig.apply()
            _ = try await rig.applyFailure(approved)
            #expect(try await rig.apply().failures.isEmpty)
        }
    }

    @Test func `without the vault's key nothing runs, and no new key is made`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try rig.files.remove(rig.paths.vaultKey)
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            let before = try rig.text(rig.paths.state.state)
            let failure = try await rig.applyFailure()
            #expect(failure.reason == .failed)
            #expect(failure.diagnostics.map(\.code) == ["vault.key-needed"])
            #expect(failure.diagnostics.first?.message.contains(rig.paths.vaultKey) == true)
            #expect(try rig.files.mode(rig.paths.vaultKey) == nil)
            #expect(rig.provider.issued == 1)
            #expect(try rig.text(rig.paths.state.state) == before)
        }
    }

    @Test func `another key than the vault's is refused`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try rig.files.remove(rig.paths.vaultKey)
            _ = try KeyFile.create(rig.paths.vaultKey, rig.files)
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            #expect(try await rig.applyFailure().diagnostics.map(\.code) == ["vault.wrong-key"])
        }
    }

    @Test func `records alone are written without the vault's key, which is said`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try rig.files.remove(rig.paths.vaultKey)
            let report = try await rig.apply(try await rig.plan(destroying: true))
            #expect(report.applied.destroy == 5)
            #expect(report.findings.count == 1)
            #expect(report.findings.first?.contains("vault") == true)
        }
    }

    @Test func `a request to stop reports what was not reached, and the next run does it`() async throws {
        try await EngineRig.run { rig in
            let report = try await rig.apply(stopping: { rig.provider.issued > 0 })
            #expect(report.failures.isEmpty)
            #expect(rig.provider.issued == 1)
            #expect(report.notReached.filter { $0.kind == .emailAccount } == EngineRig.accounts)
            #expect(rig.mail.dials.isEmpty)
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try await rig.plan().plan.isEmpty)
            // What showed that the client is accepted was never kept, so nothing is left of it.
            #expect(try await rig.snapshot().grants.values.map(\.status) == [.current])
        }
    }
}

import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// Accounts that come, go, rest and move.
struct LifecycleTests {
    @Test func `destroy forgets the accounts and retires their grants, and contacts nobody`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let report = try await rig.apply(try await rig.plan(destroying: true))
            #expect(report.failures.isEmpty)
            #expect(report.applied.destroy == 5)
            #expect(rig.transport.exchanges.count == 1)
            #expect(rig.mail.dials.count == 3)
            #expect(try rig.state().isEmpty)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.accounts.isEmpty)
            #expect(snapshot.grants.values.map(\.status) == [.retired])
            #expect(try await rig.plan(destroying: true).plan.isEmpty)
        }
    }

    @Test func `switching an account off is recorded only, and its grant stays alive`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.committed(EngineRig.beta)
            var manifests = Manifests()
            manifests.beta.isActive = false
            try rig.write(manifests)
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(report.applied.change == 1)
            #expect(rig.transport.exchanges.count == 1)
            #expect(rig.mail.dials.count == 3)
            let record = try rig.committed(EngineRig.beta)
            #expect(record.effective["active"]?.value == .boolean(false))
            #expect(record.grant == before.grant)
            #expect(record.proof == before.proof)
            #expect(try await rig.snapshot().accounts.count == 3)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `switching it on again proves it with the grant that stayed`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            try await rig.apply()
            manifests.beta.isActive = false
            try rig.write(manifests)
            try await rig.apply()
            manifests.beta.isActive = true
            try rig.write(manifests)
            #expect(try await rig.apply().failures.isEmpty)
            #expect(rig.provider.issued == 1)
            #expect(rig.mail.logins.map(\.userName).filter { $0 == "beta@example.com" }.count == 2)
        }
    }

    @Test func `an account that is inactive from the start gets no grant and no login`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            manifests.alpha.isActive = false
            manifests.beta.isActive = false
            manifests.gamma.isActive = false
            try rig.write(manifests)
            let report = try await rig.apply()
            #expect(report.applied.add == 4)
            #expect(rig.transport.exchanges.isEmpty)
            #expect(try rig.committed(EngineRig.alpha).grant == nil)
            #expect(try rig.files.mode(rig.paths.vault) == nil)
        }
    }

    @Test func `renaming the only account keeps its grant`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            manifests.beta.isActive = false
            manifests.gamma.isActive = false
            try rig.write(manifests)
            try await rig.apply()
            let grant = try rig.committed(EngineRig.alpha).grant
            manifests.alpha = Manifests.Account("delta")
            try rig.write(manifests)
            // The old name goes before the new one has proven itself.
            let report = try await rig.apply(parallelism: 1)
            #expect(report.failures.map(\.diagnostic.message) == [])
            #expect(try rig.committed(ResourceAddress(.emailAccount, "delta")).grant == grant)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.grants.values.map(\.status) == [.current])
            #expect(Set(snapshot.accounts.keys) == [ResourceAddress(.emailAccount, "delta")])
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `removing an account leaves the grant that others use`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            manifests.more = [Manifests.Account("delta")]
            try rig.write(manifests)
            try await rig.apply()
            manifests.more = []
            try rig.write(manifests)
            let report = try await rig.apply()
            #expect(report.applied.destroy == 1)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.grants.values.map(\.status) == [.current])
            #expect(snapshot.accounts.count == 3)
        }
    }

    @Test func `a grant that never proved an account is retired when another takes its slot`() async throws {
        try await EngineRig.run { rig in
            rig.admit(refusing: "alpha", "beta", "gamma")
            try await rig.apply()
            let old = try #require(GrantID(parsing: try rig.committed(EngineRig.authorization).grant ?? ""))
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            try await rig.apply()
            #expect(try await rig.snapshot().grants[old]?.status == .retired)
            #expect(try await rig.apply().findings.isEmpty)
        }
    }

    @Test func `a replacement that was asked for proves every account with a new grant`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let old = try rig.committed(EngineRig.alpha).grant
            let report = try await rig.apply(try await rig.plan(replacing: [EngineRig.authorization]))
            #expect(report.failures.isEmpty)
            #expect(rig.provider.issued == 2)
            for account in EngineRig.accounts { #expect(try rig.committed(account).grant != old) }
            #expect(try await rig.snapshot().grants.values.map(\.status.rawValue).sorted() == ["current", "retired"])
        }
    }
}

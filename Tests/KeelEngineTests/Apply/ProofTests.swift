import KeelBase
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// Prove, then put into service: what fails its proof leaves in service what was.
struct ProofTests {
    @Test func `of forty accounts on one grant the one that fails stays on the old one`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            manifests.more = (0..<37).map { Manifests.Account("more-\($0)") }
            try rig.write(manifests)
            #expect(try await rig.apply().failures.isEmpty)
            let old = try #require(try rig.committed(EngineRig.authorization).grant)
            manifests.secretVersion = "2"
            try rig.write(manifests)
            rig.admit(refusing: "more-7")
            let report = try await rig.apply()
            #expect(report.failures.count == 1)
            #expect(report.hasUnproven && !report.hasFailed)
            let new = try #require(try rig.committed(EngineRig.authorization).grant)
            #expect(new != old)
            #expect(try rig.committed(ResourceAddress(.emailAccount, "more-7")).grant == old)
            #expect(try rig.committed(EngineRig.alpha).grant == new)
            // The old grant serves its last account until that has proven itself with the new one.
            let id = try #require(GrantID(parsing: old))
            #expect(try await rig.snapshot().grants[id]?.status == .current)
            rig.admit()
            #expect(try await rig.apply().rows.map(\.address).filter { $0.kind == .emailAccount }.count == 1)
            #expect(try await rig.snapshot().grants[id]?.status == .retired)
        }
    }

    @Test func `scopes that grow are proven before the old grant goes`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let old = try rig.committed(EngineRig.authorization).grant
            let text = Manifests().text.replacing("scopes: [mail.imap]", with: "scopes: [mail.imap, mail.more]")
            try rig.write(text)
            rig.admit(refusing: "alpha", "beta", "gamma")
            #expect(try await rig.apply().failures.count == 3)
            for account in EngineRig.accounts { #expect(try rig.committed(account).grant == old) }
            rig.admit()
            #expect(try await rig.apply().failures.isEmpty)
            for account in EngineRig.accounts { #expect(try rig.committed(account).grant != old) }
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `a secret that changed outside and is wrong takes nothing out of service`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.committed(EngineRig.alpha)
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            var wrong = rig
            wrong.environment = ["DESK_SECRET": "mistyped"]
            #expect(try await wrong.apply().codes == ["oauth.invalid_client"])
            #expect(try rig.committed(EngineRig.alpha) == before)
            #expect(try await rig.snapshot().grants.values.map(\.status) == [.current])
        }
    }

    @Test func `a deferred proof commits without a login, and stays unproven until it is required`() async throws {
        try await EngineRig.run { rig in
            let deferred = Manifests().text.replacing("userName: beta", with: "proof: deferred\n  userName: beta")
            try rig.write(deferred)
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(!rig.mail.logins.map(\.userName).contains("beta@example.com"))
            let row = report.rows.first { $0.address == EngineRig.beta }
            #expect(row.map { if case .unproven = $0.outcome { true } else { false } } == true)
            let record = try rig.committed(EngineRig.beta)
            #expect(record.proof == nil)
            #expect(record.grant == (try rig.committed(EngineRig.alpha).grant))
            let plan = try await rig.plan().plan
            #expect(plan.isEmpty)
            #expect(plan.notes.map(\.code).contains("plan.unproven"))
            // It serves `token` like any other.
            #expect(try await rig.snapshot().accounts[EngineRig.beta]?.text == record.grant)
            try rig.write(Manifests())
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try rig.committed(EngineRig.beta).proof != nil)
        }
    }

    @Test func `a profile is usable once its token endpoint took the client, which its record says`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            #expect(try rig.committed(EngineRig.profile).proof?.mechanism == "client_credentials")
            // That showed it with the request that the slot needed anyway.
            #expect(rig.transport.exchanges.count == 1)
        }
    }
}

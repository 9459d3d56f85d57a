import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import Testing

/// A refused credential is not offered again until it changed.
struct RefusedCredentialTests {
    @Test func `a wrong secret is one failure at the profile, however many accounts wait for it`() async throws {
        try await EngineRig.run { rig in
            rig.provider.rotate(to: "another")
            var manifests = Manifests()
            manifests.more = (0..<40).map { Manifests.Account("more-\($0)") }
            try rig.write(manifests)
            let report = try await rig.apply()
            #expect(report.codes == ["oauth.invalid_client"])
            #expect(report.failures.first?.diagnostic.address == EngineRig.profile)
            #expect(rig.transport.exchanges.count == 1)
            let skipped = report.rows.filter {
                if case .skipped(EngineRig.profile) = $0.outcome { true } else { false }
            }
            #expect(skipped.filter { $0.address.kind == .emailAccount }.count == 43)
        }
    }

    @Test func `the same secret is not offered twice`() async throws {
        try await EngineRig.run { rig in
            rig.provider.rotate(to: "another")
            try await rig.apply()
            #expect(try await rig.apply().codes == ["oauth.refused_before"])
            #expect(try await rig.apply().codes == ["oauth.refused_before"])
            #expect(rig.transport.exchanges.count == 1)
            #expect(try rig.text(rig.paths.state.state)?.contains("first-secret") == false)
        }
    }

    @Test func `another secret is offered at once`() async throws {
        try await EngineRig.run { rig in
            rig.provider.rotate(to: "another")
            try await rig.apply()
            var rig = rig
            rig.environment = ["DESK_SECRET": "another"]
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try rig.record(EngineRig.profile).failure == nil)
        }
    }

    @Test func `on request it is offered again, because the provider may have been mended`() async throws {
        try await EngineRig.run { rig in
            rig.provider.rotate(to: "another")
            try await rig.apply()
            rig.provider.rotate(to: "first-secret")
            #expect(try await rig.apply(options: { $0.offersRefused = true }).failures.isEmpty)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `an outage is no refusal`() async throws {
        try await EngineRig.run { rig in
            rig.provider.fail(.timedOut)
            try await rig.apply()
            rig.provider.fail(nil)
            #expect(try await rig.apply().failures.isEmpty)
        }
    }
}

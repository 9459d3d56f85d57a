import KeelBase
import KeelVault
import Testing
struct ZPerf {
    @Test func perf() async throws {
        try await VaultFixture.run { fixture in
            let c = ContinuousClock()
            let vault = try await fixture.open()
            var ids: [GrantID] = []
            print("PERF add 2000", try await c.measure { for i in 0..<2000 { ids.append(try await vault.candidate("u\(i)").id) } })
            print("PERF promote", try await c.measure { try await vault.promote(ids[0], for: (0..<10000).map { VaultFixture.account("account-\($0)") }) })
            let defs = (0..<10000).map { Definition(of: VaultFixture.account("account-\($0)"), grant: ids[0], settingsDigest: "d") }
            print("PERF register", try await c.measure { try await vault.register(defs) })
            let obs = defs.map { Observation(of: $0.address, kind: "connected", observer: "x", observed: Timestamp(seconds: 1), grant: ids[0], settingsDigest: "d", value: "{}") }
            print("PERF observe", try await c.measure { _ = try await vault.observe(all: obs) })
            let r = try await fixture.openWithoutKey(.readOnly)
            print("PERF snapshot", try await c.measure { _ = try await r.snapshot() })
            print("PERF open+token", try await c.measure { _ = try await fixture.open(.readOnly).accessToken(of: ids[5]) })
            await vault.close()
            print("PERF open+token", try await c.measure { _ = try await fixture.open(.readOnly).accessToken(of: ids[5]) })
        }
    }
}

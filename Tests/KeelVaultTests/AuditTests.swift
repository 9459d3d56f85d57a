import KeelBase
import KeelVault
import Testing

struct AuditTests {
    private func entry(_ action: String) -> AuditEntry {
        AuditEntry(
            run: "run-1", actor: "ci@host", action: action, address: VaultFixture.account("a"), detail: "{\"n\":1}")
    }

    @Test func `entries come back in order, as they were written`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            try await vault.record(entry("authorize"))
            fixture.clock.advance(5)
            try await vault.record(entry("apply"))
            let records = try await vault.audit(atMost: 10)
            #expect(records.map(\.sequence) == [1, 2])
            #expect(records.map(\.entry) == [entry("authorize"), entry("apply")])
            #expect(records[1].time == fixture.clock.now)
            #expect(try await vault.audit(after: 1, atMost: 10).map(\.entry.action) == ["apply"])
            try await vault.verifyAudit()
        }
    }

    @Test func `a changed entry shows`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            for action in ["token.read.aaaa", "token.read.bbbb", "token.read.cccc"] {
                try await vault.record(entry(action))
            }
            await vault.close()
            try await fixture.patch { bytes in
                let old = Array("token.read.bbbb".utf8)
                for start in 0..<(bytes.count - old.count) where bytes[start..<(start + old.count)].elementsEqual(old) {
                    bytes[start + old.count - 1] = UInt8(ascii: "x")
                }
            }
            let reopened = try await fixture.open(.readOnly)
            let failure = await #expect(throws: VaultFailure.self) { try await reopened.verifyAudit() }
            #expect(failure?.code == .notAuthentic)
            #expect(failure?.reason.contains("audit entry 2") == true)
        }
    }

    @Test func `entries written without a key have their place, and those after them their code`() async throws {
        try await VaultFixture.run { fixture in
            let keyed = try await fixture.open()
            try await keyed.record(entry("one"))
            try await fixture.openWithoutKey(.readWrite).record(entry("two"))
            try await keyed.record(entry("three"))
            try await keyed.verifyAudit()
            #expect(try await keyed.audit(atMost: 2).count == 2)
        }
    }
}

import KeelBase
import KeelSystem
import KeelVault
import Testing

/// Vaults of every format that was ever written are read for ever. They stand in `Formats`, made by the program of their
/// time under the fixture's key; a grant of the sandbox serves three accounts, and `m365` is a secret.
struct FormatTests {
    @Test func `a vault of format 1 is read as it is, with a key and without`() async throws {
        try await Self.run { fixture in
            let before = try fixture.files.read(fixture.path, limit: 1 << 24)
            for vault in [try await fixture.openWithoutKey(.readOnly), try await fixture.open(.readOnly)] {
                let snapshot = try await vault.snapshot()
                #expect(snapshot.accounts.count == 3)
                #expect(snapshot.flows.isEmpty && snapshot.tombstones.isEmpty)
                #expect(try await vault.flow(profile: "sandbox", subject: "(app)") == nil)
                #expect(try await vault.tombstonesDue(by: fixture.clock.now, atMost: 9).isEmpty)
                #expect(try await vault.facts().endpoints.isEmpty)
            }
            #expect(try await fixture.open(.readOnly).secret(named: "m365")?.revealText() == "s3cret-v1")
            #expect(try fixture.files.read(fixture.path, limit: 1 << 24) == before)
        }
    }

    @Test(arguments: [VaultAccess.readWrite, .readWriteIfPossible, .create])
    func `the first writer upgrades it, and all that was there still opens`(access: VaultAccess) async throws {
        try await Self.run { fixture in
            let reader = try await fixture.openWithoutKey(.readOnly)
            let vault = try await fixture.open(access)
            let grant = try #require(try await vault.grant(for: VaultFixture.account("alerts")))
            #expect(try await vault.accessToken(of: grant.id) != nil)
            #expect(try await vault.recipe(of: grant.id) != nil)
            #expect(try await vault.secret(named: "m365")?.revealText() == "s3cret-v1")
            try await vault.verifyAudit()
            let flow = try await vault.keep(
                VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 60)), payload: Secret(copying: "verifier"))
            #expect(try await vault.flows() == [flow])
            #expect(try await fixture.open(.readOnly).flows() == [flow])
            // One that was opened before the upgrade reads on. (Without a log it reads the file as it was.)
            #expect(try await reader.snapshot().accounts.count == 3)
        }
    }

    @Test func `two writers upgrade it at once`() async throws {
        try await Self.run { fixture in
            async let first = fixture.open(.readWrite)
            async let second = fixture.open(.readWrite)
            let vaults = try await [first, second]
            #expect(vaults[0].id == vaults[1].id)
            for vault in vaults { #expect(try await vault.flows().isEmpty) }
        }
    }

    private static let directory = "\(#filePath)".replacing("/FormatTests.swift", with: "/Formats")

    private static func run(_ body: (VaultFixture) async throws -> Void) async throws {
        try await VaultFixture.run { fixture in
            let old = try #require(try fixture.files.read("\(directory)/vault-1.db", limit: 1 << 24))
            try fixture.files.create(fixture.path, with: old)
            try await body(fixture)
        }
    }
}

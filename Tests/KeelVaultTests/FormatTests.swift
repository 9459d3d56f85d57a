import KeelBase
import KeelSystem
import KeelVault
import Testing

/// Vaults of every format that was ever written are read for ever. They stand in `Formats`, made by the program of their
/// time under the fixture's key; a grant of the sandbox serves three accounts, and `m365` is a secret.
struct FormatTests {
    @Test(arguments: formats)
    func `a vault of an older format is read as it is, with a key and without`(format: Int) async throws {
        try await Self.run(format) { fixture in
            let before = try fixture.files.read(fixture.path, limit: 1 << 24)
            for vault in [try await fixture.openWithoutKey(.readOnly), try await fixture.open(.readOnly)] {
                let snapshot = try await vault.snapshot()
                #expect(snapshot.accounts.count == 3)
                #expect(snapshot.flows.isEmpty && snapshot.tombstones.isEmpty)
                #expect(try await vault.flow(profile: "sandbox", subject: "(app)") == nil)
                #expect(try await vault.tombstonesDue(by: fixture.clock.now, atMost: 9).isEmpty)
                #expect(try await vault.facts().endpoints.isEmpty)
                #expect(try await vault.grant(for: VaultFixture.account("alerts"))?.status == .current)
            }
            #expect(try await fixture.open(.readOnly).secret(named: "m365")?.revealText() == "s3cret-v1")
            #expect(try fixture.files.read(fixture.path, limit: 1 << 24) == before)
        }
    }

    @Test(arguments: formats, [VaultAccess.readWrite, .readWriteIfPossible, .create])
    func `the first writer upgrades it, and all that was there still opens`(
        format: Int, access: VaultAccess
    ) async throws {
        try await Self.run(format) { fixture in
            let reader = try await fixture.openWithoutKey(.readOnly)
            let vault = try await fixture.open(access)
            let grant = try #require(try await vault.grant(for: VaultFixture.account("alerts")))
            #expect(try await vault.accessToken(of: grant.id) != nil)
            #expect(try await vault.recipe(of: grant.id) != nil)
            #expect(try await vault.secret(named: "m365")?.revealText() == "s3cret-v1")
            #expect(try await vault.verify().findings.isEmpty)
            let flow = try await vault.keep(
                VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 60)), payload: Secret(copying: "verifier"))
            #expect(try await vault.flows() == [flow])
            #expect(try await fixture.open(.readOnly).flows() == [flow])
            // One that was opened before the upgrade reads on. (Without a log it reads the file as it was.)
            #expect(try await reader.snapshot().accounts.count == 3)
        }
    }

    @Test(arguments: formats)
    func `two writers upgrade it at once`(format: Int) async throws {
        try await Self.run(format) { fixture in
            async let first = fixture.open(.readWrite)
            async let second = fixture.open(.readWrite)
            let vaults = try await [first, second]
            #expect(vaults[0].id == vaults[1].id)
            for vault in vaults { #expect(try await vault.flows().isEmpty) }
        }
    }

    @Test(arguments: formats)
    func `a writer without the key leaves the codes to one who has it`(format: Int) async throws {
        try await Self.run(format) { fixture in
            let grant = VaultFixture.account("alerts")
            let unkeyed = try await fixture.openWithoutKey(.readWrite)
            #expect(try await unkeyed.facts().format == 3)
            #expect(try await fixture.open(.readOnly).grant(for: grant) != nil)
            #expect(try await fixture.open(.readWrite).verify().findings.isEmpty)
            #expect(try await fixture.open(.readOnly).grant(for: grant) != nil)
        }
    }

    @Test func `a mark of an older format does not hide a changed row`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            await vault.close()
            // The last byte of the number that SQLite keeps for its users (file format, 1.3).
            try await fixture.patch { bytes in
                #expect(bytes[63] == 3)
                bytes[63] = 2
            }
            #expect(await code { _ = try await fixture.open(.readOnly) } == .notAuthentic)
            #expect(await code { _ = try await fixture.open(.readWrite) } == .notAuthentic)
        }
    }

    private static let directory = "\(#filePath)".replacing("/FormatTests.swift", with: "/Formats")

    private static let formats = [1, 2]

    private static func run(_ format: Int, _ body: (VaultFixture) async throws -> Void) async throws {
        try await VaultFixture.run { fixture in
            let old = try #require(try fixture.files.read("\(directory)/vault-\(format).db", limit: 1 << 24))
            try fixture.files.create(fixture.path, with: old)
            try await body(fixture)
        }
    }
}

import Glibc
import KeelBase
import KeelCrypto
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

struct VaultOpeningTests {
    @Test func `a vault keeps its id, and another has another`() async throws {
        try await VaultFixture.run { fixture in
            let first = try await fixture.open()
            await first.close()
            let again = try await fixture.open(.readWrite)
            #expect(again.id == first.id)
            let other = try await Vault.open(
                path: fixture.directory + "/deep/er/vault.db", files: fixture.files, key: fixture.key, access: .create)
            #expect(other.id != first.id)
        }
    }

    @Test func `database, log and index are the owner's alone, while open and after`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            for suffix in ["", "-wal", "-shm"] {
                #expect(try fixture.files.mode(fixture.path + suffix) == 0o600, "\(suffix)")
            }
            await vault.close()
            #expect(ScratchDirectory.names(in: fixture.directory) == ["vault.db", "vault.db-shm", "vault.db-wal"])
            #expect(try fixture.files.read(fixture.path + "-wal", limit: 0) == [])
        }
    }

    @Test func `a wrong key is known at once, in every way of opening`() async throws {
        try await VaultFixture.run { fixture in
            await (try fixture.open()).close()
            for access in [VaultAccess.create, .readWrite, .readOnly] {
                let found = await code {
                    _ = try await Vault.open(
                        path: fixture.path, files: fixture.files, key: Secret(copying: "another"), access: access)
                }
                #expect(found == .wrongKey)
            }
        }
    }

    @Test func `without a key the plain is readable, and the rest asks for it`() async throws {
        try await VaultFixture.run { fixture in
            let keyed = try await fixture.open()
            let grant = try await keyed.candidate("a").id
            try await keyed.promote(grant, for: [VaultFixture.account("a")])
            let vault = try await fixture.openWithoutKey(.readWrite)
            #expect(try await vault.snapshot().grant(for: VaultFixture.account("a"))?.id == grant)
            #expect(try await vault.grant(for: VaultFixture.account("a"))?.id == grant)
            #expect(await code { _ = try await vault.accessToken(of: grant) } == .keyNeeded)
            #expect(await code { _ = try await vault.recipe(of: grant) } == .keyNeeded)
            #expect(await code { _ = try await vault.promote(grant, for: []) } == .keyNeeded)
            #expect(await code { _ = try await vault.candidate("b") } == .keyNeeded)
        }
    }

    @Test func `what is not a vault is told apart`() async throws {
        try await VaultFixture.run { fixture in
            #expect(await code { _ = try await fixture.open(.readOnly) } == .missing)
            #expect(await code { _ = try await fixture.open(.readWrite) } == .missing)
            #expect(ScratchDirectory.names(in: fixture.directory).isEmpty)
            // A process that was killed between making the file and filling it.
            try fixture.files.create(fixture.path, with: [])
            #expect(await code { _ = try await fixture.open(.readOnly) } == .missing)
            #expect(await code { _ = try await fixture.openWithoutKey(.create) } == .keyNeeded)
            await (try fixture.open()).close()
            try await fixture.patch { bytes in bytes[63] = 200 }
            #expect(await code { _ = try await fixture.open() } == .newerFormat)
            try await fixture.patch { bytes in bytes.replaceSubrange(60..<72, with: [UInt8](repeating: 0, count: 12)) }
            #expect(await code { _ = try await fixture.open() } == .notAVault)
            try fixture.files.replace(fixture.path, with: Array("this is no database, however long it may be".utf8))
            #expect(await code { _ = try await fixture.open() } == .corrupt)
        }
    }

    @Test func `a vault that others can read is refused`() async throws {
        try await VaultFixture.run { fixture in
            await (try fixture.open()).close()
            #expect(unsafe chmod(fixture.path, 0o640) == 0)
            #expect(await code { _ = try await fixture.open(.readOnly) } == .tooOpen)
            #expect(await code { _ = try await fixture.open() } == .tooOpen)
        }
    }

    @Test(arguments: [VaultAccess.readOnly, .readWrite, .create])
    func `a directory in its place is called that`(access: VaultAccess) async throws {
        try await VaultFixture.run { fixture in
            try fixture.files.createDirectory(fixture.path)
            let failure = await #expect(throws: VaultFailure.self) { _ = try await fixture.open(access) }
            #expect(failure?.code == .notAVault)
            #expect(failure?.description == "a directory is in the place of \(fixture.path)")
        }
    }

    @Test func `a wrong key is named, with its file and the right one's name`() async throws {
        try await VaultFixture.run { fixture in
            await (try fixture.open()).close()
            let other = Secret(copying: "another")
            let failure = await #expect(throws: VaultFailure.self) {
                _ = try await Vault.open(
                    path: fixture.path, files: fixture.files, key: other, keyFile: "/k/vault.key", access: .readOnly)
            }
            let (found, right) = (KeyIdentifier(of: other), KeyIdentifier(of: fixture.key))
            #expect(
                failure?.description
                    == "the key in /k/vault.key (\(found)) is not the one of \(fixture.path) (\(right))")
        }
    }

    @Test func `a closed vault says so`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            await vault.close()
            #expect(await code { _ = try await vault.snapshot() } == .closed)
        }
    }

    @Test(arguments: ["with space", "100%", "what?", "#1", "größe", "a&b=c", "+"])
    func `any name of a directory will do`(name: String) async throws {
        try await withScratchDirectory { directory in
            let fixture = VaultFixture(directory: "\(directory)/\(name)")
            let writer = try await fixture.open()
            let reader = try await fixture.open(.readOnly)
            #expect(reader.id == writer.id)
        }
    }
}

extension VaultFixture {
    /// Changes the bytes of the closed database.
    func patch(_ change: (inout [UInt8]) throws -> Void) async throws {
        var bytes = try #require(try files.read(path, limit: 1 << 24))
        try change(&bytes)
        try files.replace(path, with: bytes)
    }
}

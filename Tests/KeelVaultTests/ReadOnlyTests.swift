import Glibc
import KeelBase
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

/// `plan` reads the vault and may write nothing at all, whatever state the vault is in.
struct ReadOnlyTests {
    private let a = VaultFixture.account("a")

    @Test func `reading a closed vault changes nothing`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            try await vault.promote(try await vault.candidate("a").id, for: [a])
            await vault.close()
            try await expectReadOnly(fixture)
        }
    }

    @Test func `reading beside a living writer changes nothing and sees what is committed`() async throws {
        try await VaultFixture.run { fixture in
            let writer = try await fixture.open()
            try await writer.promote(try await writer.candidate("a").id, for: [a])
            try await expectReadOnly(fixture)
            // After a checkpoint the log starts anew.
            for number in 0..<100 { _ = try await writer.candidate("g\(number)") }
            try await expectReadOnly(fixture)
        }
    }

    @Test func `a reader keeps reading while a writer goes on`() async throws {
        try await VaultFixture.run { fixture in
            let writer = try await fixture.open()
            let reader = try await fixture.openWithoutKey(.readOnly)
            for count in 1...20 {
                _ = try await writer.candidate("g\(count)")
                #expect(try await reader.snapshot().grants.count == count)
            }
            await writer.close()
            #expect(try await reader.snapshot().grants.count == 20)
            let next = try await fixture.open(.readWrite)
            _ = try await next.candidate("later")
            #expect(try await reader.snapshot().grants.count == 21)
        }
    }

    @Test func `reading after a writer was killed changes nothing and loses nothing`() async throws {
        try await VaultFixture.run { fixture in
            let directory = fixture.directory
            await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
                let vault = try await VaultFixture(directory: directory).open()
                try await vault.promote(try await vault.candidate("a").id, for: [VaultFixture.account("a")])
                kill(getpid(), SIGKILL)
            }
            #expect(try fixture.files.read(fixture.path + "-wal", limit: 1 << 24)?.isEmpty == false)
            try await expectReadOnly(fixture)
            let next = try await fixture.open(.readWrite)
            #expect(try await next.grant(for: a)?.status == .current)
        }
    }

    @Test func `a restored backup without helper files is read, and none are made`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            try await vault.promote(try await vault.candidate("a").id, for: [a])
            await vault.close()
            let files = ["-wal", "-shm"].map { fixture.path + $0 }
            for missing in [[files[0]], [files[1]], files] {
                for file in missing { try fixture.files.remove(file) }
                try await expectReadOnly(fixture)
                // Writing makes them again.
                await (try fixture.open(.readWrite)).close()
                #expect(try fixture.files.mode(files[0]) == 0o600 && fixture.files.mode(files[1]) == 0o600)
            }
        }
    }

    @Test func `changes that only writing could recover are not passed over`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            // As if only these two had been copied elsewhere while the vault was in use.
            let copy = VaultFixture(directory: fixture.directory + "/copy")
            try fixture.files.createDirectory(copy.directory)
            for suffix in ["", "-wal"] {
                let bytes = try #require(try fixture.files.read(fixture.path + suffix, limit: 1 << 24))
                try fixture.files.create(copy.path + suffix, with: bytes)
            }
            #expect(await code { _ = try await copy.open(.readOnly) } == .needsRecovery)
            let recovered = try await copy.open(.readWrite)
            #expect(try await recovered.snapshot().grants.count == 1)
            #expect(try await copy.open(.readOnly).snapshot().grants.count == 1)
        }
    }

    @Test func `a vault opened for reading takes no change`() async throws {
        try await VaultFixture.run { fixture in
            let grant = try await fixture.open().candidate("a").id
            let reader = try await fixture.open(.readOnly)
            #expect(await code { _ = try await reader.candidate("b") } == .readOnly)
            #expect(await code { _ = try await reader.retire([grant]) } == .readOnly)
            #expect(try await reader.accessToken(of: grant)?.secret.revealText() == "access-a")
        }
    }

    /// Reads everything in another process, as `plan` does, and compares names, sizes, modes, times and bytes before
    /// and after. (In one process SQLite's connections share a mapping; and for root it sets the owner of the helper
    /// files to what it is, which moves their change time and nothing else.)
    private func expectReadOnly(_ fixture: VaultFixture) async throws {
        let directory = fixture.directory
        let before = try state(fixture)
        await #expect(processExitsWith: .success) { [directory = directory as String] in
            let vault = try await VaultFixture(directory: directory).openWithoutKey(.readOnly)
            let snapshot = try await vault.snapshot()
            _ = try await vault.grantsDue(by: Timestamp(seconds: 0), atMost: 10)
            await vault.close()
            exit(snapshot.grant(for: VaultFixture.account("a")) == nil ? 1 : 0)
        }
        let after = try state(fixture)
        #expect(after == before)
    }

    private func state(_ fixture: VaultFixture) throws -> [String] {
        try ScratchDirectory.names(in: fixture.directory).map { name in
            let path = "\(fixture.directory)/\(name)"
            var status = stat()
            #expect(unsafe stat(path, &status) == 0)
            let bytes = try fixture.files.read(path, limit: 1 << 24) ?? []
            return "\(name) \(status.st_mode) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec)"
                + ".\(status.st_mtim.tv_nsec) \(bytes.hashValue)"
        }
    }
}

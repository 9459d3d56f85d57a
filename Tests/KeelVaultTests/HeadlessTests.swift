import Glibc
import KeelBase
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

/// The database is lost and the log of its changes is not: SQLite deletes such a log when it opens an empty database, and
/// would take it for a new one's.
struct HeadlessTests {
    @Test(arguments: [VaultAccess.readOnly, .readWrite, .readWriteIfPossible, .create])
    func `an empty database beside its log is not opened`(access: VaultAccess) async throws {
        try await beheaded { fixture, log in
            try fixture.files.replace(fixture.path, with: [])
            #expect(await code { _ = try await fixture.open(access) } == .headless)
            #expect(try fixture.log() == log)
        }
    }

    @Test(arguments: [VaultAccess.readOnly, .readWrite, .readWriteIfPossible, .create])
    func `garbage beside a log is damage, and the log stays`(access: VaultAccess) async throws {
        try await beheaded { fixture, log in
            let garbage = [UInt8](repeating: 0x67, count: 8192)
            try fixture.files.replace(fixture.path, with: garbage)
            let failure = await #expect(throws: VaultFailure.self) { _ = try await fixture.open(access) }
            #expect(failure?.code == .corrupt)
            #expect(failure?.description.hasPrefix("\(fixture.path) is damaged") == true)
            #expect(try fixture.log() == log)
            #expect(try fixture.files.read(fixture.path, limit: 1 << 16) == garbage)
        }
    }

    @Test func `a lost database is missing, and no new one is made beside its log`() async throws {
        try await beheaded { fixture, log in
            try fixture.files.remove(fixture.path)
            #expect(await code { _ = try await fixture.open(.readOnly) } == .missing)
            #expect(await code { _ = try await fixture.open(.create) } == .headless)
            #expect(try fixture.log() == log)
            #expect(try fixture.files.mode(fixture.path) == nil)
        }
    }

    @Test(arguments: [true, false])
    func `once the log is set aside a new vault is made, and nothing of the old gets into it`(
        isEmpty: Bool
    ) async throws {
        try await beheaded { fixture, log in
            try fixture.files.remove(fixture.path)
            if isEmpty { try fixture.files.create(fixture.path, with: []) }
            let aside = try #require(
                try Vault.setAsideLog(of: fixture.path, files: fixture.files, at: fixture.clock.now))
            #expect(try fixture.files.read(aside, limit: 1 << 24) == log)
            let vault = try await fixture.open(.create)
            #expect(try await vault.snapshot().grants.isEmpty)
        }
    }

    @Test func `the log of a sound vault is never set aside`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            let log = try fixture.log()
            #expect(log?.isEmpty == false)
            #expect(try Vault.setAsideLog(of: fixture.path, files: fixture.files, at: fixture.clock.now) == nil)
            #expect(try fixture.log() == log)
        }
    }

    /// Runs `body` with what a writer left that was killed before its log was folded in.
    private func beheaded(_ body: (VaultFixture, [UInt8]?) async throws -> Void) async throws {
        try await VaultFixture.run { fixture in
            let directory = fixture.directory
            await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
                let vault = try await VaultFixture(directory: directory).open()
                _ = try await vault.candidate("a")
                kill(getpid(), SIGKILL)
            }
            let log = try fixture.log()
            #expect(log?.isEmpty == false)
            try await body(fixture, log)
        }
    }
}

extension VaultFixture {
    /// The bytes of the write-ahead log; nil if there is none.
    fileprivate func log() throws -> [UInt8]? { try files.read(path + "-wal", limit: 1 << 24) }
}

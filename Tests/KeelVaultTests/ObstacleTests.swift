import Glibc
import KeelBase
import KeelSystem
import KeelVault
import Testing

/// A disk on which nothing more can be written.
struct ObstacleTests {
    @Test(
        arguments: [
            (13, 0, .full, "/v.db: no space is left on the disk"),
            (4874, 0, .full, "/v.db: no space is left on the disk"),
            (778, ENOSPC, .full, "/v.db: no space is left on the disk"),
            (1034, EDQUOT, .full, "/v.db: no space is left on the disk"),
            (14, ENOSPC, .full, "/v.db: no space is left on the disk"),
            (778, EIO, .io, "/v.db: SQLite 778: words"),
            (8, 0, .readOnly, "/v.db: nothing can be written there (read-only file system, or not your file)"),
            (1288, 0, .readOnly, "/v.db: nothing can be written there (read-only file system, or not your file)"),
            (14, EROFS, .readOnly, "/v.db: nothing can be written there (read-only file system, or not your file)"),
            (11, 0, .corrupt, "/v.db is damaged (SQLite 11: words)"),
            (26, 0, .corrupt, "/v.db is damaged (SQLite 26: words)"),
            (5, 0, .locked, "/v.db: another process keeps it busy"),
        ] as [(Int32, Int32, VaultFailure.Code, String)])
    func `what SQLite says is said in words of this program`(
        result: Int32, number: Int32, code: VaultFailure.Code, words: String
    ) {
        let failure = VaultFailure(sqlite: result, "words", errno: number, path: "/v.db")
        #expect(failure.code == code)
        #expect(failure.description == words)
    }

    /// No file may grow, which is what a full disk does to SQLite.
    @Test func `a token is read where nothing can be written, and writing says why not`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            await vault.close()
            let (directory, name) = (fixture.directory, grant.text)
            await #expect(processExitsWith: .exitCode(7)) { [directory = directory as String, name = name as String] in
                var limit = rlimit(rlim_cur: 0, rlim_max: 0)
                signal(SIGXFSZ, SIG_IGN)
                guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(1) }
                let fixture = VaultFixture(directory: directory)
                let grant = try #require(GrantID(parsing: name))
                guard await code({ _ = try await fixture.open(.readWrite) }) == .full else { exit(2) }
                let vault = try await fixture.open(.readWriteIfPossible)
                guard try await vault.accessToken(of: grant)?.secret.revealText() == "access-a" else { exit(3) }
                guard await code({ _ = try await vault.candidate("b") }) == .full else { exit(4) }
                exit(7)
            }
        }
    }
}

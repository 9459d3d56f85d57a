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

    /// The disk fills up between a code's exchange and the moment at which its tokens are stored.
    @Test func `a consent that does not fit on the disk is stored whole once it does`() async throws {
        try await VaultFixture.run { fixture in
            let directory = fixture.directory
            await #expect(processExitsWith: .exitCode(7)) { [directory = directory as String] in
                signal(SIGXFSZ, SIG_IGN)
                let fixture = VaultFixture(directory: directory)
                let vault = try await fixture.open()
                let flow = try await vault.keep(
                    VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 60)), payload: Secret(copying: "v"))
                let intent = try #require(try await vault.redeem(flow.id, run: "r")).intent
                let store = {
                    try await vault.addCandidate(
                        VaultFixture.draft(), VaultFixture.recipe(), VaultFixture.tokens("a"), redeeming: intent.id)
                }
                // Where a file that is open already may not grow, SQLite does not say why it could not be written.
                guard setFileLimit(1), let failure = await code({ _ = try await store() }),
                    [.full, .io].contains(failure)
                else { exit(1) }
                // Nothing of it is there, and that it was begun still is.
                let snapshot = try await vault.snapshot()
                guard snapshot.grants.isEmpty, snapshot.intents == [intent] else { exit(2) }
                guard setFileLimit(rlim_t.max) else { exit(3) }
                let grant = try await store().id
                guard try await vault.refreshTokens(of: grant).first?.secret.revealText() == "refresh-a" else {
                    exit(4)
                }
                guard try await vault.snapshot().intents.isEmpty, try await vault.verify().findings.isEmpty else {
                    exit(5)
                }
                exit(7)
            }
        }
    }
}

/// Lets no file of this process grow beyond `size` bytes; whether that was allowed.
private func setFileLimit(_ size: rlim_t) -> Bool {
    var limit = rlimit(rlim_cur: size, rlim_max: rlim_t.max)
    return unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
}

import Glibc
import KeelBase
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

struct ConcurrencyTests {
    @Test func `several connections write at once and lose nothing`() async throws {
        try await VaultFixture.run { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        let vault = try await fixture.open()
                        for number in 0..<10 { _ = try await vault.candidate("w\(writer)n\(number)") }
                    }
                }
                try await group.waitForAll()
            }
            let snapshot = try await fixture.open(.readOnly).snapshot()
            #expect(snapshot.grants.count == 40)
        }
    }

    @Test func `two processes make and fill one vault at once`() async throws {
        try await VaultFixture.run { fixture in
            let directory = fixture.directory
            async let first: Void = fill(directory, "one")
            async let second: Void = fill(directory, "two")
            _ = await (first, second)
            let snapshot = try await fixture.open(.readOnly).snapshot()
            #expect(snapshot.grants.count == 20)
            #expect(Set(snapshot.grants.values.map(\.subject)).count == 20)
        }
    }

    @Test func `of two renewals of one generation exactly one wins`() async throws {
        try await VaultFixture.run { fixture in
            let grant = try await fixture.open().candidate("a").id
            let outcomes = try await withThrowingTaskGroup(of: VaultFailure.Code?.self) { group in
                for writer in 0..<4 {
                    let vault = try await fixture.open()
                    group.addTask {
                        await code {
                            try await vault.replaceTokens(
                                of: grant, generation: 1, with: VaultFixture.tokens("w\(writer)"))
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 1)
            #expect(outcomes.filter { $0 == .conflict }.count == 3)
            // Every refresh token that a server gave is there.
            #expect(try await fixture.open(.readOnly).refreshTokens(of: grant).count == 5)
        }
    }

    @Test func `a grant's lock excludes another holder, until it is released`() async throws {
        try await VaultFixture.run { fixture in
            let locks = GrantLocks(directory: fixture.directory, files: fixture.files)
            let grant = GrantID.random()
            let held = try await locks.acquire(grant, for: .seconds(1))
            #expect(await code { _ = try await locks.acquire(grant, for: .milliseconds(20)) } == .locked)
            let other = try await locks.acquire(.random(), for: .seconds(1))
            async let next = locks.acquire(grant, for: .seconds(30))
            held.unlock()
            try await next.unlock()
            other.unlock()
            #expect(try fixture.files.mode("\(fixture.directory)/grants/\(grant).lock") == 0o600)
        }
    }

    @Test func `the lock files of grants that are gone go, but never one that is held`() async throws {
        try await VaultFixture.run { fixture in
            let locks = GrantLocks(directory: fixture.directory, files: fixture.files)
            let (held, free, known) = (GrantID.random(), GrantID.random(), GrantID.random())
            let lock = try await locks.acquire(held, for: .seconds(1))
            for grant in [free, known] { try await locks.acquire(grant, for: .seconds(1)).unlock() }
            locks.sweep(keeping: [known])
            let left = ["\(held).lock", "\(known).lock"].sorted()
            #expect(ScratchDirectory.names(in: fixture.directory + "/grants") == left)
            #expect(await code { _ = try await locks.acquire(held, for: .milliseconds(20)) } == .locked)
            lock.unlock()
            try await locks.acquire(free, for: .seconds(1)).unlock()
        }
    }

    @Test func `a killed holder leaves its lock to the next`() async throws {
        try await VaultFixture.run { fixture in
            let directory = fixture.directory
            let grant = GrantID.random()
            let text = grant.text
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [directory = directory as String, text = text as String] in
                let grant = try #require(GrantID(parsing: text))
                let locks = GrantLocks(directory: directory, files: SystemFileStore())
                let lock = try await locks.acquire(grant, for: .seconds(1))
                kill(getpid(), SIGKILL)
                lock.unlock()
            }
            let locks = GrantLocks(directory: directory, files: fixture.files)
            try await locks.acquire(grant, for: .seconds(1)).unlock()
        }
    }

    @Test func `waiting for a lock ends when the task is cancelled`() async throws {
        try await VaultFixture.run { fixture in
            let locks = GrantLocks(directory: fixture.directory, files: fixture.files)
            let grant = GrantID.random()
            let held = try await locks.acquire(grant, for: .seconds(1))
            let waiting = Task { await code { _ = try await locks.acquire(grant, for: .seconds(3600)) } }
            waiting.cancel()
            #expect(await waiting.value == .interrupted)
            held.unlock()
        }
    }

    private func fill(_ directory: String, _ name: String) async {
        await #expect(processExitsWith: .success) { [directory = directory as String, name = name as String] in
            let vault = try await VaultFixture(directory: directory).open()
            for number in 0..<10 { _ = try await vault.candidate("\(name)-\(number)") }
        }
    }
}

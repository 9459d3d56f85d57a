import KeelBase
import KeelState
import KeelTestSupport
import Testing

struct StateLockTests {
    private static func record(_ id: String) -> LockRecord {
        LockRecord(
            id: id, operation: "apply", who: "ci@runner", version: "0.1.0", created: StateFixture.time,
            info: "pid 4711, https://ci.example.com/job/1",
            path: StateFixture.paths.state)
    }

    @Test func `a second run is told who holds the lock`() async throws {
        let store = StateFixture.store(StateFixture.files())
        let lock = try await store.lock(Self.record("one"))
        let failure = try await #require(throws: StateFailure.self) { try await store.lock(Self.record("two")) }
        #expect(failure.code == .locked)
        #expect(failure.holder == Self.record("one"))
        #expect(
            failure.reason
                == "ci@runner (apply, since 2027-01-15T08:00:00Z, pid 4711, https://ci.example.com/job/1) holds the state lock"
        )
        lock.unlock()
    }

    @Test func `an unlocked state can be locked, and its record is gone`() async throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        try await store.lock(Self.record("one")).unlock()
        #expect(!files.paths.contains(StateFixture.paths.lockRecord))
        try await store.lock(Self.record("two")).unlock()
    }

    @Test func `the record has the members that Terraform's have`() async throws {
        let files = StateFixture.files()
        let lock = try await StateFixture.store(files).lock(Self.record("one"))
        let json = try JSON(parsing: Array(try #require(files.text(StateFixture.paths.lockRecord)).utf8))
        #expect(json.members?.map(\.name) == ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"])
        lock.unlock()
    }

    @Test func `locking makes the directory`() async throws {
        let files = InMemoryFileStore()
        try await StateFixture.store(files).lock(Self.record("one")).unlock()
        #expect(try files.list("/p").map(\.name) == [".mailkeel"])
    }

    @Test(arguments: ["", "{", "{}", "{\"ID\":\"x\"}", "{\"ID\":\"x\",\"Created\":\"soon\"}"])
    func `a record that cannot be read does not open the lock`(text: String) async throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        let lock = try await store.lock(Self.record("one"))
        files.put(StateFixture.paths.lockRecord, text)
        let failure = try await #require(throws: StateFailure.self) { try await store.lock(Self.record("two")) }
        #expect(failure.code == .locked && failure.holder == nil)
        #expect(failure.reason == "another run holds the state lock")
        lock.unlock()
    }

    @Test func `a record that a killed run left does not close the lock`() async throws {
        let files = StateFixture.files()
        files.put(StateFixture.paths.lockRecord, "{}")
        try await StateFixture.store(files).lock(Self.record("one")).unlock()
    }

    @Test func `what a foreign record says is cleaned`() async throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        let lock = try await store.lock(Self.record("one"))
        let text = try #require(files.text(StateFixture.paths.lockRecord))
        files.put(StateFixture.paths.lockRecord, text.replacing("ci@runner", with: "\\u001b[2J"))
        let failure = try await #require(throws: StateFailure.self) { try await store.lock(Self.record("two")) }
        #expect(failure.holder?.who == "\u{FFFD}[2J")
        lock.unlock()
    }

    @Test func `a lock whose record cannot be written is given back`() async throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        files.fail(StateFixture.paths.lockRecord, with: .noSpace)
        let failure = try await #require(throws: StateFailure.self) { try await store.lock(Self.record("one")) }
        #expect(failure.code == .file && failure.path == StateFixture.paths.lockRecord)
        files.fail(StateFixture.paths.lockRecord, with: nil)
        try await store.lock(Self.record("two")).unlock()
    }

    // MARK: Waiting

    @Test func `who waits is told once who holds the lock, and gets it when it is free`() async throws {
        let store = StateFixture.store(StateFixture.files())
        let first = try await store.lock(Self.record("one"))
        var told: [LockRecord?] = []
        let second = try await store.lock(Self.record("two"), timeout: .seconds(60)) { holder in
            told.append(holder)
            first.unlock()
        }
        #expect(told == [Self.record("one")])
        #expect(try store.holder() == .held(Self.record("two")))
        second.unlock()
    }

    @Test func `who does not wait is told nothing`() async throws {
        let store = StateFixture.store(StateFixture.files())
        let free = try await store.lock(Self.record("one"), timeout: .seconds(60)) { _ in Issue.record("nobody waits") }
        await #expect(throws: StateFailure.self) {
            try await store.lock(Self.record("two")) { _ in Issue.record("nobody waits") }
        }
        free.unlock()
    }

    @Test func `a wait that is over names the holder`() async throws {
        let store = StateFixture.store(StateFixture.files())
        let first = try await store.lock(Self.record("one"))
        var told = 0
        let failure = try await #require(throws: StateFailure.self) {
            try await store.lock(Self.record("two"), timeout: .milliseconds(30)) { _ in told += 1 }
        }
        #expect(failure.code == .locked && failure.holder == Self.record("one") && told == 1)
        first.unlock()
    }

    @Test func `a wait that is given up ends at once`() async throws {
        let store = StateFixture.store(StateFixture.files())
        let first = try await store.lock(Self.record("one"))
        let waiting = Task { try await store.lock(Self.record("two"), timeout: .seconds(3600)) }
        waiting.cancel()
        await #expect(throws: StateFailure.self) { try await waiting.value }
        first.unlock()
    }

    // MARK: Looking and unlocking

    @Test func `looking at a lock makes nothing`() throws {
        let files = InMemoryFileStore()
        #expect(try StateFixture.store(files).holder() == .free)
        #expect(try StateFixture.store(files).unlock(id: "one") == .nothing)
        #expect(files.paths.isEmpty)
    }

    @Test func `a lock is free, held or left over`() async throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        let lock = try await store.lock(Self.record("one"))
        let record = try #require(files.text(StateFixture.paths.lockRecord))
        #expect(try store.holder() == .held(Self.record("one")))
        files.put(StateFixture.paths.lockRecord, "{")
        #expect(try store.holder() == .held(nil))
        lock.unlock()
        #expect(try store.holder() == .free)
        files.put(StateFixture.paths.lockRecord, record)
        #expect(try store.holder() == .leftover(Self.record("one")))
        #expect(try store.holder() == .leftover(Self.record("one")))
        try await store.lock(Self.record("two")).unlock()
        #expect(try store.holder() == .free)
    }

    @Test func `what a killed run left is removed by its id only`() throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        files.put(StateFixture.paths.lock, "")
        files.put(StateFixture.paths.lockRecord, Self.record("one").json.text(.pretty))
        let failure = try #require(throws: StateFailure.self) { try store.unlock(id: "two") }
        #expect(failure.code == .notTheHolder && failure.reason == "the lock's id is one, not two")
        #expect(failure.remedy.contains("mailkeel unlock one") && failure.holder == Self.record("one"))
        #expect(try store.unlock(id: "one") == .removed)
        #expect(!files.paths.contains(StateFixture.paths.lockRecord))
        #expect(try store.unlock(id: "one") == .nothing)
    }

    @Test(arguments: ["one", "two"])
    func `a living process is not unlocked`(id: String) async throws {
        let store = StateFixture.store(StateFixture.files())
        let lock = try await store.lock(Self.record("one"))
        let failure = try #require(throws: StateFailure.self) { try store.unlock(id: id) }
        #expect(failure.code == .locked && failure.holder == Self.record("one"))
        #expect(failure.reason.hasPrefix("ci@runner (apply") && failure.remedy.contains("pid 4711"))
        #expect(failure.remedy.contains("only its end frees it"))
        #expect(try store.holder() == .held(Self.record("one")))
        lock.unlock()
    }

    @Test func `a record is read as it was written`() {
        #expect(LockRecord(parsing: Self.record("one").json.bytes()) == Self.record("one"))
    }
}

import KeelBase
import KeelState
import KeelTestSupport
import Testing

struct StateLockTests {
    private static func record(_ id: String) -> LockRecord {
        LockRecord(
            id: id, operation: "apply", who: "ci@runner", version: "0.1.0", created: StateFixture.time,
            info: "pid 4711, https://ci.example.com/job/1")
    }

    @Test func `a second run is told who holds the lock`() throws {
        let store = StateFixture.store(StateFixture.files())
        let lock = try store.lock(Self.record("one"))
        let failure = try #require(throws: StateFailure.self) { try store.lock(Self.record("two")) }
        #expect(failure.code == .locked)
        #expect(failure.holder == Self.record("one"))
        #expect(
            failure.reason
                == "ci@runner (apply, since 2027-01-15T08:00:00Z, pid 4711, https://ci.example.com/job/1) holds the state lock"
        )
        lock.unlock()
    }

    @Test func `an unlocked state can be locked, and its record is gone`() throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        try store.lock(Self.record("one")).unlock()
        #expect(!files.paths.contains(StateFixture.paths.lockRecord))
        try store.lock(Self.record("two")).unlock()
    }

    @Test func `the record has the members that Terraform's have`() throws {
        let files = StateFixture.files()
        let lock = try StateFixture.store(files).lock(Self.record("one"))
        let json = try JSON(parsing: Array(try #require(files.text(StateFixture.paths.lockRecord)).utf8))
        #expect(json.members?.map(\.name) == ["ID", "Operation", "Info", "Who", "Version", "Created"])
        lock.unlock()
    }

    @Test func `locking makes the directory`() throws {
        let files = InMemoryFileStore()
        try StateFixture.store(files).lock(Self.record("one")).unlock()
        #expect(try files.list("/p").map(\.name) == [".mailkeel"])
    }

    @Test(arguments: ["", "{", "{}", "{\"ID\":\"x\"}", "{\"ID\":\"x\",\"Created\":\"soon\"}"])
    func `a record that cannot be read does not open the lock`(text: String) throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        let lock = try store.lock(Self.record("one"))
        files.put(StateFixture.paths.lockRecord, text)
        let failure = try #require(throws: StateFailure.self) { try store.lock(Self.record("two")) }
        #expect(failure.code == .locked && failure.holder == nil)
        #expect(failure.reason == "another run holds the state lock")
        lock.unlock()
    }

    @Test func `a record that a killed run left does not close the lock`() throws {
        let files = StateFixture.files()
        files.put(StateFixture.paths.lockRecord, "{}")
        try StateFixture.store(files).lock(Self.record("one")).unlock()
    }

    @Test func `what a foreign record says is cleaned`() throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        let lock = try store.lock(Self.record("one"))
        let text = try #require(files.text(StateFixture.paths.lockRecord))
        files.put(StateFixture.paths.lockRecord, text.replacing("ci@runner", with: "\\u001b[2J"))
        let failure = try #require(throws: StateFailure.self) { try store.lock(Self.record("two")) }
        #expect(failure.holder?.who == "\u{FFFD}[2J")
        lock.unlock()
    }

    @Test func `a lock whose record cannot be written is given back`() throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        files.fail(StateFixture.paths.lockRecord, with: .noSpace)
        let failure = try #require(throws: StateFailure.self) { try store.lock(Self.record("one")) }
        #expect(failure.code == .file && failure.path == StateFixture.paths.lockRecord)
        files.fail(StateFixture.paths.lockRecord, with: nil)
        try store.lock(Self.record("two")).unlock()
    }
}

import KeelBase
import KeelState
import KeelSystem
import KeelTestSupport
import Testing

struct HistoryTests {
    private static let paths = StateFixture.paths

    /// Runs that each commit one name.
    private static func runs(_ names: [String], _ files: any FileStore) async throws {
        for name in names {
            let run = try StateFixture.store(files).begin(StateFixture.writer("run-\(name)")) {
                StateDocument(lineage: "l-1")
            }
            try await run.commit(StateFixture.address(name), StateFixture.record(name))
            try await run.finish()
        }
    }

    @Test func `each run that changes something keeps the state as it was`() async throws {
        let files = StateFixture.files()
        try await Self.runs(["a", "b", "c"], files)
        let idle = try StateFixture.store(files).begin(StateFixture.writer("idle")) { StateDocument(lineage: "l-1") }
        try await idle.finish()
        let store = StateFixture.store(files)
        let history = try store.history()
        #expect(history.map(\.serial) == [4, 3, 2] && history.map(\.isCurrent) == [true, false, false])
        #expect(history.map { $0.written?.run } == ["run-c", "run-b", "run-a"])
        #expect(history.map { $0.written?.operation } == ["apply", "apply", "apply"])
        #expect(history.allSatisfy { $0.lineage == "l-1" && $0.damage == nil })
        #expect(history.map(\.path) == [Self.paths.state, Self.paths.backup(serial: 3), Self.paths.backup(serial: 2)])
        #expect(history.map(\.bytes) == history.map { files.bytes($0.path)?.count })
        for (serial, names) in [(4, ["a", "b", "c"]), (3, ["a", "b"]), (2, ["a"])] {
            let backup = try #require(try store.backup(serial: serial))
            #expect(backup.document.addresses.map(\.name) == names && backup.document.serial == serial)
            #expect(backup.bytes == files.bytes(backup.path))
        }
        #expect(try store.backup(serial: 1) == nil)
    }

    @Test func `a run keeps one state, however often it finishes`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        for number in 0..<3 {
            try await run.commit(StateFixture.address("n\(number)"), StateFixture.record("x"))
            try await run.finish()
        }
        #expect(try StateFixture.store(files).history().map(\.serial) == [10, 7])
    }

    @Test func `the state before a killed run is kept as well`() async throws {
        let (files, _) = try await StateFixture.journal(over: StateFixture.document, [("c", StateFixture.full)])
        let before = files.bytes(Self.paths.state)
        let run = try StateFixture.store(files).begin(StateFixture.writer("next")) { StateFixture.document }
        #expect(files.bytes(Self.paths.backup(serial: 7)) == before)
        try await run.commit(StateFixture.address("d"), StateFixture.full)
        try await run.finish()
        let history = try StateFixture.store(files).history()
        #expect(history.map(\.serial) == [9, 8, 7] && history.map { $0.written?.run } == ["next", "killed", nil])
    }

    @Test func `the newest twenty are kept`() async throws {
        let files = StateFixture.files()
        files.put(Self.paths.history + "/notes.txt", "mine")
        files.put(Self.paths.history + "/state.1.json", "mine")
        try await Self.runs((0..<25).map { "n\($0)" }, files)
        let serials = try StateFixture.store(files).history().map(\.serial)
        #expect(serials == Array((6...26).reversed()))
        #expect(files.text(Self.paths.history + "/notes.txt") == "mine")
        #expect(files.text(Self.paths.history + "/state.1.json") == "mine")
    }

    @Test func `two states of one serial, after a restore by hand, are both kept`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        try await Self.runs(["a"], files)
        var other = StateFixture.document
        other.set(StateFixture.address("z"), StateFixture.full)
        files.put(Self.paths.state, bytes: other.bytes())
        try await Self.runs(["b"], files)
        #expect(files.bytes(Self.paths.backup(serial: 7)) == StateFixture.document.bytes())
        #expect(files.bytes(Self.paths.backup(serial: 7, copy: 2)) == other.bytes())
        #expect(try StateFixture.store(files).history().map(\.serial) == [8, 7, 7])
    }

    @Test func `a damaged backup is listed as such, and is in nobody's way`() async throws {
        let files = StateFixture.files()
        try await Self.runs(["a", "b", "c"], files)
        files.put(Self.paths.backup(serial: 3), "{\"version\": 2,")
        let history = try StateFixture.store(files).history()
        try #require(history.map(\.serial) == [4, 3, 2])
        #expect(history.map { $0.damage == nil } == [true, false, true])
        #expect(history[1].written == nil && history[1].bytes == 14)
        #expect(try StateFixture.store(files).backup(serial: 3) == nil)
    }

    @Test func `a damaged state names the newest backup that is whole, and the command`() async throws {
        let files = StateFixture.files()
        try await Self.runs(["a", "b", "c"], files)
        files.put(Self.paths.backup(serial: 3), "{\"version\": 2,")
        files.put(Self.paths.state, "{\n\"version\": 2, oops")
        let failure = try #require(throws: StateFailure.self) { try StateFixture.store(files).read() }
        #expect(failure.code == .corrupt && failure.reason == "line 2: a name in quotes was expected")
        #expect(
            failure.remedy
                == "`mailkeel state push --force \(Self.paths.backup(serial: 2))` restores the newest backup, which has serial 2; the vault still holds all grants"
        )
        let history = try StateFixture.store(files).history()
        #expect(history.map { $0.damage == nil } == [false, false, true])
    }

    @Test func `no state and no history is an empty list`() throws {
        #expect(try StateFixture.store(InMemoryFileStore()).history().isEmpty)
    }

    @Test func `on a disk a backup is the file itself under another name`() async throws {
        try await withScratchDirectory { directory in
            let store = StateStore(StatePaths(state: "\(directory)/state.json"), files: SystemFileStore())
            for name in ["a", "b"] {
                let run = try store.begin(StateFixture.writer(name)) { StateDocument(lineage: "l") }
                try await run.commit(StateFixture.address(name), StateFixture.record(name))
                try await run.finish()
            }
            #expect(try store.history().map(\.serial) == [3, 2])
            #expect(try store.backup(serial: 2)?.document.addresses.map(\.name) == ["a"])
            #expect(ScratchDirectory.names(in: directory + "/history") == ["state.00000002.json"])
            #expect(try SystemFileStore().mode(store.paths.backup(serial: 2)) == 0o600)
        }
    }
}

import KeelBase
import KeelState
import KeelSystem
import KeelTestSupport
import Testing

struct StateOnDiskTests {
    @Test func `all files of a state are their owner's alone`() async throws {
        try await withScratchDirectory { directory in
            let paths = StatePaths(state: "\(directory)/.mailkeel/state.json")
            let files = SystemFileStore()
            let store = StateStore(paths, files: files)
            let record = LockRecord(
                id: "1", operation: "apply", who: "me", version: "0", created: StateFixture.time, info: "pid 1",
                path: paths.state)
            let lock = try await store.lock(record)
            let run = try store.begin(StateFixture.writer("r")) { StateDocument(lineage: "l") }
            try await run.commit(StateFixture.address("a"), StateFixture.full)
            for path in [paths.state, paths.journal, paths.lock, paths.lockRecord] {
                #expect(try files.mode(path) == 0o600, "\(path)")
            }
            try await run.finish()
            #expect(try files.mode(paths.state) == 0o600)
            #expect(try files.mode(paths.history) == nil)
            #expect(try files.mode(paths.journal) == nil)
            lock.unlock()
            #expect(try store.read().document?.record(StateFixture.address("a")) == StateFixture.full)
        }
    }

    @Test func `a lock on disk is held against another store and freed`() async throws {
        try await withScratchDirectory { directory in
            let paths = StatePaths(state: "\(directory)/state.json")
            let record = LockRecord(
                id: "1", operation: "plan", who: "me", version: "0", created: StateFixture.time, info: "pid 1",
                path: paths.state)
            let lock = try await StateStore(paths, files: SystemFileStore()).lock(record)
            let failure = try await #require(throws: StateFailure.self) {
                try await StateStore(paths, files: SystemFileStore()).lock(record)
            }
            #expect(failure.code == .locked && failure.holder == record)
            lock.unlock()
            try await StateStore(paths, files: SystemFileStore()).lock(record).unlock()
        }
    }

    @Test(arguments: [
        ("/p/.mailkeel/state.json", "/p/.mailkeel"), ("state.json", "."), ("a/state.json", "a"), ("/state.json", "/"),
    ])
    func `the files of a state stand side by side`(path: String, directory: String) {
        let paths = StatePaths(state: path)
        #expect(paths.directory == directory)
        #expect(paths.journal == path + ".journal")
        #expect(paths.history == (directory == "/" ? "" : directory) + "/history")
        #expect(paths.lock == path + ".lock" && paths.lockRecord == path + ".lock.info")
    }
}

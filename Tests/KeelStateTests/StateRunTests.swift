import KeelBase
import KeelState
import KeelTestSupport
import Testing

struct StateRunTests {
    private static let paths = StateFixture.paths

    @Test func `the first run makes the state`() async throws {
        let files = StateFixture.files()
        let store = StateFixture.store(files)
        #expect(try store.read().document == nil)
        let run = try store.begin(StateFixture.writer("r1")) { StateDocument(lineage: "new") }
        await run.use(vault: "v")
        try await run.commit(StateFixture.address("a"), StateFixture.record("u"))
        #expect(try store.read().document?.committed(StateFixture.address("a")) != nil)
        try await run.finish()
        let document = try #require(try store.read().document)
        #expect(document.lineage == "new" && document.vault == "v" && document.count == 1)
        #expect(files.paths.contains(Self.paths.journal) == false)
    }

    @Test func `finish replaces the state, keeps the one before as a backup and removes the journal`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let before = try #require(files.text(Self.paths.state))
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        try await run.commit(StateFixture.address("a"), nil)
        #expect(files.text(Self.paths.state) == before)
        try await run.finish()
        #expect(files.text(Self.paths.backup(serial: 7)) == before)
        #expect(files.paths == [Self.paths.backup(serial: 7), Self.paths.state])
        let after = try #require(try StateFixture.store(files).read().document)
        #expect(after.serial == 8 && after.head(StateFixture.address("a")) == nil)
        #expect(files.bytes(Self.paths.state) == after.bytes())
    }

    @Test func `a run that commits nothing changes nothing`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let before = files.text(Self.paths.state)
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        await run.use(vault: "v-1")
        try await run.finish()
        #expect(files.paths == [Self.paths.state] && files.text(Self.paths.state) == before)
    }

    @Test func `a finished run can go on`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        try await run.commit(StateFixture.address("a"), StateFixture.record("one"))
        try await run.finish()
        try await run.commit(StateFixture.address("a"), StateFixture.record("two"))
        let middle = try StateFixture.store(files).read()
        #expect(try middle.document?.committed(StateFixture.address("a"))?.declared["userName"] == .text("two"))
        try await run.finish()
        try await run.finish()
        #expect(try StateFixture.store(files).read().document?.serial == 9)
    }

    @Test func `begin folds in what a killed run left, and tells`() async throws {
        let (files, _) = try await StateFixture.journal(
            over: StateFixture.document, vault: "v-2", [("c", StateFixture.full), ("a", nil)])
        let run = try StateFixture.store(files).begin(StateFixture.writer("next")) { StateFixture.document }
        #expect(run.recovered?.entries.map(\.address.name) == ["c", "a"])
        #expect(files.paths.contains(Self.paths.journal) == false)
        let document = try #require(try StateFixture.store(files).read().document)
        #expect(document.serial == 8 && document.vault == "v-2")
        #expect(try document.record(StateFixture.address("c")) == StateFixture.full)
        #expect(await run.document == document)
        let again = try StateFixture.store(files).begin(StateFixture.writer("later")) { StateFixture.document }
        #expect(again.recovered == nil)
    }

    @Test func `begin removes a journal that is done or never began`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        files.put(Self.paths.journal, "0123")
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        #expect(run.recovered == nil && files.paths == [Self.paths.state])
        try await run.commit(StateFixture.address("a"), nil)
        #expect(try StateFixture.store(files).read().leftover?.entries.count == 1)
    }

    @Test func `a run does not begin over a damaged state`() throws {
        let files = StateFixture.files()
        files.put(Self.paths.state, "{")
        #expect(throws: StateFailure.self) {
            try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        }
        #expect(files.text(Self.paths.state) == "{")
    }

    @Test func `many commits at once are all durable`() async throws {
        let memory = StateFixture.files(holding: StateFixture.document)
        let files = FaultyFileStore(over: memory, failing: 0, .none, .once)
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try await run.commit(StateFixture.address("n\(number)"), StateFixture.record("u\(number)"))
                }
            }
            try await group.waitForAll()
        }
        let document = try #require(try StateFixture.store(files.afterPowerCut()).read().document)
        for number in 0..<500 {
            let record = try document.committed(StateFixture.address("n\(number)"))
            #expect(record?.declared["userName"] == .text("u\(number)"))
        }
        // Never more than an append and a fsync for each commit, beside what opening takes.
        #expect(files.operations <= 2 * 500 + 8)
    }

    @Test func `a commit does not rewrite the state`() async throws {
        var document = StateFixture.document
        for number in 0..<200 { document.set(StateFixture.address("n\(number)"), StateFixture.record("u")) }
        let (_, text) = try await StateFixture.journal(over: document, [("a", StateFixture.record("x"))])
        #expect(text.utf8.count < 600)
    }

    @Test func `a batch takes one append and one fsync, whatever its size`() async throws {
        let files = FaultyFileStore(
            over: StateFixture.files(holding: StateFixture.document), failing: 0, .none, .once)
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        try await run.commit(StateFixture.address("a"), StateFixture.full)
        let before = files.operations
        try await run.commit(
            (0..<256).map { Journal.Entry(StateFixture.address("n\($0)"), StateFixture.record("u\($0)")) })
        #expect(files.operations == before + 2)
        try await run.commit([])
        #expect(files.operations == before + 2)
        #expect(await run.document.count == StateFixture.document.count + 256)
        #expect(try await run.record(of: StateFixture.address("n7")) == StateFixture.record("u7"))
        #expect(await run.head(of: StateFixture.address("n7")) == StateFixture.record("u7").head)
    }

    @Test func `after a failure nothing is committed until a finish has succeeded`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        files.fail(Self.paths.journal, with: .noSpace)
        let failure = await #expect(throws: StateFailure.self) {
            try await run.commit(StateFixture.address("a"), StateFixture.record("lost"))
        }
        #expect(failure?.code == .file && failure?.path == Self.paths.journal)
        files.fail(Self.paths.journal, with: nil)
        await #expect(throws: StateFailure.self) { try await run.commit(StateFixture.address("b"), nil) }
        try await run.finish()
        #expect(try StateFixture.store(files).read().document == StateFixture.document)
        try await run.commit(StateFixture.address("b"), nil)
        try await run.finish()
        #expect(try StateFixture.store(files).read().document?.count == StateFixture.document.count - 1)
    }

    @Test func `a state notes which run wrote it and when`() async throws {
        let files = StateFixture.files()
        let time = FixedTimeSource()
        let writer = StateWriter(run: "r-1", operation: "destroy", who: "me@desk", time: time)
        let run = try StateFixture.store(files).begin(writer) { StateDocument(lineage: "l") }
        time.advance(seconds: 60)
        try await run.commit(StateFixture.address("a"), StateFixture.full)
        try await run.finish()
        #expect(
            try StateFixture.store(files).read().document?.written
                == Written(run: "r-1", operation: "destroy", who: "me@desk", at: time.now))
    }

    @Test func `a journal that outgrows the state is folded in, and the run goes on`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let store = StateStore(Self.paths, files: files, journalLimit: 2000)
        let run = try store.begin(StateFixture.writer("long")) { StateFixture.document }
        var largest = 0
        for round in 0..<100 {
            try await run.commit(StateFixture.address("a"), StateFixture.record("round \(round)"))
            largest = max(largest, files.bytes(Self.paths.journal)?.count ?? 0)
        }
        #expect(largest < 3 * (files.bytes(Self.paths.state)?.count ?? 0) + 2000)
        #expect(
            try store.read().document?.committed(StateFixture.address("a")) == StateFixture.record("round 99").committed
        )
        try await run.finish()
        #expect(files.bytes(Self.paths.journal) == nil)
        #expect(try store.history().dropFirst().map(\.serial) == [7])
    }

    @Test func `what is changed side by side is all there`() async throws {
        let files = StateFixture.files()
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateDocument(lineage: "lineage") }
        let address = StateFixture.address("a")
        let names = (0..<50).map { "user-\($0)" }
        try await withThrowingTaskGroup { group in
            for name in names {
                group.addTask {
                    try await run.amend(address) { record in
                        var failure =
                            record.failure
                            ?? FailureRecord(code: "c", message: "m", at: StateFixture.time, run: "r")
                        failure.refused[name] = RefusedCredential(
                            Fingerprint(key: "k", code: name), at: StateFixture.time)
                        record.failure = failure
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await run.record(of: address)?.failure?.refused.keys.sorted() == names.sorted())
    }
}

import KeelBase
import KeelState
import KeelTestSupport
import Testing

/// Wherever the disk fails, the state on it loads and holds every entry whose commit returned.
struct FaultTests {
    @Test(arguments: FaultyFileStore.Damage.allCases, FaultyFileStore.Duration.allCases)
    func `a run over an existing state`(damage: FaultyFileStore.Damage, duration: FaultyFileStore.Duration) async throws
    {
        try await everyFault(damage, duration) { StateFixture.files(holding: StateDocument(serial: 3, lineage: "l")) }
    }

    @Test(arguments: FaultyFileStore.Damage.allCases, FaultyFileStore.Duration.allCases)
    func `the first run`(damage: FaultyFileStore.Damage, duration: FaultyFileStore.Duration) async throws {
        try await everyFault(damage, duration) { StateFixture.files() }
    }

    @Test(arguments: FaultyFileStore.Damage.allCases, FaultyFileStore.Duration.allCases)
    func `a run after a killed one`(damage: FaultyFileStore.Damage, duration: FaultyFileStore.Duration) async throws {
        let (left, text) = try await StateFixture.journal(
            over: StateDocument(serial: 3, lineage: "l"), [("old", StateFixture.record("kept"))])
        let state = try #require(left.text(StateFixture.paths.state))
        try await everyFault(damage, duration, before: ["old": "kept"]) {
            let files = StateFixture.files()
            files.put(StateFixture.paths.state, state)
            files.put(StateFixture.paths.journal, text)
            return files
        }
    }

    /// Repeats the work with a fault at the first operation, at the second, until none is left to fail.
    private func everyFault(
        _ damage: FaultyFileStore.Damage, _ duration: FaultyFileStore.Duration, before: [String: String] = [:],
        _ make: () -> InMemoryFileStore
    ) async throws {
        var number = 1
        while true {
            let files = FaultyFileStore(over: make(), failing: number, damage, duration)
            var attempt = FaultyRun(files, before: before, "operation \(number)")
            try await attempt.work()
            guard files.operations >= number else { break }
            number += 1
        }
        #expect(number > 12)
    }
}

/// One run on a faulty disk, which could be killed after each of its steps.
private struct FaultyRun {
    private let files: FaultyFileStore
    private let comment: Comment
    /// What the run was told to be durable, by name: the user name, or nil for a removed address.
    private var acknowledged: [String: String?]

    init(_ files: FaultyFileStore, before: [String: String], _ comment: Comment) {
        self.files = files
        self.comment = comment
        acknowledged = before.mapValues { $0 }
    }

    mutating func work() async throws {
        let run = try? StateFixture.store(files).begin(StateFixture.writer("r")) { StateDocument(lineage: "l") }
        try await checkNextRun()
        guard let run else { return }
        await run.use(vault: "v")
        for round in 1...2 {
            try await commit("a", "a\(round)", run)
            try await commit("b", round == 1 ? "b" : nil, run)
            try await checkNextRun()
            try? await run.finish()
            try check()
        }
        // A run that could not finish may not take more, or must keep it.
        try await commit("late", "late", run)
        try? await run.finish()
        try await checkNextRun()
    }

    private mutating func commit(_ name: String, _ value: String?, _ run: StateRun) async throws {
        do {
            try await run.commit(StateFixture.address(name), value.map { StateFixture.record($0) })
            acknowledged[name] = .some(value)
        } catch {
            // It may or may not have reached the disk.
            acknowledged[name] = nil
        }
        try check()
    }

    /// What a kill or a power cut now would leave can be read.
    private func check() throws {
        try expectAll(StateFixture.store(files.memory).read().document)
        for cut in [PowerCut.losesAll, .keepsNames, .mixes(UInt64(files.operations))] {
            try expectAll(StateFixture.store(files.afterPowerCut(cut)).read().document)
        }
    }

    /// And the next run can build upon it.
    private func checkNextRun() async throws {
        try check()
        let left = files.afterPowerCut()
        try left.createDirectory(StateFixture.paths.directory)
        let store = StateFixture.store(left)
        let run = try store.begin(StateFixture.writer("next")) { StateDocument(lineage: "l") }
        try await run.commit(StateFixture.address("next"), StateFixture.record("next"))
        try await run.finish()
        let document = try store.read().document
        try expectAll(document)
        #expect(try document?.committed(StateFixture.address("next")) != nil, comment)
    }

    private func expectAll(_ document: StateDocument?) throws {
        for (name, value) in acknowledged {
            let found = try document?.committed(StateFixture.address(name))?.declared["userName"]
            #expect(found == value.map { FieldValue.text($0) }, comment)
        }
    }
}

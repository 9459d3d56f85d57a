import KeelBase
import KeelState
import KeelTestSupport
import Testing

/// Whenever the power is cut, and whatever a disk makes of what was not synchronized: the state loads, holds every commit
/// that returned and nothing that was never asked for, and the next run goes on from there.
struct PowerCutTests {
    @Test func `the first runs`() async throws {
        let work = CutWork(files: StateFixture.files())
        try await work.firstRun()
        try await work.secondRun()
        try work.checkEveryCut()
    }

    @Test func `a run after a killed one`() async throws {
        let work = CutWork(files: StateFixture.files())
        try await work.firstRun()
        let killed = try work.begin("killed")
        try await work.commit(["a": "killed", "k": "killed"], killed)
        // It is gone without a word; what it wrote is there.
        try await work.secondRun()
        try work.checkEveryCut()
    }

    @Test func `a run whose journal is folded in again and again while it goes on`() async throws {
        let work = CutWork(files: StateFixture.files(), journalLimit: 0)
        try await work.firstRun()
        let run = try work.begin("long")
        for round in 0..<20 { try await work.commit(["a": "long \(round)", "n\(round % 5)": "\(round)"], run) }
        try await run.finish()
        #expect(work.states > 4)
        let serials = try work.store.history().map(\.serial)
        #expect(serials.count == 2 && serials[0] == work.states)
        try work.checkEveryCut(mixtures: 2)
    }

    @Test func `a push, and a push over damage`() async throws {
        let work = CutWork(files: StateFixture.files())
        try await work.firstRun()
        try work.push(["a": "pushed", "p": "pushed"])
        work.damage()
        try work.push(["a": "restored"])
        try await work.secondRun()
        try work.checkEveryCut()
    }

    @Test func `more runs than are kept`() async throws {
        let work = CutWork(files: StateFixture.files())
        for number in 0..<23 {
            let run = try work.begin("run \(number)")
            try await work.commit(["a": "\(number)"], run)
            try await run.finish()
        }
        #expect(try work.store.history().count == 21)
        try work.checkEveryCut(mixtures: 1)
    }
}

/// Work on a disk that is remembered step by step, with what was asked for and what was acknowledged when.
private final class CutWork {
    /// One change of the whole: the names that it sets (nil removes), between these steps of the disk.
    private struct Change {
        var values: [String: String?]
        var begun: Int
        var acknowledged: Int?
    }

    let store: StateStore
    private let disk: FaultyFileStore
    private var changes: [Change] = []
    /// The step from which on the state is damaged, to that where it no longer is.
    private var damaged: Range<Int> = 0..<0

    init(files: InMemoryFileStore, journalLimit: Int = 4 << 20) {
        disk = FaultyFileStore(over: files, failing: 0, .none, .once)
        store = StateStore(StateFixture.paths, files: disk, journalLimit: journalLimit)
    }

    private var steps: Int { disk.trace.count }

    /// How many states there were, from the serial of the last.
    var states: Int { (try? store.read().document?.serial) ?? 0 }

    // MARK: Work

    func begin(_ run: String) throws -> StateRun {
        try store.begin(StateFixture.writer(run)) { StateDocument(lineage: "l") }
    }

    func commit(_ values: [String: String?], _ run: StateRun) async throws {
        let entries = values.map { name, value in
            Journal.Entry(StateFixture.address(name), value.map { StateFixture.record($0) })
        }
        try await change(values) { try await run.commit(entries) }
    }

    func firstRun() async throws {
        let run = try begin("first")
        await run.use(vault: "v")
        try await commit(["a": "1", "b": "1", "c": "1"], run)
        try await commit(["b": nil], run)
        try await run.finish()
    }

    func secondRun() async throws {
        let run = try begin("second")
        try await commit(["a": "2", "d": "2"], run)
        let entry = Journal.Entry(StateFixture.address("e"), nil, from: StateFixture.address("d"))
        try await change(["d": nil, "e": "2"]) { try await run.commit([entry]) }
        try await run.finish()
        try await commit(["f": "3"], run)
        try await run.finish()
    }

    /// Replaces everything.
    func push(_ values: [String: String]) throws {
        var document = StateDocument(lineage: "l")
        for (name, value) in values { document.set(StateFixture.address(name), StateFixture.record(value)) }
        var all: [String: String?] = values
        for name in changes.flatMap(\.values.keys) where values[name] == nil { all[name] = .some(nil) }
        changes.append(Change(values: all, begun: steps))
        let outcome = try store.push(
            document.bytes(), force: true,
            written: Written(run: "push", operation: "state push", who: "me", at: StateFixture.time))
        #expect(outcome != .unchanged(serial: states))
        changes[changes.count - 1].acknowledged = steps
        if damaged.upperBound == .max { damaged = damaged.lowerBound..<steps }
    }

    private static let damagedState = Array("{".utf8)

    /// Something breaks the state file.
    func damage() {
        try? disk.replace(StateFixture.paths.state, with: Self.damagedState)
        damaged = steps - 5..<Int.max
    }

    private func change(_ values: [String: String?], _ work: () async throws -> Void) async throws {
        changes.append(Change(values: values, begun: steps))
        try await work()
        changes[changes.count - 1].acknowledged = steps
    }

    // MARK: Checks

    func checkEveryCut(mixtures: UInt64 = 4) throws {
        let trace = disk.trace
        var seen: Set<[String: [UInt8]]> = []
        for step in 0...trace.count where !damaged.contains(step) {
            for cut in PowerCut.kinds(mixtures: mixtures) {
                let left = trace.disk(after: step, cut.at(step))
                let content = left.paths.reduce(into: [:]) { $0[$1] = left.bytes($1) }
                // What is right depends on the step too, but only through what is acknowledged.
                guard seen.insert(content.merging(["": Array("\(acknowledged(step))".utf8)]) { $1 }).inserted else {
                    continue
                }
                try check(left, step, "cut after step \(step), \(cut)")
            }
        }
        #expect(seen.count > trace.count / 2)
    }

    private func acknowledged(_ step: Int) -> Int { changes.count { ($0.acknowledged ?? .max) <= step } }

    private func check(_ left: InMemoryFileStore, _ step: Int, _ comment: Comment) throws {
        let store = StateStore(StateFixture.paths, files: left)
        let values = try Self.values(store.read().document)
        var expected: [String: String] = [:]
        var isAllowed = false
        for (number, change) in changes.enumerated() {
            if number >= acknowledged(step) {
                isAllowed = isAllowed || values == expected
                guard change.begun <= step else { break }
            }
            for (name, value) in change.values { expected[name] = value }
        }
        #expect(isAllowed || values == expected, comment)
        for entry in try store.history() where left.bytes(entry.path) != Self.damagedState {
            #expect(entry.damage == nil, comment)
        }
        try checkNextRun(store, left, comment)
    }

    /// The next run takes up what is there, and nothing is left over after it.
    private func checkNextRun(_ store: StateStore, _ left: InMemoryFileStore, _ comment: Comment) throws {
        try left.createDirectory(StateFixture.paths.directory)
        let before = try Self.values(store.read().document)
        _ = try store.begin(StateFixture.writer("next")) { StateDocument(lineage: "l") }
        let after = try store.read()
        #expect(after.leftover == nil && left.bytes(StateFixture.paths.journal) == nil, comment)
        #expect(try Self.values(after.document) == before, comment)
    }

    private static func values(_ document: StateDocument?) throws -> [String: String] {
        var values: [String: String] = [:]
        for address in document?.addresses ?? [] {
            guard case .text(let value) = try document?.committed(address)?.declared["userName"] else { continue }
            values[address.name] = value
        }
        return values
    }
}

extension PowerCut {
    /// The same kind, but another mixture at each step.
    fileprivate func at(_ step: Int) -> PowerCut {
        if case .mixes(let seed) = self { .mixes(seed << 32 | UInt64(step)) } else { self }
    }
}

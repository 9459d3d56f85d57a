import KeelBase
import KeelState
import KeelTestSupport
import Testing

struct PushTests {
    private static let written = Written(run: "p", operation: "state push", who: "me@desk", at: StateFixture.time)

    private static func push(
        _ document: StateDocument, force: Bool = false, _ files: InMemoryFileStore
    ) throws(StateFailure) -> PushOutcome {
        try StateFixture.store(files).push(document.bytes(), force: force, written: written)
    }

    private static func changed(serial: Int = 7, lineage: String = "l-1") -> StateDocument {
        var document = StateDocument(serial: serial, lineage: lineage, vault: "v-1")
        document.set(StateFixture.address("pushed"), StateFixture.staged)
        return document
    }

    @Test(arguments: [(7, 8), (12, 13)])
    func `a push replaces the state, under a serial above both`(serial: Int, result: Int) throws {
        let files = StateFixture.files(holding: StateFixture.document)
        #expect(try Self.push(Self.changed(serial: serial), files) == .replaced(serial: result))
        let document = try #require(try StateFixture.store(files).read().document)
        #expect(document.serial == result && document.written == Self.written)
        #expect(document.addresses == [StateFixture.address("pushed")])
        #expect(try document.record(StateFixture.address("pushed")) == StateFixture.staged)
        #expect(files.bytes(StateFixture.paths.backup(serial: 7)) == StateFixture.document.bytes())
    }

    @Test func `without a state a push makes it`() throws {
        let files = StateFixture.files()
        #expect(try Self.push(Self.changed(serial: 3), files) == .replaced(serial: 4))
        #expect(files.paths == [StateFixture.paths.state])
    }

    @Test func `equal content is not written again, whatever its serial`() throws {
        let files = StateFixture.files(holding: StateFixture.document)
        var same = StateFixture.document
        same.serial = 3
        same.written = Self.written
        #expect(try Self.push(same, files) == .unchanged(serial: 7))
        #expect(files.bytes(StateFixture.paths.state) == StateFixture.document.bytes())
        #expect(files.paths == [StateFixture.paths.state])
    }

    @Test func `another state or an older one is refused, and force overrides it`() throws {
        for (document, code) in [
            (Self.changed(lineage: "l-2"), StateFailure.Code.otherLineage), (Self.changed(serial: 6), .olderSerial),
        ] {
            let files = StateFixture.files(holding: StateFixture.document)
            let failure = try #require(throws: StateFailure.self) { try Self.push(document, files) }
            #expect(failure.code == code && failure.remedy.contains("--force"))
            #expect(files.paths == [StateFixture.paths.state])
            #expect(try Self.push(document, force: true, files) == .replaced(serial: 8))
            #expect(try StateFixture.store(files).read().document?.lineage == document.lineage)
            #expect(files.bytes(StateFixture.paths.backup(serial: 7)) == StateFixture.document.bytes())
        }
    }

    @Test func `what is no state is refused with its line, and nothing is changed`() throws {
        let good = String(decoding: Self.changed().bytes(), as: UTF8.self)
        let files = StateFixture.files(holding: StateFixture.document)
        for bad in [
            "", "[]", good.replacing("\"port\": 993", with: "\"port\": null"), good.replacing("993", with: "993,"),
        ] {
            for force in [false, true] {
                let failure = try #require(throws: StateFailure.self) {
                    try StateFixture.store(files).push(Array(bad.utf8), force: force, written: Self.written)
                }
                #expect(failure.code == .corrupt && failure.path == "the pushed state")
                #expect(failure.reason.hasPrefix("line ") && failure.remedy.contains("nothing was changed"))
            }
        }
        #expect(files.bytes(StateFixture.paths.state) == StateFixture.document.bytes())
        let newer = try #require(throws: StateFailure.self) {
            try StateFixture.store(files).push(
                Array(good.replacing("\"version\": 2", with: "\"version\": 3").utf8), force: true, written: Self.written
            )
        }
        #expect(newer.code == .newerFormat)
    }

    @Test func `an edit by hand is taken, and its digest is made anew`() throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let text = String(decoding: StateFixture.document.bytes(), as: UTF8.self)
        let edited = text.replacing("\"port\": 993", with: "\"port\": 143")
        #expect(
            try StateFixture.store(files).push(Array(edited.utf8), force: false, written: Self.written)
                == .replaced(serial: 8))
        let document = try #require(try StateFixture.store(files).read().document)
        let record = try #require(try document.committed(StateFixture.address("b")))
        #expect(record.declared["port"] == .integer(143) && record.effective["port"]?.value == .integer(143))
        #expect(document.head(StateFixture.address("b"))?.digest == record.digest)
        #expect(record.grant == "g-1")
    }

    @Test func `a pull can be pushed again, and a killed run is in it`() async throws {
        let (files, _) = try await StateFixture.journal(over: StateFixture.document, [("c", StateFixture.full)])
        let store = StateFixture.store(files)
        let before = files.paths
        let pulled = try #require(try store.pull())
        #expect(files.paths == before)
        let document = try StateDocument(parsing: pulled, path: "pulled")
        #expect(document.serial == 7)
        #expect(try document.record(StateFixture.address("c")) == StateFixture.full)
        let run = try store.begin(StateFixture.writer("next")) { StateFixture.document }
        try await run.finish()
        #expect(try store.push(pulled, force: false, written: Self.written) == .unchanged(serial: 8))
        #expect(try StateFixture.store(StateFixture.files()).pull() == nil)
    }

    @Test func `a push does not go over what a killed run has committed`() async throws {
        let (files, text) = try await StateFixture.journal(over: StateFixture.document, [("c", StateFixture.full)])
        let failure = try #require(throws: StateFailure.self) { try Self.push(Self.changed(), force: true, files) }
        #expect(failure.code == .unfinishedRun && failure.remedy.contains("mailkeel apply"))
        #expect(failure.reason.hasPrefix("the run killed did not finish, and its journal holds 1 result "))
        // Nor where the state is not the one of that journal, or is damaged; then apply cannot help.
        for state in [StateDocument(serial: 7, lineage: "l-2").bytes(), Array("{".utf8)] {
            files.put(StateFixture.paths.state, bytes: state)
            let other = try #require(throws: StateFailure.self) { try Self.push(Self.changed(), force: true, files) }
            #expect(other.code == .unfinishedRun && other.remedy.contains("move the journal away"))
        }
        #expect(files.text(StateFixture.paths.journal) == text)
    }

    @Test func `a journal that is done or never began is in nobody's way`() async throws {
        let (files, text) = try await StateFixture.journal(over: StateFixture.document, [("c", StateFixture.full)])
        var folded = StateFixture.document
        folded.serial = 8
        files.put(StateFixture.paths.state, bytes: folded.bytes())
        for journal in [text, "0123"] {
            files.put(StateFixture.paths.journal, journal)
            _ = try Self.push(Self.changed(serial: 20), force: true, files)
            #expect(files.text(StateFixture.paths.journal) == nil)
            _ = try Self.push(folded, force: true, files)
        }
    }

    @Test func `force restores a backup over a damaged state`() async throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let run = try StateFixture.store(files).begin(StateFixture.writer("r")) { StateFixture.document }
        try await run.commit(StateFixture.address("z"), StateFixture.full)
        try await run.finish()
        let damaged = String(decoding: try #require(files.bytes(StateFixture.paths.state)), as: UTF8.self)
            .replacing("\"declared\": {", with: "\"declared\": [", maxReplacements: 1)
        files.put(StateFixture.paths.state, damaged)
        let backup = try #require(files.bytes(StateFixture.paths.backup(serial: 7)))
        let store = StateFixture.store(files)
        #expect(throws: StateFailure.self) { try store.push(backup, force: false, written: Self.written) }
        #expect(try store.push(backup, force: true, written: Self.written) == .replaced(serial: 9))
        #expect(try store.read().document?.addresses == StateFixture.document.addresses)
        // The damaged one is not thrown away: somebody may want to look at it.
        #expect(files.text(StateFixture.paths.backup(serial: 8)) == damaged)
    }
}

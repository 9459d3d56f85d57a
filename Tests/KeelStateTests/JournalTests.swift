import KeelBase
import KeelState
import KeelTestSupport
import Testing

struct JournalTests {
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: true).map { $0 + "\n" }
    }

    @Test func `a journal that a killed run left is replayed without writing anything`() async throws {
        let (files, _) = try await StateFixture.journal(
            over: StateFixture.document, vault: "v-2",
            [
                ("c", StateFixture.full), ("a", StateFixture.record("new")), ("b", nil),
                ("a", StateFixture.record("newer")),
            ])
        let before = files.paths.map { files.text($0) }
        let snapshot = try StateFixture.store(files).read()
        let document = try #require(snapshot.document)
        #expect(document.vault == "v-2" && document.serial == 7)
        #expect(try document.committed(StateFixture.address("a"))?.declared["userName"] == .text("newer"))
        #expect(document.head(StateFixture.address("b")) == nil)
        #expect(try document.record(StateFixture.address("c")) == StateFixture.full)
        #expect(document.head(ResourceAddress(.oauthProfile, "p")) != nil)
        #expect(snapshot.leftover?.header.run == "killed" && snapshot.leftover?.entries.count == 4)
        #expect(snapshot.leftover?.endsTorn == false)
        #expect(files.paths.map { files.text($0) } == before)
    }

    @Test func `a last line that was cut anywhere is ignored`() async throws {
        let (files, text) = try await StateFixture.journal(
            over: StateFixture.document, [("a", StateFixture.record("one")), ("a", StateFixture.record("two"))])
        let last = try #require(Self.lines(text).last)
        for cut in 1..<last.utf8.count {
            files.put(StateFixture.paths.journal, String(text.dropLast(cut)))
            let snapshot = try StateFixture.store(files).read()
            let name = try snapshot.document?.committed(StateFixture.address("a"))?.declared["userName"]
            #expect(name == .text("one"))
            #expect(snapshot.leftover?.endsTorn == true)
        }
    }

    @Test func `a last line with unwritten blocks is ignored`() async throws {
        let (files, text) = try await StateFixture.journal(
            over: StateFixture.document, [("a", StateFixture.record("one")), ("a", StateFixture.record("two"))])
        let zeros = String(repeating: "\u{0}", count: 10)
        files.put(StateFixture.paths.journal, text.dropLast(11) + zeros + "\n")
        let snapshot = try StateFixture.store(files).read()
        #expect(try snapshot.document?.committed(StateFixture.address("a"))?.declared["userName"] == .text("one"))
        #expect(snapshot.leftover?.endsTorn == true)
    }

    @Test(arguments: ["", "0123", "0123456789abcdef {}", "\u{0}\u{0}\u{0}"])
    func `a journal without its first line is nothing`(text: String) throws {
        let files = StateFixture.files(holding: StateFixture.document)
        files.put(StateFixture.paths.journal, text)
        let snapshot = try StateFixture.store(files).read()
        #expect(snapshot.document == StateFixture.document && snapshot.leftover == nil)
    }

    @Test func `a damaged line before the last is refused, not skipped`() async throws {
        let (files, text) = try await StateFixture.journal(
            over: StateFixture.document, [("a", StateFixture.record("one")), ("b", nil), ("c", StateFixture.full)])
        for (number, line) in Self.lines(text).dropLast().enumerated() {
            let damaged = line.replacing("\"", with: "'", maxReplacements: 1)
            files.put(StateFixture.paths.journal, text.replacing(line, with: damaged))
            let failure = try #require(throws: StateFailure.self) { try StateFixture.store(files).read() }
            #expect(failure.code == .corrupt && failure.path == StateFixture.paths.journal)
            #expect(failure.reason == "line \(number + 1) of the journal is damaged")
        }
    }

    @Test func `lines that were lost or changed places are noticed where the check can see it`() async throws {
        let (files, text) = try await StateFixture.journal(
            over: StateFixture.document, [("a", StateFixture.record("one")), ("b", nil)])
        let lines = Self.lines(text)
        // Without its header it does not begin like a journal; two headers are no journal either.
        for wrong in [lines[1] + lines[2], lines[0] + lines[0] + lines[1], lines[1] + lines[0]] {
            files.put(StateFixture.paths.journal, wrong)
            let failure = try #require(throws: StateFailure.self) { try StateFixture.store(files).read() }
            #expect(failure.code == .corrupt)
        }
    }

    @Test func `a journal of another lineage is refused`() async throws {
        let (files, _) = try await StateFixture.journal(over: StateFixture.document, [("a", nil)])
        files.put(StateFixture.paths.state, bytes: StateDocument(serial: 7, lineage: "other").bytes())
        let failure = try #require(throws: StateFailure.self) { try StateFixture.store(files).read() }
        #expect(failure.code == .foreignJournal && failure.reason.contains("l-1"))
    }

    @Test func `a journal of a later state than the one beside it is refused`() async throws {
        let (files, _) = try await StateFixture.journal(over: StateFixture.document, [("a", nil)])
        var restored = StateFixture.document
        restored.serial = 6
        files.put(StateFixture.paths.state, bytes: restored.bytes())
        let failure = try #require(throws: StateFailure.self) { try StateFixture.store(files).read() }
        #expect(failure.code == .foreignJournal)
        #expect(failure.reason == "it continues serial 7, but the state beside it has serial 6")
    }

    @Test func `a journal without its state is refused`() async throws {
        let (files, _) = try await StateFixture.journal(over: StateFixture.document, [("a", nil)])
        try files.remove(StateFixture.paths.state)
        #expect(throws: StateFailure.self) { try StateFixture.store(files).read() }
    }

    @Test func `a journal that was folded in already is ignored`() async throws {
        let (files, _) = try await StateFixture.journal(over: StateFixture.document, [("a", nil)])
        var folded = StateFixture.document
        folded.serial = 8
        files.put(StateFixture.paths.state, bytes: folded.bytes())
        let snapshot = try StateFixture.store(files).read()
        #expect(snapshot.document == folded && snapshot.leftover == nil)
    }

    @Test func `a removal of an address is remembered`() async throws {
        let (files, text) = try await StateFixture.journal(over: StateFixture.document, [("a", nil)])
        #expect(Self.lines(text).last?.contains(#"{"entries":[{"address":"EmailAccount/a","record":null}]}"#) == true)
        #expect(try StateFixture.store(files).read().document?.head(StateFixture.address("a")) == nil)
    }

    /// A run over the fixture's document that commits one batch and is killed.
    private static func batch(_ entries: [Journal.Entry]) async throws -> InMemoryFileStore {
        let files = StateFixture.files(holding: StateFixture.document)
        let run = try StateFixture.store(files).begin(StateFixture.writer("killed")) { StateFixture.document }
        try await run.commit(entries)
        return files
    }

    @Test func `what is committed together is one line, and there as a whole or not at all`() async throws {
        let files = try await Self.batch([
            Journal.Entry(StateFixture.address("a"), StateFixture.staged),
            Journal.Entry(StateFixture.address("b"), nil),
            Journal.Entry(StateFixture.address("c"), StateFixture.full),
        ])
        let text = try #require(files.text(StateFixture.paths.journal))
        let lines = Self.lines(text)
        #expect(lines.count == 2)
        let whole = try #require(try StateFixture.store(files).read().document)
        #expect(try whole.record(StateFixture.address("a")) == StateFixture.staged)
        #expect(whole.head(StateFixture.address("b")) == nil)
        #expect(try whole.record(StateFixture.address("c")) == StateFixture.full)
        for cut in stride(from: 1, to: lines[1].utf8.count, by: 37) {
            files.put(StateFixture.paths.journal, String(text.dropLast(cut)))
            let snapshot = try StateFixture.store(files).read()
            #expect(snapshot.document == StateFixture.document && snapshot.leftover?.endsTorn == true)
        }
    }

    @Test func `a move takes the record along, as it was or as another`() async throws {
        let (from, to) = (StateFixture.address("b"), StateFixture.address("moved"))
        for (record, expected) in [(nil, StateFixture.full), (StateFixture.staged, StateFixture.staged)] {
            let files = try await Self.batch([Journal.Entry(to, record, from: from)])
            let document = try #require(try StateFixture.store(files).read().document)
            #expect(document.head(from) == nil && document.count == StateFixture.document.count)
            #expect(try document.record(to) == expected)
        }
    }

    @Test func `moves of one line follow each other`() async throws {
        let (a, b, free) = (StateFixture.address("a"), StateFixture.address("b"), StateFixture.address("free"))
        let files = try await Self.batch([
            Journal.Entry(free, nil, from: a), Journal.Entry(a, nil, from: b), Journal.Entry(b, nil, from: free),
            Journal.Entry(free, nil, from: StateFixture.address("absent")),
        ])
        let document = try #require(try StateFixture.store(files).read().document)
        #expect(try document.record(a) == StateFixture.full && document.record(b) == StateFixture.record("u"))
        #expect(document.head(free) == nil)
    }

    @Test func `the first line says which run writes`() async throws {
        let files = try await Self.batch([Journal.Entry(StateFixture.address("a"), nil)])
        let header = try #require(try StateFixture.store(files).read().leftover?.header)
        #expect(header.run == "killed" && header.operation == "apply" && header.who == "ci@runner")
        #expect(header.lineage == "l-1" && header.serial == 7 && header.vault == "v-1")
    }

    @Test func `a newer journal is refused and says so`() throws {
        let files = StateFixture.files(holding: StateFixture.document)
        let body = Array(#"{"journal":3,"lineage":"l-1"}"#.utf8)
        let check = ContentDigest.hexadecimal(of: body).prefix(16)
        files.put(StateFixture.paths.journal, "\(check) \(String(decoding: body, as: UTF8.self))\n")
        let failure = try #require(throws: StateFailure.self) { try StateFixture.store(files).read() }
        #expect(failure.code == .newerFormat && failure.path == StateFixture.paths.journal)
        #expect(failure.reason == "it has format 3, and this version of Mailkeel knows 2")
    }

    @Test func `a damaged journal says that the state beside it is whole`() async throws {
        let (files, text) = try await StateFixture.journal(
            over: StateFixture.document, [("a", StateFixture.record("one")), ("b", nil)])
        files.put(StateFixture.paths.journal, text.replacing("one", with: "two"))
        let failure = try #require(throws: StateFailure.self) { try StateFixture.store(files).read() }
        #expect(failure.code == .corrupt && failure.remedy.contains("move the journal away"))
    }
}

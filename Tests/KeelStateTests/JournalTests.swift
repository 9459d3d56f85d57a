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
}

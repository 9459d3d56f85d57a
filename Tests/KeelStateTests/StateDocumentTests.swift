import KeelBase
import KeelState
import KeelTestSupport
import Testing

struct StateDocumentTests {
    private static func parse(_ text: String) throws(StateFailure) -> StateDocument {
        try StateDocument(parsing: Array(text.utf8), path: "state.json")
    }

    private static func text(_ document: StateDocument) -> String { String(decoding: document.bytes(), as: UTF8.self) }

    /// Everything that a document holds, decoded.
    private static func records(_ document: StateDocument) throws -> [ResourceAddress: ResourceRecord] {
        var records: [ResourceAddress: ResourceRecord] = [:]
        for address in document.addresses { records[address] = try document.record(address) }
        return records
    }

    private static let everything = StateDocument(
        serial: 7, lineage: "l-1", vault: "v-1",
        resources: [
            StateFixture.address("full"): StateFixture.full, StateFixture.address("staged"): StateFixture.staged,
            StateFixture.address("odd \"name\" \u{E9}\u{1F600}\n"): StateFixture.record("\u{7F}\t\\"),
            StateFixture.address("nothing"): ResourceRecord(),
            .authorization(profile: "p", subject: "(app)"): StateFixture.record("x", grant: "g-2"),
        ],
        written: Written(run: "r", operation: "apply", who: "ci@runner", at: StateFixture.time))

    @Test func `a document comes back as what it was`() throws {
        for document in [StateFixture.document, Self.everything, StateDocument(lineage: "l")] {
            let read = try StateDocument(parsing: document.bytes(), path: "state.json")
            #expect(read == document)
            #expect(read.written == document.written && read.addresses == document.addresses)
            #expect(try Self.records(read) == Self.records(document))
            #expect(read.bytes() == document.bytes())
            for address in document.addresses {
                #expect(try read.head(address) == document.record(address)?.head)
                #expect(try read.committed(address) == document.record(address)?.committed)
            }
        }
        #expect(StateDocument(lineage: "l").isEmpty && Self.everything.count == 5)
    }

    @Test func `whatever lays it out in another way, it holds the same and is written as before`() throws {
        let bytes = Self.everything.bytes()
        let json = try JSON(parsing: bytes)
        #expect(json.bytes(.pretty) == bytes)
        let tabs = String(decoding: bytes, as: UTF8.self).replacing("\n  ", with: "\r\n \t")
        for text in [json.text(), Self.sortedNames(json).text(.pretty), Self.sortedNames(json).text(), tabs] {
            let document = try Self.parse(text)
            #expect(document == Self.everything)
            #expect(document.bytes() == bytes)
        }
    }

    /// As tools like `jq -S` leave it.
    private static func sortedNames(_ json: JSON) -> JSON {
        switch json {
        case .object(let members): .sorted(members.map { (key: $0.name, value: sortedNames($0.value)) })
        case .array(let elements): .array(elements.map { sortedNames($0) })
        default: json
        }
    }

    @Test func `the same state is the same bytes, in whatever order it was made`() throws {
        let document = Self.everything
        let addresses = document.addresses
        for seed in 0..<20 {
            var other = StateDocument(
                serial: document.serial, lineage: document.lineage, vault: document.vault, written: document.written)
            for offset in addresses.indices {
                let address = addresses[(offset * 3 + seed) % addresses.count]
                other.set(address, StateFixture.record("first"))
                other.set(address, nil)
                other.set(address, try document.record(address))
            }
            #expect(other.bytes() == document.bytes())
        }
    }

    @Test func `addresses stand in order after any change`() throws {
        var document = try Self.parse(Self.text(StateFixture.document))
        for name in ["z", "A", "b", "c", "a", "m"] {
            document.set(StateFixture.address(name), StateFixture.record(name))
        }
        for name in ["c", "a"] { document.set(StateFixture.address(name), nil) }
        document.set(StateFixture.address("c"), StateFixture.record("again"))
        document.move(StateFixture.address("b"), to: StateFixture.address("0"))
        let names = ["p", "p:(app)", "0", "A", "c", "m", "z"]
        #expect(document.addresses.map(\.name) == names && document.count == names.count)
        #expect(try Self.parse(Self.text(document)).addresses.map(\.name) == names)
    }

    @Test func `a record that moves keeps everything`() throws {
        var document = try Self.parse(Self.text(Self.everything))
        let (from, to) = (StateFixture.address("staged"), StateFixture.address("moved"))
        document.move(from, to: to)
        #expect(document.head(from) == nil && document.head(to) == StateFixture.staged.head)
        #expect(try document.record(to) == StateFixture.staged)
        let renamed = Self.text(Self.everything).replacing("EmailAccount/staged", with: "EmailAccount/moved")
        #expect(try document.bytes() == Self.parse(renamed).bytes())
        document.move(StateFixture.address("absent"), to: to)
        document.move(to, to: to)
        #expect(try document.record(to) == StateFixture.staged)
    }

    @Test func `what remote stores need stands in clear at the top`() throws {
        let json = try JSON(parsing: Self.everything.bytes())
        #expect(json.members?.map(\.name) == ["version", "serial", "lineage", "vault", "written", "payload"])
        #expect(json["version"] == 2 && json["serial"] == 7 && json["lineage"] == "l-1" && json["vault"] == "v-1")
        #expect(
            json["written"]?.text() == #"{"run":"r","operation":"apply","who":"ci@runner","at":"2027-01-15T08:00:00Z"}"#
        )
        #expect(json["payload"]?.members?.map(\.name) == ["plain"])
    }

    @Test func `what planning looks at stands first in each record`() throws {
        let record = try #require(
            JSON(parsing: Self.everything.bytes())["payload"]?["plain"]?["resources"]?["EmailAccount/staged"])
        #expect(
            record.members?.map(\.name)
                == ["digest", "grant", "proven", "failed", "staged", "committed", "failure", "staging"])
        #expect(record["digest"]?.string == StateFixture.staged.committed?.digest)
        #expect(record["committed"]?["grant"] == nil && record["committed"]?["proof"]?["grant"] == nil)
    }

    @Test func `an effective value is written only where the declared one does not say it`() throws {
        let text = Self.text(StateFixture.document)
        #expect(text.contains(#""effective": {"#))
        let effective = try JSON(parsing: Array(text.utf8))["payload"]?["plain"]?["resources"]?["EmailAccount/b"]?[
            "committed"]?["effective"]
        #expect(effective?.text() == #"{"default":{"debug":false},"preset microsoft365@1":{"server":"h"}}"#)
    }

    @Test func `declared and effective values that differ in every way come back`() throws {
        let committed = CommittedRecord(
            declared: [
                "same": .text("x"), "normalised": .text("HOST"), "idle": .integer(1), "overruled": .boolean(true),
                "same as a preset": .set(of: ["b", "a"]),
                "secret": .secret(SecretSource(.command(["a", "b"]), version: "2")),
                "map": .map(["secret": "x", "fromEnv": "y"]),
            ],
            effective: [
                "same": EffectiveValue(.text("x"), .manifest), "normalised": EffectiveValue(.text("host"), .manifest),
                "overruled": EffectiveValue(.boolean(false), .preset(name: "p q@r", version: 3)),
                "same as a preset": EffectiveValue(.set(of: ["a", "b"]), .preset(name: "p", version: 1)),
                "secret": EffectiveValue(.secret(SecretSource(.command(["a", "b"]), version: "2")), .manifest),
                "map": EffectiveValue(.map(["secret": "x", "fromEnv": "y"]), .manifest),
                "only effective": EffectiveValue(.integer(-5), .manifest),
                "default": EffectiveValue(.map([:]), .schemaDefault),
            ], grant: nil,
            proof: ProofRecord(at: StateFixture.time, run: "r", grant: "other", settings: "s", mechanism: "PLAIN"),
            committedAt: StateFixture.time, run: "r")
        var withGrant = committed
        withGrant.grant = "g"
        withGrant.proof?.grant = nil
        let document = StateDocument(
            lineage: "l",
            resources: [
                StateFixture.address("a"): ResourceRecord(committed: committed),
                StateFixture.address("b"): ResourceRecord(committed: withGrant),
            ])
        let read = try StateDocument(parsing: document.bytes(), path: "state.json")
        #expect(try read.committed(StateFixture.address("a")) == committed)
        #expect(try read.committed(StateFixture.address("b")) == withGrant)
    }

    @Test func `documents are equal when they hold the same`() throws {
        let one = try Self.parse(Self.text(Self.everything))
        var other = one
        #expect(one == other)
        other.set(StateFixture.address("full"), StateFixture.full)
        #expect(one == other)
        other.set(StateFixture.address("full"), StateFixture.staged)
        #expect(one != other)
        other = one
        other.serial += 1
        #expect(one != other)
        other = one
        other.set(StateFixture.address("nothing"), nil)
        #expect(one != other)
    }
}

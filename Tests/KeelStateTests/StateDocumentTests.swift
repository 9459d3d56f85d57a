import KeelBase
import KeelState
import Testing

struct StateDocumentTests {
    private static func parse(_ text: String) throws(StateFailure) -> StateDocument {
        try StateDocument(parsing: Array(text.utf8), path: "state.json")
    }

    @Test func `a document comes back as what it was`() throws {
        let document = StateFixture.document
        #expect(try Self.parse(document.json.text(.pretty)) == document)
        #expect(try Self.parse(document.json.text()) == document)
        let empty = StateDocument(lineage: "l")
        #expect(try Self.parse(empty.json.text(.pretty)) == empty)
    }

    @Test func `the same state is the same bytes, in whatever order it was made`() {
        let document = StateFixture.document
        for seed in 0..<20 {
            var other = StateDocument(serial: document.serial, lineage: document.lineage, vault: document.vault)
            let addresses = document.resources.keys.sorted()
            for offset in addresses.indices {
                let address = addresses[(offset * 3 + seed) % addresses.count]
                other.resources[address] = document.resources[address]
            }
            #expect(other.json.bytes(.pretty) == document.json.bytes(.pretty))
        }
    }

    @Test func `what remote stores need stands in clear at the top`() throws {
        let json = try JSON(parsing: StateFixture.document.json.bytes(.pretty))
        #expect(json.members?.map(\.name) == ["version", "serial", "lineage", "vault", "payload"])
        #expect(json["version"] == 1 && json["serial"] == 7 && json["lineage"] == "l-1" && json["vault"] == "v-1")
        #expect(json["payload"]?.members?.map(\.name) == ["plain"])
        let resources = json["payload"]?["plain"]?["resources"]?.members?.map(\.name)
        #expect(resources == ["OAuthProfile/p", "Authorization/p:(app)", "EmailAccount/a", "EmailAccount/b"])
    }

    @Test func `a digest stands first in each record, and is that of its values`() throws {
        let json = try JSON(parsing: StateFixture.full.json.bytes())
        let committed = try #require(StateFixture.full.committed)
        #expect(json.members?.first == .init("digest", .string(committed.digest)))
        #expect(
            committed.digest == CommittedRecord.digest(declared: committed.declared, effective: committed.effective))
        #expect(committed.digest.utf8.count == 64)
    }

    @Test func `a digest changes with what is declared, what holds and why, and with nothing else`() throws {
        let record = try #require(StateFixture.full.committed)
        var other = record
        other.grant = nil
        other.proof = nil
        other.run = "x"
        other.fingerprints = [:]
        #expect(other.digest == record.digest)
        other.declared["port"] = .text("993")
        #expect(other.digest != record.digest)
        other = record
        other.effective["port"]?.origin = .schemaDefault
        #expect(other.digest != record.digest)
    }

    @Test(arguments: [
        ("", "it is not JSON"), ("{", "it is not JSON"), ("[]", "it has no version"), ("{}", "it has no version"),
        ("{\"version\":\"1\"}", "it has no version"), ("{\"version\":1}", "serial is missing or malformed"),
        ("{\"version\":1,\"serial\":1}", "lineage is missing or malformed"),
        ("{\"version\":1,\"serial\":\"1\",\"lineage\":\"l\"}", "serial is missing or malformed"),
        ("{\"version\":1,\"serial\":1,\"lineage\":\"l\"}", "payload.plain is missing or malformed"),
        (
            "{\"version\":1,\"serial\":1,\"lineage\":\"l\",\"payload\":{\"plain\":{}}}",
            "resources is missing or malformed"
        ),
    ])
    func `what is no state says why`(text: String, reason: String) throws {
        let failure = try #require(throws: StateFailure.self) { try Self.parse(text) }
        #expect(failure.code == .corrupt)
        #expect(failure.description.hasPrefix("state.json: \(reason)"))
        #expect(failure.remedy.contains("state.json.backup"))
    }

    /// Each pair is a text of a good document and what damages it; the place is named.
    @Test(arguments: [
        (#""EmailAccount/a""#, #""Mailbox/a""#, "Mailbox/a"),
        (#""port":993"#, #""port":null"#, "EmailAccount/b: declared.port"),
        (
            #""port":{"value":993,"from":"manifest"}"#, #""port":{"value":993,"from":"nobody"}"#,
            "EmailAccount/b: effective.port"
        ),
        (#""port":{"value":993,"from":"manifest"}"#, #""port":{"from":"manifest"}"#, "EmailAccount/b: effective.port"),
        (#""hmac":"00ff""#, #""hmac":1"#, "EmailAccount/b: hmac"),
        (#""grant":"g-1","proof""#, #""grant":5,"proof""#, "EmailAccount/b: grant"),
        (#""proof":{"at":"#, #""proof":{"was":"#, "EmailAccount/b: at"),
        (#""mechanism":"XOAUTH2""#, #""mechanism":[]"#, "EmailAccount/b: mechanism"),
        (#""dependencies":["OAuthProfile/p""#, #""dependencies":["p""#, "EmailAccount/b: dependencies"),
        (#""sys_id":"1""#, #""sys_id":1"#, "EmailAccount/b: external.sys_id"),
        (
            #""committedAt":"2027-01-15T08:00:00Z","run":"run-1"},"failure""#,
            #""committedAt":"soon","run":"run-1"},"failure""#, "EmailAccount/b: committedAt"
        ),
        (#""code":"mail.authentication_failed""#, #""code":null"#, "EmailAccount/b: code"),
        (#""vault":"v-1""#, #""vault":1"#, "vault"),
    ])
    func `damage is named by its place`(good: String, bad: String, place: String) throws {
        let text = StateFixture.document.json.text()
        try #require(text.contains(good))
        let failure = try #require(throws: StateFailure.self) { try Self.parse(text.replacing(good, with: bad)) }
        #expect(failure.code == .corrupt)
        #expect(failure.description == "state.json: \(place) is missing or malformed")
    }

    @Test func `a newer format is refused and says so`() throws {
        let text = StateFixture.document.json.text().replacing("\"version\":1", with: "\"version\":2")
        let failure = try #require(throws: StateFailure.self) { try Self.parse(text) }
        #expect(failure.code == .newerFormat)
        #expect(failure.reason == "it has format 2, and this version of Mailkeel knows 1")
        #expect(failure.remedy.contains("newer version"))
    }

    @Test func `an address that stands twice is damage`() {
        let text = StateFixture.document.json.text().replacing("EmailAccount/a", with: "EmailAccount/b")
        #expect(throws: StateFailure.self) { try Self.parse(text) }
    }

    @Test func `what a damaged state says is cleaned before it is shown`() throws {
        let text = StateFixture.document.json.text().replacing("EmailAccount/a", with: "x\\u001b[2J\\u202e")
        let failure = try #require(throws: StateFailure.self) { try Self.parse(text) }
        #expect(failure.reason == "x\u{FFFD}[2J\u{FFFD} is missing or malformed")
    }
}

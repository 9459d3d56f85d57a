import KeelBase
import KeelState
import KeelTestSupport
import Testing

/// What is no state, or no longer the one that was written, is told with its place.
struct DamageTests {
    private static func failure(_ text: String) throws -> StateFailure {
        try #require(throws: StateFailure.self) {
            let document = try StateDocument(parsing: Array(text.utf8), path: "state.json")
            for address in document.addresses { _ = try document.record(address) }
        }
    }

    private static let document = StateDocument(
        serial: 7, lineage: "l-1", vault: "v-1",
        resources: [
            StateFixture.address("a"): StateFixture.record("u"), StateFixture.address("b"): StateFixture.staged,
        ])
    private static let text = String(decoding: document.bytes(), as: UTF8.self)

    @Test(arguments: [
        ("", "line 1: the state is missing or malformed"), ("{", "line 1: a name in quotes was expected"),
        ("[]", "line 1: the state is missing or malformed"), ("{}", "line 1: it has no version"),
        ("{\"version\":\"2\"}", "line 1: version is missing or malformed"),
        ("{\"version\":0}", "line 1: version is missing or malformed"),
        ("{\"version\":2}", "line 1: serial is missing or malformed"),
        ("{\"version\":2,\"serial\":1}", "line 1: lineage is missing or malformed"),
        ("{\"version\":2,\"serial\":1,\"lineage\":\"l\"}", "line 1: payload.plain is missing or malformed"),
        (
            "{\"version\":2,\n\"serial\":1,\n\"lineage\":\"l\",\n\"payload\":{\"plain\":{}}}",
            "line 4: payload.plain.resources is missing or malformed"
        ),
        ("{\"version\":1,\"serial\":1}", "line 1: payload.plain.resources is missing or malformed"),
    ])
    func `what is no state says why`(text: String, reason: String) throws {
        let failure = try Self.failure(text)
        #expect(failure.code == .corrupt && failure.reason == reason)
        #expect(failure.description == "state.json: \(reason)")
        #expect(failure.remedy.contains("mailkeel state push --force"))
    }

    /// Each is a text of a good document, what damages it, and the place that is named.
    @Test(arguments: [
        (#""EmailAccount/a""#, #""Mailbox/a""#, "an address: Mailbox/a is missing or malformed"),
        (#""EmailAccount/a""#, #""EmailAccount/b""#, "EmailAccount/b: it stands twice"),
        (#""port": 993"#, #""port": null"#, "EmailAccount/b: declared.port is missing or malformed"),
        (#""port": 993"#, #""port": 9.93"#, "EmailAccount/b: declared.port is missing or malformed"),
        (#""port": 993"#, #""port": {"secret": 1}"#, "EmailAccount/b: declared.port is missing or malformed"),
        (#""preset microsoft365@1""#, #""nobody""#, "EmailAccount/b: effective is missing or malformed"),
        (#""hmac": "00ff""#, #""hmac": 1"#, "EmailAccount/b: fingerprints.password.hmac is missing or malformed"),
        (#""hmac": "00fe""#, #""is": "1""#, "EmailAccount/b: failure.refused.password is missing or malformed"),
        (#""grant": "g-1""#, #""grant": 5"#, "EmailAccount/b: grant is missing or malformed"),
        (#""mechanism": "XOAUTH2""#, #""mechanism": []"#, "EmailAccount/b: proof.mechanism is missing or malformed"),
        (#""settings": "abc""#, #""was": "abc""#, "EmailAccount/b: proof is missing or malformed"),
        (#""OAuthProfile/p""#, #""p""#, "EmailAccount/b: dependencies is missing or malformed"),
        (#""sys_id": "1""#, #""sys_id": 1"#, "EmailAccount/b: external.sys_id is missing or malformed"),
        (
            #""code": "mail.authentication_failed""#, #""code": null"#,
            "EmailAccount/b: failure.code is missing or malformed"
        ),
        (#""keeper": "snow""#, #""keepers": "snow""#, "EmailAccount/b: staging is missing or malformed"),
        (#""id": "activate""#, #""it": "activate""#, "EmailAccount/b: staging.writes.id is missing or malformed"),
        (#""done": true"#, #""done": "yes""#, "EmailAccount/b: staging.writes.done is missing or malformed"),
        (#""vault": "v-1""#, #""vault": 1"#, "vault is missing or malformed"),
        (#""serial": 7"#, #""serial": 7.5"#, "serial is missing or malformed"),
        (#""failed": true,"#, #""failed": true"#, "EmailAccount/b: a comma or a closing bracket was expected"),
        // Bits that fell over where the text is still well formed.
        (
            #""dependencies": ["#, #""depdndencies": ["#,
            "EmailAccount/b: depdndencies is no member of what was committed"
        ),
        (
            #""port": 993"#, #""port": 992"#,
            "EmailAccount/b: its digest or another of its first members does not belong to the rest"
        ),
        (
            #""proven": true"#, #""proven": false"#,
            "EmailAccount/b: its digest or another of its first members does not belong to the rest"
        ),
    ])
    func `damage is named by its line and address`(good: String, bad: String, reason: String) throws {
        let damaged = Self.text.replacing(good, with: bad, maxReplacements: 1)
        try #require(damaged != Self.text)
        let failure = try Self.failure(damaged)
        #expect(failure.code == .corrupt)
        let parts = failure.reason.split(separator: ":", maxSplits: 1)
        #expect(parts.last?.dropFirst() == reason[...])
        // It is the line of the damage, or of what it is in.
        let line = try #require(parts.first.flatMap { Int($0.dropFirst("line ".count)) })
        let lines = damaged.split(separator: "\n")
        let at = 1 + (lines.lastIndex { $0.contains(bad) } ?? 0)
        #expect(line <= at + 1 && (line > 1 || at < 9), "\(failure.reason) for \(at)")
    }

    @Test func `a record that nobody asks for is not decoded`() throws {
        let damaged = Self.text.replacing(#""port": 993"#, with: #""port": null"#)
        let document = try StateDocument(parsing: Array(damaged.utf8), path: "state.json")
        #expect(try document.record(StateFixture.address("a")) == StateFixture.record("u"))
        #expect(document.head(StateFixture.address("b")) == StateFixture.staged.head)
        #expect(String(decoding: document.bytes(), as: UTF8.self) == damaged)
    }

    @Test func `a newer format is refused and says so`() throws {
        let failure = try Self.failure(Self.text.replacing("\"version\": 2", with: "\"version\": 3"))
        #expect(failure.code == .newerFormat)
        #expect(failure.reason == "it has format 3, and this version of Mailkeel knows 2")
        #expect(failure.remedy.contains("newer version"))
    }

    @Test func `what a damaged state says is cleaned before it is shown`() throws {
        let failure = try Self.failure(Self.text.replacing("EmailAccount/a", with: "x\\u001b[2J\\u202e"))
        #expect(failure.reason == "line 9: an address: x\u{FFFD}[2J\u{FFFD} is missing or malformed")
    }

    @Test func `a state that is cut off anywhere is refused`() {
        let bytes = Array(Self.document.bytes().dropLast())
        for end in bytes.indices {
            #expect(throws: StateFailure.self) { try StateDocument(parsing: Array(bytes[..<end]), path: "s") }
        }
    }

    /// The scanner and the reader of KeelBase were written apart: what one takes for JSON, the other must too.
    @Test func `what the scanner passes over is JSON`() {
        var chance = SeededGenerator(seed: 5)
        let letters = Array("{}[]:,\"\\u0dDfFnt e+-.19\u{0}\n\u{7F}".utf8) + [0x80, 0xC3, 0xA9, 0xED, 0xA0, 0xFF]
        let seeds = [
            #"{"a":[1,-2.5e+3,true,false,null,"\u00e9\ud83d\ude00\/\n"],"b":{},"c":[[],{"d":""}]}"#, #"[0,10,-0,1E9]"#,
            #""\"\\\b\f\r\t""#, #"{ "a" : [ ] , "b" : { } }"#,
        ]
        var taken = 0
        for round in 0..<6000 {
            var body = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<Int.random(in: 0...3, using: &chance) {
                let place = Int.random(in: body.indices, using: &chance)
                let letter = letters.randomElement(using: &chance) ?? 0
                if Bool.random(using: &chance) { body[place] = letter } else { body.insert(letter, at: place) }
            }
            let head = Array(#"{"version":2,"serial":1,"lineage":"l","payload":{"plain":{"resources":{}},"more":"#.utf8)
            let text = head + body + Array("}}".utf8)
            let isScanned = (try? StateDocument(parsing: text, path: "s")) != nil
            var isJSON = true
            do throws(JSON.Fault) {
                _ = try JSON(parsing: text)
            } catch {
                // The scanner keeps no names of what nobody asks for.
                isJSON = error.reason == "a name stands twice in one object"
            }
            #expect(isScanned == isJSON, "\(String(decoding: body, as: UTF8.self))")
            taken += isScanned ? 1 : 0
        }
        #expect(taken > 1000)
    }

    @Test(arguments: ["[", "{\"a\":"])
    func `what is nested too deeply is refused`(open: String) {
        let head = #"{"version":2,"serial":1,"lineage":"l","payload":{"plain":{"resources":{}},"more":"#
        let text = Array((head + String(repeating: open, count: 100_000)).utf8)
        #expect(throws: StateFailure.self) { try StateDocument(parsing: text, path: "s") }
    }
}

import KeelBase
import Testing

struct FieldValueTests {
    private static let values: [FieldValue] = [
        .text(""), .text("support@contoso.com"), .text("é\"\\\n"), .integer(0), .integer(-5), .integer(.max),
        .boolean(true), .boolean(false), .set([]), .set(["a", "b"]), .map([:]), .map(["team": "desk", "": "x"]),
        .secret(SecretSource(.environment("A"))), .secret(SecretSource(.file("a"), version: "1")),
        .secret(SecretSource(.command(["a", "b"]))), .secret(SecretSource(.vault("v"))),
    ]

    /// Labels may have any names, also those of a secret's members.
    private static let treacherousMaps: [FieldValue] = [
        .map(["fromEnv": "A"]), .map(["fromFile": "a", "version": "2"]), .map(["version": "2"]),
        .map(["fromVault": "x", "team": "desk"]), .map(["secret": "x"]),
    ]

    @Test(arguments: values + treacherousMaps)
    func `a value comes back from JSON as what it was`(value: FieldValue) throws {
        #expect(FieldValue(json: try JSON(parsing: value.json.bytes())) == value)
    }

    @Test func `different values have different JSON`() {
        let all = Self.values + Self.treacherousMaps
        #expect(Set(all.map { $0.json.text() }).count == all.count)
    }

    @Test(arguments: [#"null"#, #"1.5"#, #"["a",1]"#, #"{"a":1}"#, #"{"a":{"b":"c"}}"#, #"[["a"]]"#])
    func `anything else is no value`(json: String) throws {
        #expect(FieldValue(json: try JSON(parsing: Array(json.utf8))) == nil)
    }

    @Test func `a set has no order and no repetitions`() {
        #expect(FieldValue.set(of: ["b", "a", "b"]) == .set(["a", "b"]))
    }

    @Test func `a map is written in the order of its names`() {
        #expect(FieldValue.map(["b": "1", "a": "2"]).json.text() == #"{"a":"2","b":"1"}"#)
    }

    @Test(
        arguments: [
            (.manifest, "manifest"), (.schemaDefault, "default"), (.variable("tenant"), "variable tenant"),
            (.variable("host, port"), "variable host, port"),
            (.preset(name: "microsoft365", version: 3), "preset microsoft365@3"),
            (.preset(name: "a@b", version: 1), "preset a@b@1"),
        ] as [(EffectiveValue.Origin, String)])
    func `an origin is written and read`(origin: EffectiveValue.Origin, text: String) {
        #expect(origin.text == text)
        #expect(EffectiveValue.Origin(text: text) == origin)
    }

    @Test(arguments: [
        "", "Manifest", "preset", "preset ", "preset x", "preset x@", "preset x@-1", "preset x@1.0", "variable ",
    ])
    func `anything else is no origin`(text: String) {
        #expect(EffectiveValue.Origin(text: text) == nil)
    }
}

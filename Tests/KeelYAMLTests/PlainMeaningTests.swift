import KeelYAML
import Testing

struct PlainMeaningTests {
    static let meanings: [(PlainMeaning, [String])] = [
        (.null, ["", "~", "null", "Null", "NULL"]),
        (.boolean(true), ["true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"]),
        (.boolean(false), ["false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"]),
        (.integer, ["0", "993", "-1", "+1", "017", "1_000", "0b1010", "0x1F", "-0xff", "0o17", "12:30", "1:59:59"]),
        (.float, ["1.5", "-1.", ".5", "1e3", "1.5e+3", "1.5E-3", ".inf", "-.Inf", ".NaN", "1_0.5", "1:30.5"]),
        (
            .timestamp,
            [
                "2026-11-21", "2026-1-2", "2026-11-21T07:30:00Z", "2026-11-21 07:30:00", "2026-11-21t07:30:00.25+01:00",
                "2026-11-21 7:30:00 -5", "2026-11-21T07:30:00.5Z",
            ]
        ),
        (
            .string,
            [
                "nO", "tRue", "nul", "yess", "none", "a", "imap", "outlook.office365.com", "127.0.0.1", "::1", "1.2.3",
                "2026-11", "0x", "0b2", "0o8", "-", "+", ".", "..", "1e", "e3", "12:60:1x", "12:60", "1:", ":1",
                "1-2", "26-11-21", "2026-11-21T", "2026-11-21x", "2026-11-21 7", "0xg", "_1", "<<", "=", "é",
                "\u{FF11}",
            ]
        ),
    ]

    @Test(arguments: meanings)
    func `a plain text means what a YAML 1.1 reader takes it for`(meaning: PlainMeaning, texts: [String]) {
        for text in texts { #expect(PlainMeaning(Array(text.utf8)) == meaning, "\(text)") }
    }

    private func scalar(_ text: String) throws -> YAMLScalar {
        try #require(Parsed("x: \(text)\n").stream.documents.first?.root?.mapping?.value(of: "x")?.scalar)
    }

    @Test(arguments: [
        ("no", PlainMeaning.boolean(false)), ("'no'", .string), ("\"no\"", .string), ("|\n  no", .string),
        ("!!str no", .string), ("! no", .string), ("!!bool 'no'", .boolean(false)), ("!!int '12'", .integer),
        ("!!float 1", .float), ("!!null ''", .null), ("''", .string), ("", .null), ("&a 12", .integer),
    ])
    func `quotes make text and tags decide`(text: String, meaning: PlainMeaning) throws {
        #expect(try scalar(text).plainMeaning == meaning)
    }

    @Test func `a scalar knows how it was written`() throws {
        #expect(try scalar("no").isPlain)
        #expect(try !scalar("'no'").isPlain)
        #expect(try scalar("no").tag == nil)
        #expect(try scalar("!!str no").tag == "tag:yaml.org,2002:str")
        #expect(try scalar("! no").tag == "!")
        #expect(try scalar("abc").isText("abc"))
        #expect(try !scalar("abcd").isText("abc"))
    }
}

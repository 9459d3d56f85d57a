import KeelBase
import KeelTestSupport
import Testing

struct JSONWriterTests {
    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (-12, "-12"), (.number("1.50"), "1.50"), ("", "\"\""),
            ("a\"b\\c/d", #""a\"b\\c/d""#),
            ("\n\r\t\u{8}\u{C}\u{0}\u{1F}\u{7F}", #""\n\r\t\u0008\u000c\u0000\u001f\u007f""#),
            ("é😀", "\"é😀\""), ([], "[]"), (.object([]), "{}"),
            ([1, ["a"], .object([.init("k", .null)])], #"[1,["a"],{"k":null}]"#),
        ] as [(JSON, String)])
    func `a value is written on one line`(value: JSON, text: String) {
        #expect(value.text() == text)
        #expect(value.bytes() == Array(text.utf8))
    }

    @Test func `the pretty layout is made for version control`() {
        let value = JSON.object([
            .init("name", "a"), .init("empty", []), .init("none", .object([])), .init("list", [1, 2]),
            .init("inner", .object([.init("x", true)])),
        ])
        #expect(
            value.text(.pretty) == """
                {
                  "name": "a",
                  "empty": [],
                  "none": {},
                  "list": [
                    1,
                    2
                  ],
                  "inner": {
                    "x": true
                  }
                }

                """)
    }

    @Test func `sorted orders by name, present leaves out what is absent`() {
        #expect(JSON.sorted(["b": 1, "a": 2, "B": 3]).text() == #"{"B":3,"a":2,"b":1}"#)
        #expect(JSON.present(("b", 1), ("none", nil), ("a", .null)).text() == #"{"b":1,"a":null}"#)
    }

    @Test(arguments: 1..<60)
    func `a random value comes back from both layouts`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = Self.value(depth: 4, &generator)
        #expect(try JSON(parsing: value.bytes()) == value)
        #expect(try JSON(parsing: value.bytes(.pretty)) == value)
    }

    private static func value(depth: Int, _ generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &generator) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &generator))
        case 2: return .integer(Int.random(in: .min ... .max, using: &generator))
        case 3:
            return .number(
                "\(Int.random(in: -9...9, using: &generator)).5e\(Int.random(in: 1...400, using: &generator))")
        case 4: return .string(text(&generator))
        case 5:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in value(depth: depth - 1, &generator) })
        default:
            let count = Int.random(in: 0..<5, using: &generator)
            return .object(
                (0..<count).map { .init("\($0)" + text(&generator), value(depth: depth - 1, &generator)) })
        }
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "\"", "\\", "/", "\n", "\u{0}", "\u{7F}", "é", "\u{2028}", "😀", "\u{FFFF}",
        ]
        let count = Int.random(in: 0..<12, using: &generator)
        var text = String.UnicodeScalarView()
        for _ in 0..<count { text.append(alphabet[Int.random(in: alphabet.indices, using: &generator)]) }
        return String(text)
    }
}

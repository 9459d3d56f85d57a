import KeelBase
import Testing

struct JSONReaderTests {
    private static func parse(_ text: String) throws(JSON.Fault) -> JSON { try JSON(parsing: Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", .null), ("true", true), (" false\r\n\t", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number("9223372036854775808")), ("1.0", .number("1.0")), ("1e3", .number("1e3")),
            ("-0.5E-10", .number("-0.5E-10")), ("1e99999", .number("1e99999")), ("0e+1", .number("0e+1")),
            ("\"\"", ""), ("\"é日😀\"", "é日😀"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00""#, "😀"), (#""\ud800\udc00""#, "\u{10000}"),
            (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\u{0}"), ("\"\u{7F}\"", "\u{7F}"),
            ("[]", []), ("[ 1 , [ ] , \"a\" ]", [1, [], "a"]), ("{}", .object([])),
            (
                "{ \"b\" : 1 , \"a\" : { \"b\" : null } }",
                .object([.init("b", 1), .init("a", .object([.init("b", .null)]))])
            ),
            (#"{"":""}"#, .object([.init("", "")])),
        ] as [(String, JSON)])
    func `what RFC 8259 allows is read`(text: String, value: JSON) throws {
        #expect(try Self.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "undefined", "NaN", "Infinity", "'a'", "a", "1 2", "[] []", "{}x",
        "+1", "01", "-01", "-", "1.", ".5", "1.e3", "1e", "1e+", "0x10", "1_000", "--1",
        "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
        "{\"a\":1,}", "{a:1}", "{1:2}", "{\"a\" 1}", "{\"a\"::1}", "{,}", "[}", "{]",
        "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u+123\"", "\"\t\"", "\"\n\"", "\"a\\n\u{1}\"",
        "// x\n1", "/* x */1", "\u{FEFF}1", "\u{A0}1", "1\u{0}",
    ])
    func `what RFC 8259 forbids is refused`(text: String) {
        #expect(throws: JSON.Fault.self) { try Self.parse(text) }
    }

    @Test(arguments: [
        #""\uD83D""#, #""\uDE00""#, #""\uD83Dx""#, #""\uD83D\n""#, #""\uD83D\uD83D""#, #""\uDE00\uD83D""#,
        #""\uD83D\u0041""#, #""\uDC00\uDC00""#,
    ])
    func `a surrogate alone is refused`(text: String) {
        #expect(throws: JSON.Fault.self) { try Self.parse(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0xAF, 0x22],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22], [0xFF],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused`(bytes: [UInt8]) {
        #expect(throws: JSON.Fault.self) { try JSON(parsing: bytes) }
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"k":1,"b":2,"k":3}}]"#, #"{"":1,"":2}"#,
    ])
    func `a name that stands twice is refused`(text: String) {
        #expect(throws: JSON.Fault.self) { try Self.parse(text) }
    }

    @Test func `the same name may stand in two objects`() throws {
        #expect(try Self.parse(#"[{"a":1},{"a":{"a":2}}]"#).array?.count == 2)
    }

    @Test func `nesting ends at 128`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try Self.parse(nested(128)) != .null)
        #expect(throws: JSON.Fault.self) { try Self.parse(nested(129)) }
        #expect(throws: JSON.Fault.self) { try Self.parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSON.Fault.self) { try Self.parse(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test(arguments: [
        ("[1,]", 3), ("{\"a\":1,\"a\":2}", 10), ("[1 2]", 3), ("nul", 0), ("", 0), ("\"ab", 3), ("[1]x", 3),
        ("[01]", 3),
    ])
    func `a fault says where`(text: String, offset: Int) throws {
        let fault = try #require(throws: JSON.Fault.self) { try Self.parse(text) }
        #expect(fault.offset == offset)
        #expect(fault.description.hasSuffix("at byte \(offset)"))
    }

    @Test func `the faces give nil for another type`() throws {
        let json = try Self.parse(#"{"text":"x","number":1,"flag":true,"list":[1],"none":null}"#)
        #expect(json["text"]?.string == "x" && json["number"]?.integer == 1 && json["flag"]?.boolean == true)
        #expect(json["list"]?.array == [1] && json["none"] == .null && json["absent"] == nil)
        #expect(json["text"]?.integer == nil && json["number"]?.string == nil && json["list"]?.members == nil)
        #expect(json["text"]?["x"] == nil && json.array == nil)
    }
}

import KeelDiagnostics
import KeelYAML
import Testing

struct EncodingTests {
    @Test(arguments: [
        Fixture("a: b\nc: é1️⃣\u{7}\n", "yaml.character"),
        Fixture("a: 1️⃣\u{0}\n", "yaml.character"),
        Fixture("a: \"1️⃣\u{1B}[31m\"\n", "yaml.character"),
        Fixture("a: 1️⃣\u{7F}\nb: 2️⃣\u{9B}\n", "yaml.character", "yaml.character"),
        Fixture("a: x # 1️⃣\u{202E}evil\n", "yaml.character"),
        Fixture("a: x1️⃣\u{2066}y\n", "yaml.character"),
        Fixture("a: x1️⃣\u{85}b: y\n", "yaml.character"),
        Fixture("a: x1️⃣\u{2028}b: y\n", "yaml.character"),
        Fixture("a: b\n1️⃣\u{FEFF}c: d\n", "yaml.character"),
        Fixture("a: 1️⃣\u{FFFE}\n", "yaml.character"),
    ])
    func `characters that nobody sees are refused where they stand`(fixture: Fixture) {
        fixture.check()
    }

    @Test(arguments: ["a: \u{A0}x\u{200F}\u{10FFFD}\u{E000}\n", "a: \"\\0\\x1b\\u202e\"\n", "😀: 日本\n"])
    func `other characters and escapes are not`(text: String) {
        #expect(Parsed(text).findings.isEmpty)
    }

    @Test(arguments: [
        ([0xFF] as [UInt8], "1:1"), ([0x61, 0x3A, 0x20, 0xC3, 0xA9, 0xE9, 0x0A], "1:5"),
        ([0x61, 0x0A, 0xC0, 0x80], "2:1"), ([0xED, 0xA0, 0x80], "1:1"), ([0xF4, 0x90, 0x80, 0x80], "1:1"),
        ([0x61, 0xE2, 0x82], "1:2"), ([0xF8, 0x88, 0x80, 0x80, 0x80], "1:1"), ([0xE0, 0x80, 0xAF], "1:1"),
        ([0x61, 0xF0, 0x9F, 0x98], "1:2"), ([0xF0, 0x80, 0x80, 0xAF], "1:1"), ([0x80], "1:1"),
    ])
    func `bytes that are not UTF-8 are refused where they stand`(bytes: [UInt8], place: String) {
        #expect(Parsed(bytes).findings == ["yaml.encoding \(place)"])
    }

    @Test(arguments: [
        ([0xFF, 0xFE, 0x61, 0x00] as [UInt8], "UTF-16"), ([0xFE, 0xFF, 0x00, 0x61], "UTF-16"),
        ([0x61, 0x00, 0x3A, 0x00], "UTF-16"), ([0x00, 0x61, 0x00, 0x3A], "UTF-16"), ([0x61, 0x00], "UTF-16"),
        ([0xFF, 0xFE, 0x00, 0x00, 0x61, 0, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"),
        ([0x61, 0, 0, 0, 0x3A, 0, 0, 0], "UTF-32"), ([0, 0, 0, 0x61], "UTF-32"),
    ])
    func `other encodings are named`(bytes: [UInt8], encoding: String) throws {
        let parsed = Parsed(bytes)
        #expect(parsed.findings == ["yaml.encoding 1:1"])
        let diagnostic = try #require(parsed.stream.diagnostics.first)
        #expect(diagnostic.message == "file is encoded in \(encoding), not in UTF-8")
        #expect(parsed.stream.documents.isEmpty)
    }
}

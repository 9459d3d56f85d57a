import KeelBase
import KeelTestSupport
import Testing

struct Base64Tests {
    /// RFC 4648 section 10, and bytes that need the two characters in which the alphabets differ.
    private static let vectors: [(bytes: [UInt8], standard: String, url: String)] = [
        ([], "", ""),
        (Array("f".utf8), "Zg==", "Zg"),
        (Array("fo".utf8), "Zm8=", "Zm8"),
        (Array("foo".utf8), "Zm9v", "Zm9v"),
        (Array("foob".utf8), "Zm9vYg==", "Zm9vYg"),
        (Array("fooba".utf8), "Zm9vYmE=", "Zm9vYmE"),
        (Array("foobar".utf8), "Zm9vYmFy", "Zm9vYmFy"),
        ([0xFB, 0xEF, 0xFF], "++//", "--__"),
        ([0, 0, 0, 0], "AAAAAA==", "AAAAAA"),
    ]

    @Test(arguments: vectors)
    func `the vectors of RFC 4648 hold in both directions`(bytes: [UInt8], standard: String, url: String) {
        #expect(Base64.text(bytes) == standard)
        #expect(Base64.text(bytes, .url) == url)
        #expect(Base64.encode(bytes) == Array(standard.utf8))
        #expect(Base64.decode(standard.utf8) == bytes)
        #expect(Base64.decode(url.utf8, .url) == bytes)
    }

    @Test(arguments: [("Zg", "f"), ("Zm8", "fo"), ("Zm9vYg", "foob")])
    func `padding may be absent`(text: String, meaning: String) {
        #expect(Base64.decode(text.utf8) == Array(meaning.utf8))
    }

    @Test(arguments: [
        "A", "AAAAA", "Zg=", "Zm8==", "Zm9v=", "Zm9v====", "=", "==", "Zg=g", "Z===", "Zm9v\n", " Zm9v", "Zm 9v",
        "Zm9v!",
        "Zm\u{E9}v",
    ])
    func `what is no base 64 is refused`(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test(arguments: ["Zh==", "Zn", "Zm9=", "Zm-", "//", "AAB"])
    func `bits that no encoder leaves are refused`(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test func `each variant refuses the other's characters`() {
        #expect(Base64.decode("--__".utf8) == nil)
        #expect(Base64.decode("++//".utf8, .url) == nil)
    }

    @Test(arguments: 0..<70)
    func `random bytes come back`(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.decode(Base64.encode(bytes, .url), .url) == bytes)
    }
}

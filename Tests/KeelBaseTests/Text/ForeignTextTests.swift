import KeelBase
import Testing

struct ForeignTextTests {
    @Test(arguments: [
        ("535 5.7.8 refused", "535 5.7.8 refused"),
        ("é 日本 😀", "é 日本 😀"),
        ("one\r\ntwo\nthree\rfour", "one two three four"),
        ("a\u{2028}b\u{2029}c", "a b c"),
        ("  \t a   b \r\n", "a b"),
        ("", ""),
        (" \n ", ""),
    ])
    func `a text becomes one line`(raw: String, cleaned: String) {
        #expect(ForeignText(raw).text == cleaned)
        #expect(ForeignText(Array(raw.utf8)).text == cleaned)
    }

    @Test(arguments: [
        "\u{1B}", "\u{0}", "\u{7}", "\u{8}", "\u{7F}", "\u{9B}", "\u{85}",  // control characters
        "\u{202A}", "\u{202B}", "\u{202D}", "\u{202E}", "\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}", "\u{200E}",
        "\u{200F}", "\u{61C}",  // what turns the direction of writing
        "\u{200B}", "\u{FEFF}", "\u{AD}", "\u{E0041}",  // what is not seen
        "\u{E000}", "\u{F0000}", "\u{378}", "\u{10FFFD}",  // what means nothing
    ])
    func `what moves a cursor, turns a line or is not seen becomes a replacement character`(scalar: Unicode.Scalar) {
        #expect(ForeignText("a\(scalar)b").text == "a\u{FFFD}b")
    }

    @Test func `an escape sequence cannot reach the terminal`() {
        #expect(ForeignText("\u{1B}[2J\u{1B}]0;owned\u{7}ok").text == "\u{FFFD}[2J\u{FFFD}]0;owned\u{FFFD}ok")
    }

    @Test func `bytes that are no UTF-8 are repaired`() {
        #expect(ForeignText([0x61, 0xFF, 0xC3, 0x62] as [UInt8]).text == "a\u{FFFD}\u{FFFD}b")
    }

    @Test(arguments: ["x", "é", "😀", "x ", "x  \n"])
    func `a long text is cut at the limit and says so`(unit: String) {
        let raw = String(repeating: unit, count: 3000)
        for text in [ForeignText(raw).text, ForeignText(Array(raw.utf8)).text] {
            #expect(text.hasSuffix("…"))
            #expect(text.dropLast().unicodeScalars.count <= ForeignText.limit)
        }
    }

    @Test(arguments: ["", "\n", "  "])
    func `a text of exactly the limit is whole`(end: String) {
        let raw = String(repeating: "x", count: ForeignText.limit)
        #expect(ForeignText(raw + end).text == raw)
        #expect(ForeignText(Array((raw + end).utf8)).text == raw)
    }

    @Test func `an endless text costs no more than the limit`() {
        let endless = sequence(first: UInt8(ascii: "x")) { $0 }
        #expect(ForeignText(endless).text.unicodeScalars.count == ForeignText.limit + 1)
    }

    @Test(
        arguments: [
            (nil, "", "(nothing)"), (nil, "gone", "gone"), ("535", "", "535"), ("535", "no\r\nway", "535: no way"),
            ("a\u{1B}b", "x", "a\u{FFFD}b: x"),
        ] as [(String?, String, String)])
    func `a server's answer is a clean line`(code: String?, words: String, shown: String) {
        #expect(ServerAnswer(code: code, words: ForeignText(words)).description == shown)
    }
}

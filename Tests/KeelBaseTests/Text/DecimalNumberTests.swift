import KeelBase
import Testing

struct DecimalNumberTests {
    @Test(arguments: [
        ("0", 0), ("993", 993), ("0993", 993), ("65535", 65535), ("9223372036854775807", Int.max),
    ])
    func `digits are a number`(text: String, value: Int) {
        #expect(DecimalNumber.parse(text) == value)
        #expect(DecimalNumber.parse(text.utf8) == value)
    }

    @Test(arguments: [
        "", "+993", "-1", "-0", " 993", "993 ", "993\n", "9_93", "9,93", "0x3E1", "1e3", "\u{0661}", "\u{FF11}",
        "9223372036854775808", "99999999999999999999",
    ])
    func `signs, blanks, separators, other digits and overflow are refused`(text: String) {
        #expect(DecimalNumber.parse(text) == nil)
    }

    @Test func `the maximum is included and nothing above it`() {
        #expect(DecimalNumber.parse("65535", max: 65535) == 65535)
        #expect(DecimalNumber.parse("65536", max: 65535) == nil)
    }
}

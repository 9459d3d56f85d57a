import KeelBase
import Testing

struct HexadecimalTests {
    @Test func `every byte becomes two lower-case digits and comes back`() {
        let all = (0...255).map { UInt8($0) }
        let text = Hexadecimal.text(all)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text.utf8.count == 512)
        #expect(Hexadecimal.decode(text.utf8) == all)
    }

    @Test func `upper-case digits are read`() {
        #expect(Hexadecimal.decode("DEADbeef".utf8) == [0xDE, 0xAD, 0xBE, 0xEF])
    }

    @Test(arguments: ["a", "abc", "0x", "g0", "0 ", "+1", "-1", "\u{FF10}0"])
    func `an odd count and other characters are refused`(text: String) {
        #expect(Hexadecimal.decode(text.utf8) == nil)
    }
}

/// One Unicode scalar in UTF-8.
struct UTF8Scalar {
    let value: UInt32
    /// In bytes.
    let length: Int

    /// The scalar at an offset; nil if the bytes there are not well-formed (Unicode 3.9, table 3-7).
    static func read(_ bytes: Span<UInt8>, at offset: Int) -> UTF8Scalar? {
        let first = bytes[offset]
        if first < 0x80 { return UTF8Scalar(value: UInt32(first), length: 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard first >= 0xC2, first <= 0xF4, offset + length <= bytes.count else { return nil }
        // Of the second byte some values would make an overlong form, a surrogate or more than U+10FFFF.
        let second = bytes[offset + 1]
        let allowed: ClosedRange<UInt8> =
            switch first {
            case 0xE0: 0xA0...0xBF
            case 0xED: 0x80...0x9F
            case 0xF0: 0x90...0xBF
            case 0xF4: 0x80...0x8F
            default: 0x80...0xBF
            }
        guard allowed.contains(second) else { return nil }
        var value = UInt32(first) & (0xFF >> UInt32(length + 1))
        for index in offset + 1..<offset + length {
            guard bytes[index] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(bytes[index] & 0x3F)
        }
        return UTF8Scalar(value: value, length: length)
    }
}

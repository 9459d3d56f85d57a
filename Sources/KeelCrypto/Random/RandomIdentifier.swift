import KeelBase

/// Names that nobody else will choose: 122 random bits or more.
package enum RandomIdentifier {
    /// 128 bits as 26 lower-case characters of base 32 (RFC 4648 section 6, unpadded): safe in file names and URLs.
    package static func make() -> String { text(RandomBytes.make(count: 16)) }

    /// A version 4 UUID (RFC 9562 section 5.4), for formats whose readers expect one.
    package static func uuid() -> String {
        var bytes = RandomBytes.make(count: 16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hexadecimal.text(bytes[$0]) }.joined(separator: "-")
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    private static func text(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                output.append(alphabet[Int(held >> UInt32(bits) & 31)])
            }
            held &= 31
        }
        if bits > 0 { output.append(alphabet[Int(held << UInt32(5 - bits) & 31)]) }
        return String(decoding: output, as: UTF8.self)
    }
}

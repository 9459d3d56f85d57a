/// Base 64 (RFC 4648 section 4) as the mail servers read and write it: by a few lines of their own, so that the client's is
/// met by one that it does not share.
enum SandboxBase64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                output.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { output.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        while output.count % 4 != 0 { output.append(UInt8(ascii: "=")) }
        return String(decoding: output, as: UTF8.self)
    }

    /// Nil for anything but whole groups of four with the padding where it belongs, as SASL wants it (RFC 4954 section 4).
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let characters = Array(text)
        let body = characters.prefix { $0 != UInt8(ascii: "=") }
        let padding = characters.count - body.count
        guard characters.count % 4 == 0, padding <= 2, characters.dropFirst(body.count).allSatisfy({ $0 == 0x3D })
        else { return nil }
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in body {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(bits >> UInt32(count) & 255))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        // Bits that are left over must be zero, or one text would stand for the bytes of another.
        return bits == 0 ? output : nil
    }
}

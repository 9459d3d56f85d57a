/// Base 64 with both alphabets (RFC 4648 sections 4 and 5).
package enum Base64 {
    /// Which 62nd and 63rd character, and whether the end is padded.
    package enum Variant: Sendable {
        /// `+` and `/`, padded: SASL, HTTP Basic, PEM.
        case standard
        /// `-` and `_`, not padded: JOSE, PKCE.
        case url
    }

    /// The text for `bytes`, as ASCII bytes, so that a secret need not pass through a `String`.
    package static func encode(_ bytes: [UInt8], _ variant: Variant = .standard) -> [UInt8] {
        let alphabet = variant == .standard ? standardAlphabet : urlAlphabet
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16
                | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            output.append(alphabet[Int(group >> 18)])
            output.append(alphabet[Int(group >> 12 & 63)])
            if left > 1 { output.append(alphabet[Int(group >> 6 & 63)]) }
            if left > 2 { output.append(alphabet[Int(group & 63)]) }
            index += 3
        }
        if variant == .standard {
            while output.count % 4 != 0 { output.append(UInt8(ascii: "=")) }
        }
        return output
    }

    /// The text for `bytes`.
    package static func text(_ bytes: [UInt8], _ variant: Variant = .standard) -> String {
        String(decoding: encode(bytes, variant), as: UTF8.self)
    }

    /// The bytes for `text`, or nil if it is not canonical base 64 of that variant (padding may be absent).
    package static func decode(_ text: some Sequence<UInt8>, _ variant: Variant = .standard) -> [UInt8]? {
        var output: [UInt8] = []
        var group: UInt32 = 0
        var held = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: character, variant) else { return nil }
            group = group << 6 | UInt32(value)
            held += 1
            if held == 4 {
                output.append(UInt8(group >> 16 & 255))
                output.append(UInt8(group >> 8 & 255))
                output.append(UInt8(group & 255))
                group = 0
                held = 0
            }
        }
        switch (held, padding) {
        case (0, 0): break
        case (2, 0), (2, 2):
            guard group & 0xF == 0 else { return nil }
            output.append(UInt8(group >> 4 & 255))
        case (3, 0), (3, 1):
            guard group & 0x3 == 0 else { return nil }
            output.append(UInt8(group >> 10 & 255))
            output.append(UInt8(group >> 2 & 255))
        default: return nil
        }
        return output
    }

    private static let standardAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func value(of character: UInt8, _ variant: Variant) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+") where variant == .standard, UInt8(ascii: "-") where variant == .url: 62
        case UInt8(ascii: "/") where variant == .standard, UInt8(ascii: "_") where variant == .url: 63
        default: nil
        }
    }
}

/// A host name or the literal of an address, as a mail server is named.
enum HostName {
    /// Whether the text can be one: labels of letters, digits and hyphens between single dots (RFC 1123 section 2.1), or an address
    /// with colons. A name with one colon holds a port, and is none.
    static func isHost(_ text: String) -> Bool {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= 253, bytes.allSatisfy(mayStand) else { return false }
        guard colons(text) == 0 else { return colons(text) > 1 }
        // A dot at the end makes a name absolute.
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
        }
    }

    static func colons(_ text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: ":") } }

    private static func mayStand(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

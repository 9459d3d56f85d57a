import KeelBase

/// Writes JSON straight to bytes, laid out for reading: two spaces a step, a line for each member.
///
/// The layout is that of `JSON.bytes(.pretty)`. No value is built first, because thousands of records are written so.
struct JSONOutput {
    private(set) var bytes: [UInt8] = []
    private var depth: Int
    private var latest: (time: Timestamp, text: String)?

    /// `depth` counts the containers around what is written first.
    init(depth: Int = 0, capacity: Int = 0) {
        self.depth = depth
        bytes.reserveCapacity(capacity)
    }

    // MARK: Containers

    mutating func beginObject() { begin(UInt8(ascii: "{")) }
    mutating func endObject() { end(UInt8(ascii: "}")) }
    mutating func beginArray() { begin(UInt8(ascii: "[")) }
    mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Begins a member; its value must follow.
    mutating func name(_ name: String) {
        element()
        string(name)
        literal(": ")
    }

    /// Begins a member whose name is an address.
    mutating func name(_ address: ResourceAddress) {
        element()
        self.address(address)
        literal(": ")
    }

    /// Begins an element of an array; its value must follow.
    mutating func element() {
        if !isAtStart { bytes.append(UInt8(ascii: ",")) }
        newLine()
    }

    private mutating func begin(_ open: UInt8) {
        bytes.append(open)
        depth += 1
    }

    private mutating func end(_ close: UInt8) {
        depth -= 1
        if !isAtStart { newLine() }
        bytes.append(close)
    }

    /// An opening bracket is the last byte only where nothing has been written in its container yet.
    private var isAtStart: Bool { bytes.last == UInt8(ascii: "{") || bytes.last == UInt8(ascii: "[") }

    private mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        Self.blanks.withUTF8Buffer { blanks in
            unsafe bytes.append(contentsOf: blanks.prefix(2 * depth))
        }
    }

    /// As deep as a state is nested, and more.
    private static let blanks: StaticString = "                                        "

    // MARK: Values

    mutating func boolean(_ flag: Bool) { bytes.append(contentsOf: (flag ? "true" : "false").utf8) }

    /// `Kind/name`.
    mutating func address(_ address: ResourceAddress) {
        bytes.append(UInt8(ascii: "\""))
        content(address.kind.rawValue)
        bytes.append(UInt8(ascii: "/"))
        content(address.name)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func time(_ time: Timestamp) {
        // Neighbours were mostly written in one second.
        if latest?.time != time { latest = (time, time.description) }
        if let latest { string(latest.text) }
    }

    mutating func integer(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }

    mutating func null() { bytes.append(contentsOf: "null".utf8) }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        content(text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Escapes what RFC 8259 section 7 demands and leaves the rest as UTF-8.
    private mutating func content(_ text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        guard Self.needsEscapes(bytes.span, from: start) else { return }
        bytes.removeSubrange(start...)
        for byte in text.utf8 { escaped(byte) }
    }

    /// A part of the text as it is.
    mutating func literal(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    /// A value that is JSON already, in the layout of this place.
    mutating func copy(_ value: ArraySlice<UInt8>) { bytes.append(contentsOf: value) }

    /// A value that is laid out already, without its line breaks: nothing inside of a string is one.
    mutating func copyOnOneLine(_ value: ArraySlice<UInt8>) {
        let span = value.span
        var start = 0
        var offset = 0
        while offset < span.count {
            guard span[offset] == UInt8(ascii: "\n") else {
                offset += 1
                continue
            }
            bytes.append(contentsOf: value[value.startIndex + start..<value.startIndex + offset])
            offset += 1
            while offset < span.count, span[offset] == 0x20 { offset += 1 }
            start = offset
        }
        bytes.append(contentsOf: value[(value.startIndex + start)...])
    }

    /// Ends the document.
    mutating func endLine() { bytes.append(UInt8(ascii: "\n")) }

    private static func needsEscapes(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        for offset in start..<bytes.count {
            let byte = bytes[offset]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F { return true }
        }
        return false
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
        case 0..<0x20, 0x7F: bytes.append(contentsOf: ("\\u00" + Hexadecimal.text([byte])).utf8)
        default: bytes.append(byte)
        }
    }
}

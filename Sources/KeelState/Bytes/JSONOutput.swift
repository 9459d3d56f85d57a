import KeelBase

/// Writes JSON straight to bytes, laid out for reading: two spaces a step, a line for each member.
///
/// The layout is that of `JSON.bytes(.pretty)`. No value is built first, because thousands of records are written so.
struct JSONOutput {
    private(set) var bytes: [UInt8] = []
    private var depth: Int

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
        bytes.append(UInt8(ascii: ":"))
        bytes.append(0x20)
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
        for _ in 0..<depth {
            bytes.append(0x20)
            bytes.append(0x20)
        }
    }

    // MARK: Values

    mutating func boolean(_ flag: Bool) { bytes.append(contentsOf: (flag ? "true" : "false").utf8) }

    mutating func integer(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }

    mutating func null() { bytes.append(contentsOf: "null".utf8) }

    /// Escapes what RFC 8259 section 7 demands and leaves the rest as UTF-8.
    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        if bytes[start...].contains(where: Self.needsEscape) {
            bytes.removeSubrange(start...)
            for byte in text.utf8 { escaped(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A part of the text as it is.
    mutating func literal(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    /// A value that is JSON already, in the layout of this place.
    mutating func copy(_ value: ArraySlice<UInt8>) { bytes.append(contentsOf: value) }

    /// A value that is laid out already, without its line breaks: nothing inside of a string is one.
    mutating func copyOnOneLine(_ value: ArraySlice<UInt8>) {
        var start = value.startIndex
        while let end = value[start...].firstIndex(of: UInt8(ascii: "\n")) {
            bytes.append(contentsOf: value[start..<end])
            start = value[end...].firstIndex { $0 > 0x20 } ?? value.endIndex
        }
        bytes.append(contentsOf: value[start...])
    }

    /// Ends the document.
    mutating func endLine() { bytes.append(UInt8(ascii: "\n")) }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
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

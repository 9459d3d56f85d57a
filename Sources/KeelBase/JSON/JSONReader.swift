extension JSON {
    /// Where and why bytes are not JSON.
    package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// Counted from the first byte, from 0.
        package let offset: Int
        package let reason: String

        package var description: String { "\(reason) at byte \(offset)" }
    }

    /// Reads one JSON text (RFC 8259) that fills `bytes`: strict, duplicate names refused, nested at most 128 deep.
    package init(parsing bytes: [UInt8]) throws(Fault) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    var offset = 0
    static let maxDepth = 128

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSON.Fault) -> JSON {
        let value = try value(depth: 0)
        skipBlanks()
        guard offset == bytes.count else { throw fault("something follows the value") }
        return value
    }

    private func fault(_ reason: String) -> JSON.Fault { JSON.Fault(offset: offset, reason: reason) }

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func value(depth: Int) throws(JSON.Fault) -> JSON {
        guard depth < Self.maxDepth else { throw fault("nested too deeply") }
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .boolean(true))
        case UInt8(ascii: "f"): return try literal("false", .boolean(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        case nil: throw fault("the text ends too early")
        default: throw fault("a value was expected")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSON.Fault) -> JSON {
        let expected = Array("\(word)".utf8)
        guard bytes.count - offset >= expected.count, bytes[offset..<offset + expected.count].elementsEqual(expected)
        else { throw fault("a value was expected") }
        offset += expected.count
        return value
    }

    private mutating func object(depth: Int) throws(JSON.Fault) -> JSON {
        offset += 1
        var members: [JSON.Member] = []
        var names: Set<String> = []
        skipBlanks()
        if current == UInt8(ascii: "}") {
            offset += 1
            return .object(members)
        }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw fault("a name in quotes was expected") }
            let name = try string()
            guard names.insert(name).inserted else { throw fault("a name stands twice in one object") }
            skipBlanks()
            guard current == UInt8(ascii: ":") else { throw fault("a colon was expected") }
            offset += 1
            members.append(JSON.Member(name, try value(depth: depth + 1)))
            guard try more(UInt8(ascii: "}")) else { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(JSON.Fault) -> JSON {
        offset += 1
        var elements: [JSON] = []
        skipBlanks()
        if current == UInt8(ascii: "]") {
            offset += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            guard try more(UInt8(ascii: "]")) else { return .array(elements) }
        }
    }

    /// Consumes a comma (true) or the closing bracket (false).
    private mutating func more(_ close: UInt8) throws(JSON.Fault) -> Bool {
        skipBlanks()
        guard let byte = current, byte == UInt8(ascii: ",") || byte == close else {
            throw fault("a comma or a closing bracket was expected")
        }
        offset += 1
        return byte == UInt8(ascii: ",")
    }

    private mutating func number() throws(JSON.Fault) -> JSON {
        let start = offset
        if current == UInt8(ascii: "-") { offset += 1 }
        let leadingZero = current == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !(leadingZero && whole > 1) else { throw fault("a number is malformed") }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            offset += 1
            isInteger = false
            guard digits() > 0 else { throw fault("a number is malformed") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            offset += 1
            isInteger = false
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            guard digits() > 0 else { throw fault("a number is malformed") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        return .number(text)
    }

    private mutating func digits() -> Int {
        let start = offset
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
        return offset - start
    }

    private mutating func string() throws(JSON.Fault) -> String {
        offset += 1
        let start = offset
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        if current == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return try text(bytes[start..<offset])
        }
        var plain = Array(bytes[start..<offset])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return try text(plain[...])
            case UInt8(ascii: "\\"):
                offset += 1
                plain.append(contentsOf: try escape())
            case 0..<0x20: throw fault("a control character stands in a string")
            default:
                plain.append(byte)
                offset += 1
            }
        }
        throw fault("a string does not end")
    }

    private func text(_ slice: ArraySlice<UInt8>) throws(JSON.Fault) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw fault("a string is not UTF-8") }
        return text
    }

    private mutating func escape() throws(JSON.Fault) -> [UInt8] {
        guard let byte = current else { throw fault("a string does not end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(Character(try unicodeEscape())).utf8)
        default: throw fault("an escape is unknown")
        }
    }

    private mutating func unicodeEscape() throws(JSON.Fault) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A surrogate: only a high one followed by a low one means anything (RFC 8259 section 7).
        guard first < 0xDC00, current == UInt8(ascii: "\\") else { throw fault("a surrogate stands alone") }
        offset += 1
        guard current == UInt8(ascii: "u") else { throw fault("a surrogate stands alone") }
        offset += 1
        let second = try codeUnit()
        let combined = 0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)
        guard second >= 0xDC00, second < 0xE000, let scalar = Unicode.Scalar(combined) else {
            throw fault("a surrogate stands alone")
        }
        return scalar
    }

    private mutating func codeUnit() throws(JSON.Fault) -> UInt32 {
        guard bytes.count - offset >= 4, let pair = Hexadecimal.decode(bytes[offset..<offset + 4]) else {
            throw fault("a \\u escape needs four hexadecimal digits")
        }
        offset += 4
        return UInt32(pair[0]) << 8 | UInt32(pair[1])
    }
}

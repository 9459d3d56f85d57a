import KeelBase

/// Reads JSON where it lies, member by member: what is not asked for is passed over, and nothing is built of it.
struct JSONCursor {
    let bytes: [UInt8]
    private(set) var offset: Int
    /// Whether everything that was read is laid out as this program lays it out, so that it may be copied as it is.
    private(set) var isLaidOut = true
    /// The containers around what is read next.
    private var depth: Int
    /// Whether nothing of the innermost container has been read yet.
    private var isFirst = true

    /// `depth` counts the containers around `offset`.
    init(_ bytes: [UInt8], at offset: Int = 0, depth: Int = 0) {
        self.bytes = bytes
        self.offset = offset
        self.depth = depth
    }

    /// The byte that is read next.
    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func fault(_ reason: String) -> ReadingFault { ReadingFault(offset, reason) }

    mutating func skipBlanks() { offset = JSONScan.afterBlanks(bytes.span, offset) }

    // MARK: Containers

    /// Goes into an object; `what` names it when there is none.
    mutating func enterObject(_ what: String) throws(ReadingFault) { try enter(UInt8(ascii: "{"), what) }

    /// Goes into an array.
    mutating func enterArray(_ what: String) throws(ReadingFault) { try enter(UInt8(ascii: "["), what) }

    private mutating func enter(_ open: UInt8, _ what: String) throws(ReadingFault) {
        guard next == open else { throw Self.malformed(offset, what) }
        guard depth < JSONScan.maxDepth else { throw fault("nested too deeply") }
        offset += 1
        depth += 1
        isFirst = true
    }

    /// The name of the next member, with the cursor at its value; nil behind the end of the object.
    mutating func nextName() throws(ReadingFault) -> String? {
        guard try nextElement(isObject: true) else { return nil }
        guard next == UInt8(ascii: "\"") else { throw fault("a name in quotes was expected") }
        let name = try string()
        offset = try scan { bytes, at, laidOut throws(ReadingFault) in try JSONScan.afterColon(bytes, at, &laidOut) }
        return name
    }

    /// Moves to the next element of the array; false behind its end.
    mutating func nextElement() throws(ReadingFault) -> Bool { try nextElement(isObject: false) }

    private mutating func nextElement(isObject: Bool) throws(ReadingFault) -> Bool {
        guard isFirst else {
            let depth = depth
            let (end, isMore) = try scan { bytes, at, laidOut throws(ReadingFault) in
                var end = at
                let isMore = try JSONScan.more(bytes, &end, isObject, depth, &laidOut)
                return (end, isMore)
            }
            offset = end
            if !isMore { self.depth -= 1 }
            return isMore
        }
        isFirst = false
        let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        if next != close {
            let depth = depth
            offset = try scan { bytes, at, laidOut throws(ReadingFault) in
                JSONScan.afterBreak(bytes, at, depth, &laidOut)
            }
            guard next == close else { return true }
            isLaidOut = false
        }
        offset += 1
        depth -= 1
        return false
    }

    // MARK: Values

    /// Goes on behind a value that another cursor has read.
    mutating func pass(to offset: Int) { self.offset = offset }

    /// Passes over a value, which must be well formed.
    mutating func skipValue() throws(ReadingFault) {
        let depth = depth
        offset = try scan { bytes, at, laidOut throws(ReadingFault) in
            try JSONScan.value(bytes, at, depth: depth, &laidOut)
        }
    }

    /// Scans from here, and takes over what the layout turned out to be.
    private mutating func scan<Result>(
        _ body: (Span<UInt8>, _ at: Int, _ isLaidOut: inout Bool) throws(ReadingFault) -> Result
    ) throws(ReadingFault) -> Result {
        var isLaidOut = isLaidOut
        let result = try body(bytes.span, offset, &isLaidOut)
        self.isLaidOut = isLaidOut
        return result
    }

    /// A text; `what` names it when it is something else.
    mutating func text(_ what: String) throws(ReadingFault) -> String {
        guard next == UInt8(ascii: "\"") else { throw Self.malformed(offset, what) }
        return try string()
    }

    mutating func integer(_ what: String) throws(ReadingFault) -> Int {
        let start = offset
        try skipValue()
        guard let number = Int(String(decoding: bytes[start..<offset], as: UTF8.self)), bytes[start] != 0x2B else {
            throw Self.malformed(start, what)
        }
        return number
    }

    mutating func boolean(_ what: String) throws(ReadingFault) -> Bool {
        switch next {
        case UInt8(ascii: "t"):
            offset = try JSONScan.word("true", bytes.span, offset)
            return true
        case UInt8(ascii: "f"):
            offset = try JSONScan.word("false", bytes.span, offset)
            return false
        default: throw Self.malformed(offset, what)
        }
    }

    mutating func time(_ what: String) throws(ReadingFault) -> Timestamp {
        let start = offset
        guard let time = Timestamp(parsing: try text(what)) else { throw Self.malformed(start, what) }
        return time
    }

    /// Passes `null`; false if something else stands there.
    mutating func null() throws(ReadingFault) -> Bool {
        guard next == UInt8(ascii: "n") else { return false }
        offset = try JSONScan.word("null", bytes.span, offset)
        return true
    }

    /// The end of the text: nothing but blanks may follow.
    mutating func end() throws(ReadingFault) {
        skipBlanks()
        guard offset == bytes.count else { throw fault("something follows the value") }
    }

    static func malformed(_ offset: Int, _ what: String) -> ReadingFault {
        ReadingFault(offset, "\(what) is missing or malformed")
    }

    private mutating func string() throws(ReadingFault) -> String {
        let start = offset + 1
        let (end, hasEscapes) = try JSONScan.string(bytes.span, offset)
        offset = end
        let inner = bytes[start..<end - 1]
        guard hasEscapes else { return String(decoding: inner, as: UTF8.self) }
        isLaidOut = isLaidOut && !inner.contains(UInt8(ascii: "/"))
        return String(decoding: Self.unescaped(inner, bytes.span), as: UTF8.self)
    }

    /// The text of a string whose escapes are known to be well formed.
    private static func unescaped(_ inner: ArraySlice<UInt8>, _ bytes: Span<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        var offset = inner.startIndex
        while offset < inner.endIndex {
            guard bytes[offset] == UInt8(ascii: "\\") else {
                plain.append(bytes[offset])
                offset += 1
                continue
            }
            switch bytes[offset + 1] {
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "f"): plain.append(0x0C)
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "r"): plain.append(0x0D)
            case UInt8(ascii: "t"): plain.append(0x09)
            case UInt8(ascii: "u"):
                var unit = JSONScan.codeUnit(bytes, offset) ?? 0xFFFD
                if unit & 0xFC00 == 0xD800 {
                    offset += 6
                    unit = 0x10000 + (unit & 0x3FF) << 10 + ((JSONScan.codeUnit(bytes, offset) ?? 0) & 0x3FF)
                }
                plain.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
                offset += 4
            case let itself: plain.append(itself)
            }
            offset += 2
        }
        return plain
    }
}

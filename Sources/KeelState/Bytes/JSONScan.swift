import KeelBase

/// Finds where JSON values end (RFC 8259, strict), without making anything of them.
///
/// A state is mostly values that nobody asks for, so this is what reading it costs.
enum JSONScan {
    /// Containers within containers; the same bound as the one of `JSON`.
    static let maxDepth = 128

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    /// The first byte from `start` that is no blank.
    static func afterBlanks(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var offset = start
        while offset < bytes.count, isBlank(bytes[offset]) { offset += 1 }
        return offset
    }

    /// Passes the blanks between two tokens, and notes whether they are a new line with `depth` steps of indentation.
    static func afterBreak(_ bytes: Span<UInt8>, _ start: Int, _ depth: Int, _ isLaidOut: inout Bool) -> Int {
        var offset = start
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "\n") {
            offset += 1
            let indented = offset + 2 * depth
            while offset < bytes.count, bytes[offset] == 0x20 { offset += 1 }
            if offset == indented, offset < bytes.count, bytes[offset] > 0x20 { return offset }
        }
        isLaidOut = false
        return afterBlanks(bytes, offset)
    }

    /// The end of the value that begins at `start`. `depth` counts the containers around it.
    static func value(
        _ bytes: Span<UInt8>, _ start: Int, depth outer: Int, _ isLaidOut: inout Bool
    ) throws(ReadingFault) -> Int {
        var offset = start
        // One bit for each open container: set for an object.
        var objects: UInt128 = 0
        var depth = 0
        while true {
            guard offset < bytes.count else { throw ReadingFault(offset, "the text ends too early") }
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""): offset = try string(bytes, offset).end
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard outer + depth < maxDepth else { throw ReadingFault(offset, "nested too deeply") }
                offset += 1
                let isObject = byte == UInt8(ascii: "{")
                // Both closing brackets stand two after their opening ones.
                if offset < bytes.count, bytes[offset] == byte + 2 {
                    offset += 1
                    break
                }
                offset = afterBreak(bytes, offset, outer + depth + 1, &isLaidOut)
                if offset < bytes.count, bytes[offset] == byte + 2 {
                    isLaidOut = false
                    offset += 1
                    break
                }
                objects = objects << 1 | (isObject ? 1 : 0)
                depth += 1
                if isObject { offset = try name(bytes, offset, &isLaidOut) }
                continue
            default: offset = try scalar(bytes, offset)
            }
            // A value has ended: another follows, or its container ends with it.
            while depth > 0 {
                let isObject = objects & 1 == 1
                guard try more(bytes, &offset, isObject, outer + depth, &isLaidOut) else {
                    objects >>= 1
                    depth -= 1
                    continue
                }
                if isObject { offset = try name(bytes, offset, &isLaidOut) }
                break
            }
            if depth == 0 { return offset }
        }
    }

    /// Passes a comma to the next element (true), or the closing bracket (false).
    static func more(
        _ bytes: Span<UInt8>, _ offset: inout Int, _ isObject: Bool, _ depth: Int, _ isLaidOut: inout Bool
    ) throws(ReadingFault) -> Bool {
        let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        if offset < bytes.count, bytes[offset] != UInt8(ascii: ",") {
            offset = afterBreak(bytes, offset, depth - 1, &isLaidOut)
        }
        guard offset < bytes.count else { throw ReadingFault(offset, "the text ends too early") }
        if bytes[offset] == close {
            offset += 1
            return false
        }
        guard bytes[offset] == UInt8(ascii: ",") else {
            throw ReadingFault(offset, "a comma or a closing bracket was expected")
        }
        offset = afterBreak(bytes, offset + 1, depth, &isLaidOut)
        return true
    }

    /// Passes a name and its colon.
    private static func name(
        _ bytes: Span<UInt8>, _ start: Int, _ isLaidOut: inout Bool
    ) throws(ReadingFault) -> Int {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else {
            throw ReadingFault(start, "a name in quotes was expected")
        }
        return try afterColon(bytes, try string(bytes, start).end, &isLaidOut)
    }

    /// Passes the colon after a name, and what is blank around it.
    static func afterColon(
        _ bytes: Span<UInt8>, _ start: Int, _ isLaidOut: inout Bool
    ) throws(ReadingFault) -> Int {
        if start + 2 < bytes.count, bytes[start] == UInt8(ascii: ":"), bytes[start + 1] == 0x20,
            bytes[start + 2] > 0x20
        {
            return start + 2
        }
        isLaidOut = false
        let colon = afterBlanks(bytes, start)
        guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else {
            throw ReadingFault(colon, "a colon was expected")
        }
        return afterBlanks(bytes, colon + 1)
    }

    /// The end of the string whose opening quote stands at `start`, and whether escapes are in it.
    static func string(_ bytes: Span<UInt8>, _ start: Int) throws(ReadingFault) -> (end: Int, hasEscapes: Bool) {
        var offset = start + 1
        var hasEscapes = false
        var all: UInt8 = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                if all >= 0x80 { try checkUTF8(bytes, start + 1, offset) }
                return (offset + 1, hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                offset = try escape(bytes, offset)
                continue
            }
            guard byte >= 0x20 else { throw ReadingFault(offset, "a control character stands in a string") }
            all |= byte
            offset += 1
        }
        throw ReadingFault(start, "a string does not end")
    }

    private static func checkUTF8(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(ReadingFault) {
        let isValid = unsafe bytes.extracting(start..<end).withUnsafeBufferPointer { buffer in
            unsafe String(validating: buffer, as: UTF8.self) != nil
        }
        guard isValid else { throw ReadingFault(start, "a string is not UTF-8") }
    }

    /// The end of the escape whose backslash stands at `start`.
    private static func escape(_ bytes: Span<UInt8>, _ start: Int) throws(ReadingFault) -> Int {
        guard start + 1 < bytes.count else { throw ReadingFault(start, "a string does not end") }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(bytes, start) else {
                throw ReadingFault(start, "a \\u escape needs four hexadecimal digits")
            }
            guard unit & 0xF800 == 0xD800 else { return start + 6 }
            // A surrogate: only a high one followed by a low one means anything (RFC 8259 section 7).
            guard unit < 0xDC00, let low = codeUnit(bytes, start + 6), low & 0xFC00 == 0xDC00 else {
                throw ReadingFault(start, "a surrogate stands alone")
            }
            return start + 12
        default: throw ReadingFault(start, "an escape is unknown")
        }
    }

    /// The value of `\uXXXX` at `start`; nil if that is something else.
    static func codeUnit(_ bytes: Span<UInt8>, _ start: Int) -> UInt32? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt32 = 0
        for offset in start + 2..<start + 6 {
            guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue, bytes[offset] < 0x80 else {
                return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    private static func scalar(_ bytes: Span<UInt8>, _ start: Int) throws(ReadingFault) -> Int {
        switch bytes[start] {
        case UInt8(ascii: "t"): try word("true", bytes, start)
        case UInt8(ascii: "f"): try word("false", bytes, start)
        case UInt8(ascii: "n"): try word("null", bytes, start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(bytes, start)
        default: throw ReadingFault(start, "a value was expected")
        }
    }

    static func word(_ word: StaticString, _ bytes: Span<UInt8>, _ start: Int) throws(ReadingFault) -> Int {
        let end = start + word.utf8CodeUnitCount
        let isThere = word.withUTF8Buffer { letters in
            guard end <= bytes.count else { return false }
            for offset in start..<end where unsafe bytes[offset] != letters[offset - start] { return false }
            return true
        }
        guard isThere else { throw ReadingFault(start, "a value was expected") }
        return end
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int) throws(ReadingFault) -> Int {
        var offset = start
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        let isZero = offset < bytes.count && bytes[offset] == UInt8(ascii: "0")
        let whole = digits(bytes, &offset)
        guard whole > 0, !isZero || whole == 1 else { throw ReadingFault(start, "a number is malformed") }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            guard digits(bytes, &offset) > 0 else { throw ReadingFault(start, "a number is malformed") }
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            guard digits(bytes, &offset) > 0 else { throw ReadingFault(start, "a number is malformed") }
        }
        return offset
    }

    private static func digits(_ bytes: Span<UInt8>, _ offset: inout Int) -> Int {
        let start = offset
        while offset < bytes.count, bytes[offset] >= UInt8(ascii: "0"), bytes[offset] <= UInt8(ascii: "9") {
            offset += 1
        }
        return offset - start
    }
}

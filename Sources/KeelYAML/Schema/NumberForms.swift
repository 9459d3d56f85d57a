/// The shapes of numbers and times in YAML 1.1 (yaml.org/type/int, float, timestamp), with those that YAML 1.2 adds.
enum NumberForms {
    static func isInteger(_ text: ArraySlice<UInt8>) -> Bool {
        var cursor = Cursor(text)
        cursor.skipSign()
        if cursor.skip("0b") { return cursor.skipAll { $0 == "0" || $0 == "1" || $0 == "_" } }
        if cursor.skip("0o") { return cursor.skipAll { $0 >= "0" && $0 <= "7" } }
        if cursor.skip("0x") { return cursor.skipAll { $0.isHexDigit || $0 == "_" } }
        guard cursor.skipDigits(orUnderscores: true) else { return false }
        return cursor.skipSexagesimal() && cursor.isAtEnd
    }

    static func isFloat(_ text: ArraySlice<UInt8>) -> Bool {
        var cursor = Cursor(text)
        cursor.skipSign()
        for name in [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"] where cursor.rest(is: name) { return true }
        let hasWhole = cursor.skipDigits(orUnderscores: true)
        guard cursor.skipSexagesimal() else { return false }
        let hasPoint = cursor.skip(".")
        let hasFraction = hasPoint && cursor.skipDigits(orUnderscores: true)
        guard hasWhole || hasFraction else { return false }
        var hasExponent = false
        if cursor.skip("e") || cursor.skip("E") {
            cursor.skipSign()
            hasExponent = cursor.skipDigits(orUnderscores: false)
            guard hasExponent else { return false }
        }
        return (hasPoint || hasExponent) && cursor.isAtEnd
    }

    /// `2026-11-21`, or with a time: `2026-11-21T07:30:00.5+01:00`, with blanks allowed before the time and the zone.
    static func isTimestamp(_ text: ArraySlice<UInt8>) -> Bool {
        var cursor = Cursor(text)
        guard cursor.skipDigits(4...4), cursor.skip("-"), cursor.skipDigits(1...2), cursor.skip("-"),
            cursor.skipDigits(1...2)
        else { return false }
        if cursor.isAtEnd { return true }
        guard cursor.skip("T") || cursor.skip("t") || cursor.skipBlanks() else { return false }
        guard cursor.skipDigits(1...2), cursor.skip(":"), cursor.skipDigits(2...2), cursor.skip(":"),
            cursor.skipDigits(2...2)
        else { return false }
        if cursor.skip(".") { _ = cursor.skipDigits(orUnderscores: false) }
        _ = cursor.skipBlanks()
        if cursor.isAtEnd || cursor.skip("Z") { return cursor.isAtEnd }
        guard cursor.skip("+") || cursor.skip("-"), cursor.skipDigits(1...2) else { return false }
        if cursor.skip(":") { return cursor.skipDigits(2...2) && cursor.isAtEnd }
        return cursor.isAtEnd
    }
}

/// Goes through a short ASCII text from left to right.
private struct Cursor {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }

    func rest(is text: String) -> Bool { rest.elementsEqual(text.utf8) }

    mutating func skip(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    mutating func skipSign() { if !skip("-") { _ = skip("+") } }

    /// Whether there is something left, and all of it is allowed.
    func skipAll(_ isAllowed: (Character) -> Bool) -> Bool {
        !rest.isEmpty && rest.allSatisfy { $0 < 0x80 && isAllowed(Character(Unicode.Scalar($0))) }
    }

    /// Skips digits, at least one; an underscore may stand anywhere but at the front.
    mutating func skipDigits(orUnderscores: Bool) -> Bool {
        guard let first = rest.first, Self.isDigit(first) else { return false }
        rest = rest.drop { Self.isDigit($0) || (orUnderscores && $0 == UInt8(ascii: "_")) }
        return true
    }

    /// Skips as many digits as allowed; false if there are fewer.
    mutating func skipDigits(_ count: ClosedRange<Int>) -> Bool {
        let found = rest.prefix(count.upperBound).prefix(while: Self.isDigit).count
        rest = rest.dropFirst(found)
        return count.contains(found)
    }

    mutating func skipBlanks() -> Bool {
        let before = rest.count
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return rest.count < before
    }

    /// Skips `:0` to `:59` as often as it comes; false if a colon is followed by anything else.
    mutating func skipSexagesimal() -> Bool {
        while skip(":") {
            let leading = rest.first
            let before = rest.count
            guard let leading, skipDigits(1...2), before - rest.count == 1 || leading <= UInt8(ascii: "5") else {
                return false
            }
        }
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

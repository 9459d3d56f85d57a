/// Whole numbers as protocols and manifests write them: digits and nothing else.
package enum DecimalNumber {
    /// The value, or nil for signs, blanks, separators, an empty text or one that is too large.
    ///
    /// `Int("+993")` is 993 in Swift; a port or a length written so is a mistake or an attack.
    package static func parse(_ text: some Sequence<UInt8>, max: Int = .max) -> Int? {
        var value = 0
        var seen = false
        for character in text {
            guard character >= UInt8(ascii: "0"), character <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(character - UInt8(ascii: "0")))
            guard !overflow, !carry, sum <= max else { return nil }
            value = sum
            seen = true
        }
        return seen ? value : nil
    }

    /// The value of a text, by the same rule.
    package static func parse(_ text: String, max: Int = .max) -> Int? { parse(text.utf8, max: max) }
}

import KeelBase

/// What the value of a variable may be.
package enum VariableType: String, Sendable, CaseIterable {
    case text, host, port, boolean, integer, date, duration, url

    /// What is wanted, for people.
    package var words: String {
        switch self {
        case .text: "text without line breaks and other control characters"
        case .host: "a host name or address, without scheme, port and path"
        case .port: "a number from 1 to 65535"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .date: "a date like 2027-03-01"
        case .duration: "a time like 90d, 12h or 30m"
        case .url: "an address that begins with https://"
        }
    }

    /// Whether a text, wherever it comes from, is such a value.
    package func accepts(_ text: String) -> Bool {
        switch self {
        case .text:
            !text.isEmpty
                && !text.unicodeScalars.contains { $0.properties.generalCategory == .control || $0.isLineBreak }
        case .host:
            HostName.isHost(text)
        case .port: DecimalNumber.parse(text, max: 65535).map { $0 > 0 } ?? false && !text.hasPrefix("0")
        case .boolean: text == "true" || text == "false"
        case .integer: Self.isInteger(text)
        case .date: text.utf8.count == 10 && Timestamp(parsing: text) != nil
        case .duration:
            text.last.map { "dhm".contains($0) } ?? false && (DecimalNumber.parse(String(text.dropLast())) ?? 0) > 0
        case .url: (try? EndpointURL(parsing: text)) != nil
        }
    }

    /// Whether YAML has to write the value without quotes, as in fields of that type.
    var isPlain: Bool {
        switch self {
        case .port, .boolean, .integer: true
        case .text, .host, .date, .duration, .url: false
        }
    }

    /// Whether every reader takes the digits for the same number: no leading zero, which some read as octal.
    private static func isInteger(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        return DecimalNumber.parse(String(digits)) != nil && (digits == "0" ? text == "0" : !digits.hasPrefix("0"))
    }
}

extension Unicode.Scalar {
    fileprivate var isLineBreak: Bool {
        properties.generalCategory == .lineSeparator || properties.generalCategory == .paragraphSeparator
            || properties.isBidiControl
    }
}

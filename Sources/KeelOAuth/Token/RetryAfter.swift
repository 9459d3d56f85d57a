import KeelBase

/// The `Retry-After` header (RFC 9110 section 10.2.3).
enum RetryAfter {
    /// The longest wait that is passed on, in seconds: a day.
    static let longest = 86_400

    /// The seconds to wait, from a number or a date; nil when the header is absent or unreadable.
    static func seconds(_ response: HTTPResponse, at now: Timestamp) -> Int? {
        guard let value = response.header("Retry-After") else { return nil }
        let text = value.split(separator: " ").joined(separator: " ")
        if let seconds = DecimalNumber.parse(text) { return min(seconds, longest) }
        guard let until = ServerClock.date(text) else { return nil }
        // The server's clock wrote the date, so the server's clock is what it counts from.
        let from = ServerClock.time(response) ?? now
        return Int(min(max(until.seconds - from.seconds, 0), Int64(longest)))
    }
}

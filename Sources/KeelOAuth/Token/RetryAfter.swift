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
        guard let until = date(text) else { return nil }
        // The server's clock wrote the date, so the server's clock is what it counts from.
        let from = response.header("Date").flatMap { date($0) } ?? now
        return Int(min(max(until.seconds - from.seconds, 0), Int64(longest)))
    }

    /// The preferred form alone, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7); years before 10000.
    private static func date(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: words[2].lowercased()) else {
            return nil
        }
        return Timestamp(parsing: "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
}

import KeelBase

/// What time it is where a server is, by its `Date` header (RFC 9110 section 6.6.1).
package enum ServerClock {
    /// The largest difference that is nobody's fault, in seconds.
    static let tolerance: Int64 = 60

    /// How many seconds the server's clock is ahead of ours; nil when it is not known, or when it is within a minute.
    package static func skew(_ response: HTTPResponse, at now: Timestamp) -> Int? {
        guard let theirs = time(response) else { return nil }
        let skew = theirs.seconds - now.seconds
        return abs(skew) > tolerance ? Int(skew) : nil
    }

    static func time(_ response: HTTPResponse) -> Timestamp? { response.header("Date").flatMap { date($0) } }

    /// The preferred form alone, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7); years before 10000.
    static func date(_ text: String) -> Timestamp? {
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

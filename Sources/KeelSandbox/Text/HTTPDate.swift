import KeelBase

extension Timestamp {
    /// `Sat, 21 Nov 2026 07:30:00 GMT` (RFC 9110 section 5.6.7).
    var httpDate: String {
        let fields = description.split { "-T:Z".contains($0) }
        guard fields.count == 6, let month = Int(fields[1]), Self.months.indices.contains(month - 1) else { return "" }
        // 1970-01-01 was a Thursday.
        let day = Self.days[Int((seconds / 86400 % 7 + 7 + 4) % 7)]
        return "\(day), \(fields[2]) \(Self.months[month - 1]) \(fields[0]) \(fields[3]):\(fields[4]):\(fields[5]) GMT"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension Timestamp {
    /// `Sat, 21 Nov 2026 07:30:00 +0000` (RFC 5322 section 3.3).
    var mailDate: String { httpDate.dropLast(3) + "+0000" }
}

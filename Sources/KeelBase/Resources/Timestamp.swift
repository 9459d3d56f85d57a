/// A point in time, to the second, in UTC, in the years 0 to 9999: those that RFC 3339 can write.
package struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let seconds: Int64

    private static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// A time outside of the years that can be written becomes the nearest inside: lifetimes come from servers, and
    /// whatever is stored must be readable again.
    package init(seconds: Int64) {
        self.seconds = min(max(seconds, Self.writable.lowerBound), Self.writable.upperBound)
    }

    package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

    package func adding(seconds more: Int64) -> Timestamp {
        let (sum, overflow) = seconds.addingReportingOverflow(more)
        return Timestamp(seconds: overflow ? (more < 0 ? .min : .max) : sum)
    }

    /// `2026-11-21T07:30:00Z` (RFC 3339).
    package var description: String {
        let days = seconds.flooredDivision(by: 86400)
        let second = seconds - days * 86400
        let (year, month, day) = Self.civil(days)
        return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(day, 2) + "T"
            + Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2) + ":" + Self.padded(second % 60, 2)
            + "Z"
    }

    /// Reads `2026-11-21T07:30:00Z`, or a date alone as its first second; nil for anything else.
    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>, max: Int) -> Int64? {
            DecimalNumber.parse(bytes[range], max: max).map(Int64.init)
        }
        guard
            bytes.count == 10
                || (bytes.count == 20 && bytes[19] == UInt8(ascii: "Z") && bytes[10] == UInt8(ascii: "T")),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(0..<4, max: 9999), let month = number(5..<7, max: 12), let day = number(8..<10, max: 31),
            month > 0, day > 0
        else { return nil }
        let days = Self.days(year, month, day)
        guard Self.civil(days) == (year, month, day) else { return nil }
        guard bytes.count == 20 else {
            self.init(seconds: days * 86400)
            return
        }
        guard bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = number(11..<13, max: 23), let minute = number(14..<16, max: 59),
            let second = number(17..<19, max: 59)
        else { return nil }
        self.init(seconds: days * 86400 + hour * 3600 + minute * 60 + second)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// The proleptic Gregorian date of a day number, counted in eras of 400 years that begin on the first of March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredDivision(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}

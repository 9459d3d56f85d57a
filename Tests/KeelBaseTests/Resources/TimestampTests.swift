import KeelBase
import KeelTestSupport
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (1_795_246_200, "2026-11-21T07:30:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
            (-62_167_219_200, "0000-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-86400, "1969-12-31T00:00:00Z"), (-11_644_473_600, "1601-01-01T00:00:00Z"),
        ] as [(Int64, String)])
    func `known times are written and read`(seconds: Int64, text: String) {
        #expect(Timestamp(seconds: seconds).description == text)
        #expect(Timestamp(parsing: text)?.seconds == seconds)
    }

    @Test func `random times of all years come back`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let time = Timestamp(seconds: Int64.random(in: -62_167_219_200...253_402_300_799, using: &generator))
            #expect(Timestamp(parsing: time.description) == time)
        }
    }

    @Test func `every day of four centuries follows the one before`() {
        var previous = Timestamp(parsing: "1899-12-31")
        for day in 0..<146_097 {
            let time = Timestamp(seconds: -2_208_988_800 + Int64(day) * 86400)
            let date = String(time.description.prefix(10))
            let read = Timestamp(parsing: date)
            guard read == time, let before = previous, before < time else {
                Issue.record("\(date) does not come back")
                return
            }
            previous = read
        }
    }

    @Test(arguments: [
        "", "2026", "2026-02-29", "2100-02-29", "2026-04-31", "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32",
        "2026-1-01", "26-01-01", "+026-01-01", "2026/01/01", "2026-01-01T", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01t00:00:00Z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.5Z",
        "2026-01-01T0:00:000Z", "2026-01-01T00-00-00Z", " 2026-01-01", "2026-01-01\n", "2026-01-\u{661}",
    ])
    func `what is no time is refused`(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test func `a date is its first second`() {
        #expect(Timestamp(parsing: "2027-03-01") == Timestamp(parsing: "2027-03-01T00:00:00Z"))
    }

    /// Lifetimes come from servers, and what is stored must be readable again.
    @Test(arguments: [Int64.max, Int64.max - 1_795_246_200 + 1, 1 << 40, .min, -(1 << 40), Int64.min + 1])
    func `a time outside of the years that can be written is the nearest one inside`(seconds: Int64) {
        let far = Timestamp(seconds: 1_795_246_200).adding(seconds: seconds)
        #expect(far.description == (seconds > 0 ? "9999-12-31T23:59:59Z" : "0000-01-01T00:00:00Z"))
        #expect(Timestamp(parsing: far.description) == far)
        #expect(Timestamp(seconds: seconds) == far)
    }

    @Test func `times are ordered and can be moved`() {
        let time = Timestamp(seconds: 100)
        #expect(time < time.adding(seconds: 1) && time.adding(seconds: -100) == Timestamp(seconds: 0))
    }
}

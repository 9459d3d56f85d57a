/// Why stored bytes cannot be understood.
struct ReadingFault: Error, Equatable {
    /// Where, counted from the first byte, from 0.
    let offset: Int
    /// In words that may hold foreign text: clean them before they are shown.
    let reason: String
    /// The format, when it is one of a later version.
    let newerVersion: Int?

    init(_ offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
        newerVersion = nil
    }

    init(newer version: Int) {
        offset = 0
        reason = "it has format \(version)"
        newerVersion = version
    }

    /// The number of the line, from 1.
    func line(in bytes: [UInt8]) -> Int {
        1 + bytes[..<min(offset, bytes.count)].count { $0 == UInt8(ascii: "\n") }
    }
}

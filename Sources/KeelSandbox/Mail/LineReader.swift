import KeelBase

/// Lines from a connection: bounded, ended by CRLF or by a lone line feed.
struct LineReader {
    enum Line {
        /// Without its end.
        case line([UInt8])
        case tooLong
        case end
    }

    /// Room for the longest base 64 token in use and the command around it, in bytes.
    static let limit = 16 * 1024

    private let stream: any ByteStream
    private var buffer: [UInt8] = []
    /// Where the next line begins in the buffer.
    private var start = 0

    init(_ stream: any ByteStream) { self.stream = stream }

    /// Bytes that came and that nobody looked at.
    var hasMore: Bool { start < buffer.count }

    /// Whether a whole line is among them.
    var hasLine: Bool { buffer[start...].contains(UInt8(ascii: "\n")) }

    mutating func next() async throws(ConnectionFailure) -> Line {
        var searched = start
        while true {
            if let feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = feed + 1 }
                let line = buffer[start..<feed]
                guard line.count <= Self.limit else { return .tooLong }
                return .line(Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
            }
            guard buffer.count - start <= Self.limit else { return .tooLong }
            searched = try await fill()
            if searched == buffer.count { return .end }
        }
    }

    /// So many bytes, whatever they are; nil if the client goes first.
    mutating func next(count: Int) async throws(ConnectionFailure) -> [UInt8]? {
        while buffer.count - start < count {
            if try await fill() == buffer.count { return nil }
        }
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    /// Adds what comes next, and returns where it begins: at the end of the buffer if nothing does.
    private mutating func fill() async throws(ConnectionFailure) -> Int {
        buffer.removeFirst(start)
        start = 0
        let before = buffer.count
        buffer += try await stream.read()
        return before
    }
}

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
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            let more = try await stream.read()
            guard !more.isEmpty else { return .end }
            buffer += more
        }
    }
}

/// Cuts a stream into lines, whatever the pieces in which it arrives, for protocols that are made of nothing else.
struct LineReader: Sendable {
    /// The longest line in bytes; a mechanism's message may have 12288 (RFC 4954 section 4).
    static let lineLimit = 16 * 1024
    /// Everything that a server says, in bytes.
    static let totalLimit = 1024 * 1024

    private var text: [UInt8] = []
    private var totalBytes = 0

    /// Takes bytes from `input` up to the end of the next line; nil when `input` is used up before.
    mutating func next(_ input: inout ArraySlice<UInt8>) throws(ReadingFault) -> [UInt8]? {
        guard !input.isEmpty else { return nil }
        let end = input.firstIndex(of: UInt8(ascii: "\n"))
        let part = input[..<(end ?? input.endIndex)]
        guard text.count + part.count <= Self.lineLimit else { throw .lineTooLong }
        totalBytes += part.count + (end == nil ? 0 : 1)
        guard totalBytes <= Self.totalLimit else { throw .responseTooLarge }
        text.append(contentsOf: part)
        input = end.map { input[($0 + 1)...] } ?? []
        guard end != nil else { return nil }
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        defer { text = [] }
        return text
    }
}

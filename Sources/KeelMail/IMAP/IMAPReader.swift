import KeelBase

/// Cuts a stream into responses (RFC 9051 sections 2.2.2 and 4.3), whatever the pieces in which it arrives.
///
/// It keeps only the response that is not complete yet, and none of its limits depends on how the bytes were cut.
struct IMAPReader: Sendable {
    /// The longest line, or part of one between literals, in bytes.
    static let lineLimit = 64 * 1024
    /// The longest literal, in bytes.
    static let literalLimit = 1024 * 1024
    /// Everything that a server says, and so any one response with its literals, in bytes.
    static let totalLimit = 2 * 1024 * 1024

    /// So much is kept of a literal's content, in bytes.
    static let keptLimit = 16 * 1024

    /// A response, its lines in a row.
    struct Response: Sendable, Equatable {
        let text: [UInt8]
        /// The first literal's content; nil without one.
        let literal: [UInt8]?
    }

    /// What there is of a response, its lines in a row.
    private var text: [UInt8] = []
    /// Where the last of those lines begins.
    private var lineStart = 0
    /// Known from the first line on.
    private var mayHoldLiterals: Bool?
    private var literalLeft = 0
    private var literal: [UInt8]?
    private var literalCount = 0
    private var totalBytes = 0

    /// Takes bytes from `input` up to the end of the next response; nil when `input` is used up before.
    ///
    /// Of a literal its mark `{n}` is left in the text; the first one's content stands beside it.
    mutating func next(_ input: inout ArraySlice<UInt8>) throws(ReadingFault) -> Response? {
        while !input.isEmpty {
            if literalLeft > 0 {
                let part = input.prefix(literalLeft)
                try count(part.count)
                literalLeft -= part.count
                keep(part)
                input = input.dropFirst(part.count)
            } else if let response = try takeLine(&input) {
                return response
            }
        }
        return nil
    }

    private mutating func takeLine(_ input: inout ArraySlice<UInt8>) throws(ReadingFault) -> Response? {
        let end = input.firstIndex(of: UInt8(ascii: "\n"))
        let part = input[..<(end ?? input.endIndex)]
        guard text.count - lineStart + part.count <= Self.lineLimit else { throw .lineTooLong }
        try count(part.count + (end == nil ? 0 : 1))
        text.append(contentsOf: part)
        input = end.map { input[($0 + 1)...] } ?? []
        guard end != nil else { return nil }
        if text.count > lineStart, text.last == UInt8(ascii: "\r") { text.removeLast() }
        if let length = try announcedLiteral() {
            lineStart = text.count
            literalLeft = length
            literalCount += 1
            if literalCount == 1 { literal = [] }
            return nil
        }
        defer {
            text = []
            literal = nil
            literalCount = 0
            lineStart = 0
            mayHoldLiterals = nil
        }
        return Response(text: text, literal: literal)
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        guard literalCount == 1, let kept = literal?.count, kept < Self.keptLimit else { return }
        literal?.append(contentsOf: part.prefix(Self.keptLimit - kept))
    }

    private mutating func count(_ more: Int) throws(ReadingFault) {
        totalBytes += more
        guard totalBytes <= Self.totalLimit else { throw .responseTooLarge }
    }

    /// The length in a `{n}` that ends the line; nil without one.
    private mutating func announcedLiteral() throws(ReadingFault) -> Int? {
        let line = text[lineStart...]
        guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        // Asked once for each response, or a long first line would be read again at every literal.
        let may = mayHoldLiterals ?? IMAPResponse.mayHoldLiterals(text)
        mayHoldLiterals = may
        var digits = line[(open + 1)..<(line.endIndex - 1)]
        if digits.last == UInt8(ascii: "+") { digits = digits.dropLast() }
        guard may, !digits.isEmpty, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            return nil
        }
        guard let length = DecimalNumber.parse(digits, max: Self.literalLimit) else { throw .literalTooLarge }
        return length
    }
}

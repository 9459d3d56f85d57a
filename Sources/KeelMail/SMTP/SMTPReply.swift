import KeelBase

/// A reply with all its lines (RFC 5321 section 4.2).
struct SMTPReply: Sendable, Equatable {
    /// 220 to 599.
    let code: Int
    /// What stands behind the code of each line, the enhanced code cut off.
    let texts: [[UInt8]]
    let enhanced: EnhancedStatus?

    /// The code with the enhanced one, and the words of all lines.
    var answer: ServerAnswer {
        let words = texts.joined(separator: [UInt8(ascii: " ")])
        return ServerAnswer(
            code: enhanced.map { "\(code) \($0)" } ?? String(code), words: ForeignText(Array(words)))
    }

    var isPositive: Bool { (200..<300).contains(code) }
    var isTransient: Bool { (400..<500).contains(code) }
}

/// `5.7.8`: what a reply means more exactly (RFC 3463, and what providers added).
struct EnhancedStatus: Sendable, Hashable, CustomStringConvertible {
    let severity: Int
    let subject: Int
    let detail: Int

    init(_ severity: Int, _ subject: Int, _ detail: Int) {
        self.severity = severity
        self.subject = subject
        self.detail = detail
    }

    var description: String { "\(severity).\(subject).\(detail)" }

    /// Reads it at the start of a reply's text, and cuts it off. It counts only where it agrees with the code.
    init?(cuttingFrom text: inout ArraySlice<UInt8>, code: Int) {
        let word = text.prefix { $0 != UInt8(ascii: " ") }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let numbers = parts.compactMap { DecimalNumber.parse($0, max: 999) }
        guard word.count <= 11, parts.count == 3, numbers.count == 3, numbers[0] == code / 100 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
        text = text.dropFirst(word.count).drop { $0 == UInt8(ascii: " ") }
    }
}

/// Gathers the lines of replies.
struct SMTPReplyParser: Sendable {
    /// More lines than any server's list of extensions has.
    static let mostLines = 256

    private var code: Int?
    private var texts: [ArraySlice<UInt8>] = []

    /// What a line comes to.
    enum Outcome: Equatable {
        /// The reply goes on.
        case incomplete
        case reply(SMTPReply)
        case unreadable
        case tooMany
    }

    mutating func take(_ line: [UInt8]) -> Outcome {
        let separator = line.count > 3 ? line[3] : UInt8(ascii: " ")
        guard line.count >= 3, let code = DecimalNumber.parse(line.prefix(3)), (200..<600).contains(code),
            self.code == nil || self.code == code, separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-")
        else { return .unreadable }
        guard texts.count < Self.mostLines else { return .tooMany }
        self.code = code
        texts.append(line.dropFirst(4))
        guard separator == UInt8(ascii: " ") else { return .incomplete }
        defer { self = SMTPReplyParser() }
        // A challenge is base 64, in which nothing is a status. The last line's is the one that counts.
        guard code / 100 != 3 else { return .reply(SMTPReply(code: code, texts: texts.map(Array.init), enhanced: nil)) }
        var enhanced: EnhancedStatus?
        for index in texts.indices {
            enhanced = EnhancedStatus(cuttingFrom: &texts[index], code: code) ?? enhanced
        }
        return .reply(SMTPReply(code: code, texts: texts.map(Array.init), enhanced: enhanced))
    }
}

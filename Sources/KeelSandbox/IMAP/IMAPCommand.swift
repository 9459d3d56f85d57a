/// A client's command: tag, name and words (RFC 3501 section 2.2.1).
struct IMAPCommand {
    /// Why a line is no command that this server reads.
    enum Fault: Error {
        /// No tag to answer with.
        case noTag
        case noCommand(tag: String)
        /// A quoted string without its end.
        case unreadable(tag: String)
    }

    let tag: String
    /// In upper case.
    let name: String
    /// The words after the name: atoms, and strings without their quotes.
    let words: [String]
    /// The bytes of the words, for those that are no UTF-8.
    let rawWords: [[UInt8]]

    /// Reads a line and the literals in it.
    init(_ line: IMAPLine) throws(Fault) {
        let words = line.words
        guard let tag = words?.first ?? line.firstWord, !tag.isEmpty, tag.allSatisfy(Self.isTagCharacter) else {
            throw .noTag
        }
        self.tag = String(decoding: tag, as: UTF8.self)
        guard let words else { throw .unreadable(tag: self.tag) }
        guard words.count > 1 else { throw .noCommand(tag: self.tag) }
        name = String(decoding: words[1], as: UTF8.self).uppercased()
        rawWords = Array(words.dropFirst(2))
        self.words = rawWords.map { String(decoding: $0, as: UTF8.self) }
    }

    /// ASTRING-CHAR without `+` (RFC 3501 section 9).
    private static func isTagCharacter(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"(){%*\"\\+".utf8.contains(byte)
    }
}

/// A command's line, which is in pieces where there are literals.
struct IMAPLine {
    /// A literal that the line ends with (RFC 3501 section 4.3), and whether it waits to be asked for (RFC 7888).
    struct Literal: Equatable {
        let count: Int
        let waits: Bool
    }

    private enum Piece {
        case text([UInt8])
        case literal([UInt8])
    }

    private var pieces: [Piece] = []

    /// Adds text; gives the literal that must follow.
    mutating func add(_ text: [UInt8]) -> Literal? {
        guard text.last == UInt8(ascii: "}"), let brace = text.lastIndex(of: UInt8(ascii: "{")) else {
            pieces.append(.text(text))
            return nil
        }
        let size = String(decoding: text[(brace + 1)...].dropLast(), as: UTF8.self)
        let digits = size.hasSuffix("+") || size.hasSuffix("-") ? String(size.dropLast()) : size
        guard let count = Int(digits), count >= 0 else {
            pieces.append(.text(text))
            return nil
        }
        pieces.append(.text(Array(text[..<brace])))
        return Literal(count: count, waits: digits == size)
    }

    mutating func add(literal: [UInt8]) { pieces.append(.literal(literal)) }

    /// What stands before the first blank.
    var firstWord: [UInt8]? {
        guard case .text(let text)? = pieces.first else { return nil }
        return Array(text.prefix { $0 != UInt8(ascii: " ") })
    }

    /// Nil for a quoted string without its end. A list's parentheses stay part of its words.
    var words: [[UInt8]]? {
        var words: [[UInt8]] = []
        for piece in pieces {
            switch piece {
            case .literal(let bytes): words.append(bytes)
            case .text(let text):
                guard let found = Self.words(text) else { return nil }
                words += found
            }
        }
        return words
    }

    private static func words(_ text: [UInt8]) -> [[UInt8]]? {
        var words: [[UInt8]] = []
        var word: [UInt8]?
        var isQuoted = false
        var index = 0
        while index < text.count {
            defer { index += 1 }
            switch (text[index], isQuoted) {
            case (UInt8(ascii: "\""), false) where word == nil: (word, isQuoted) = ([], true)
            case (UInt8(ascii: "\""), true): isQuoted = false
            case (UInt8(ascii: "\\"), true) where index + 1 < text.count:
                index += 1
                word?.append(text[index])
            case (UInt8(ascii: " "), false):
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? []) + [text[index]]
            }
        }
        guard !isQuoted else { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}

/// A client's command: tag, name and the rest of the line (RFC 3501 section 2.2.1).
struct IMAPCommand {
    /// Why a line is no command that this server reads.
    enum Fault: Error {
        /// No tag to answer with.
        case noTag
        case noCommand(tag: String)
        /// A literal, for which the client now waits to be asked.
        case literal(tag: String)
        /// A literal that comes without being asked for (RFC 7888): what follows cannot be told from commands.
        case literalUnderWay
    }

    let tag: String
    /// In upper case.
    let name: String
    /// The words after the name; a quoted string is split at its blanks too, which nothing here minds.
    let words: [Substring]

    init(parsing line: [UInt8]) throws(Fault) {
        let text = String(decoding: line, as: UTF8.self)
        let words = text.split(separator: " ")
        guard let tag = words.first, tag.utf8.allSatisfy(Self.isTagCharacter) else { throw .noTag }
        if text.hasSuffix("}"), let brace = text.lastIndex(of: "{") {
            let size = text[text.index(after: brace)...].dropLast()
            if size.hasSuffix("+") || size.hasSuffix("-") { throw .literalUnderWay }
            throw .literal(tag: String(tag))
        }
        guard words.count > 1 else { throw .noCommand(tag: String(tag)) }
        self.tag = String(tag)
        name = words[1].uppercased()
        self.words = Array(words.dropFirst(2))
    }

    /// ASTRING-CHAR without `+` (RFC 3501 section 9).
    private static func isTagCharacter(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"(){%*\"\\+".utf8.contains(byte)
    }
}

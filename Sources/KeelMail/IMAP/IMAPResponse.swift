import KeelBase

/// One response, read as far as a login needs it (RFC 9051 section 9, `response`).
enum IMAPResponse: Equatable {
    /// `+ text`: the server waits for the rest of a command.
    case continuation([UInt8])
    /// `* OK`, `* BYE` and so on; `* PREAUTH` only as a greeting.
    case status(IMAPStatus, IMAPResponseText)
    /// `TAG OK`, `TAG NO`, `TAG BAD`.
    case completion(tag: String, IMAPStatus, IMAPResponseText)
    case capability(IMAPCapabilities)
    /// Any other untagged data, without `*`.
    case data(ArraySlice<UInt8>)
}

/// The condition that a status response states.
enum IMAPStatus: String {
    case ok = "OK"
    case no = "NO"
    case bad = "BAD"
    case preauth = "PREAUTH"
    case bye = "BYE"
}

/// The end of a status response: a code in brackets, if there is one, and words for people.
struct IMAPResponseText: Equatable {
    /// In upper case: `AUTHENTICATIONFAILED`.
    var code: String?
    /// What follows the code's name inside the brackets.
    var argument: ArraySlice<UInt8> = []
    var words: ForeignText

    /// The code and the words, to be shown.
    var answer: ServerAnswer { ServerAnswer(code: code, words: words) }

    /// Where a referral leads (RFC 2221 section 4.1), for a person to judge: nobody follows it.
    var referral: [ServerAnswer.Fact] {
        code == "REFERRAL" ? [ServerAnswer.Fact("referral", String(decoding: argument, as: UTF8.self))] : []
    }

    /// The capabilities, if that is the code.
    var capabilities: IMAPCapabilities? { code == "CAPABILITY" ? IMAPCapabilities(argument) : nil }
}

extension IMAPResponse {
    /// Nil when `line` is no response.
    init?(parsing line: [UInt8]) {
        if line.first == UInt8(ascii: "+") {
            guard line.count == 1 || line[1] == UInt8(ascii: " ") else { return nil }
            self = .continuation(Array(line.dropFirst(2)))
            return
        }
        var rest = line[...]
        let tag = Self.word(&rest)
        let data = rest
        let name = Self.word(&rest)
        guard !tag.isEmpty, !name.isEmpty, let keyword = Self.atom(name)?.uppercased() else { return nil }
        let status = IMAPStatus(rawValue: keyword)
        if tag.elementsEqual("*".utf8) {
            if let status {
                self = .status(status, IMAPResponseText(parsing: rest))
            } else {
                self = keyword == "CAPABILITY" ? .capability(IMAPCapabilities(rest)) : .data(data)
            }
            return
        }
        guard let tag = Self.atom(tag), let status, status != .preauth, status != .bye else { return nil }
        self = .completion(tag: tag, status, IMAPResponseText(parsing: rest))
    }

    /// Whether `{n}` at the end of this line announces a literal. In a status or continuation it is
    /// part of the words (RFC 9051 section 9, `resp-text`).
    static func mayHoldLiterals(_ line: [UInt8]) -> Bool {
        var rest = line[...]
        guard word(&rest).elementsEqual("*".utf8), let keyword = atom(word(&rest)) else { return false }
        return IMAPStatus(rawValue: keyword.uppercased()) == nil
    }

    /// Takes the bytes up to the next space, and the space.
    private static func word(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.endIndex
        defer { rest = rest[end...].dropFirst() }
        return rest[..<end]
    }

    /// Printable ASCII, or nil.
    static func atom(_ bytes: ArraySlice<UInt8>) -> String? {
        bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

extension IMAPResponseText {
    /// Reads `[CODE argument] words`; brackets that do not close are words.
    init(parsing text: ArraySlice<UInt8>) {
        guard text.first == UInt8(ascii: "["), let close = text.firstIndex(of: UInt8(ascii: "]")) else {
            self.init(words: ForeignText(text))
            return
        }
        let inside = text[(text.startIndex + 1)..<close]
        let end = inside.firstIndex(of: UInt8(ascii: " ")) ?? inside.endIndex
        let code = IMAPResponse.atom(inside[..<end]).flatMap { $0.isEmpty ? nil : $0.uppercased() }
        self.init(
            code: code, argument: inside[end...].dropFirst(), words: ForeignText(text[close...].dropFirst()))
    }
}

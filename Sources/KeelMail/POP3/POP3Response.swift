import KeelBase

/// The first line of a response (RFC 1939 section 3, RFC 5034 section 4).
enum POP3Response: Sendable, Equatable {
    case ok(POP3Text)
    case error(POP3Text)
    /// `+ text`: the server waits for the rest of `AUTH`.
    case continuation([UInt8])

    /// Nil when `line` is none.
    init?(parsing line: [UInt8]) {
        let end = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
        let rest = line[end...].dropFirst()
        switch String(decoding: line[..<end], as: UTF8.self).uppercased() {
        case "+OK": self = .ok(POP3Text(parsing: rest))
        case "-ERR": self = .error(POP3Text(parsing: rest))
        case "+": self = .continuation(Array(rest))
        default: return nil
        }
    }
}

/// The end of a status line: a code in brackets, if there is one (RFC 2449 section 8), and words for people.
struct POP3Text: Sendable, Equatable {
    /// In upper case: `SYS/TEMP`.
    let code: String?
    let words: ForeignText

    var answer: ServerAnswer { ServerAnswer(code: code, words: words) }

    init(parsing text: ArraySlice<UInt8>) {
        guard text.first == UInt8(ascii: "["), let close = text.firstIndex(of: UInt8(ascii: "]")),
            case let inside = text[(text.startIndex + 1)..<close], !inside.isEmpty, inside.count <= 64,
            inside.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            code = nil
            words = ForeignText(text)
            return
        }
        code = String(decoding: inside, as: UTF8.self).uppercased()
        words = ForeignText(text[close...].dropFirst())
    }
}

/// The response codes (RFC 2449 section 8.1, RFC 3206).
package enum POP3ResponseCode: String, Sendable, CaseIterable {
    case auth = "AUTH"
    case temporary = "SYS/TEMP"
    case permanent = "SYS/PERM"
    case inUse = "IN-USE"
    case loginDelay = "LOGIN-DELAY"

    /// What the code says of a login.
    var loginKind: MailFailure.Kind {
        switch self {
        case .auth: .authenticationFailed
        case .temporary: .temporarilyUnavailable
        case .permanent: .contactAdministrator
        case .inUse: .mailboxInUse
        case .loginDelay: .limitReached
        }
    }
}

/// What a server announced in its answer to `CAPA` (RFC 2449 section 5).
struct POP3Capabilities: Sendable, Equatable {
    /// As announced, each with its parameters.
    private(set) var names: [String] = []
    /// The SASL mechanisms, by name.
    private(set) var mechanisms: [String] = []
    private var known: Set<String> = []
    private var lineCount = 0

    private static let longestLine = 512
    /// More lines than any server has capabilities.
    static let mostLines = 256

    /// Takes one line of the list; false when there are too many.
    mutating func add(_ line: ArraySlice<UInt8>) -> Bool {
        lineCount += 1
        guard lineCount <= Self.mostLines else { return false }
        guard line.count <= Self.longestLine, line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return true }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
        guard let first = words.first?.uppercased() else { return true }
        names.append(words.joined(separator: " "))
        known.insert(first)
        if first == "SASL" { mechanisms += words.dropFirst() }
        return true
    }

    func contains(_ name: String) -> Bool { known.contains(name) }
}

/// The stamp of a greeting, with which APOP makes a digest (RFC 1939 section 7).
enum POP3Stamp {
    /// The stamp in a greeting's words; nil without one that is a message id.
    ///
    /// Anything laxer would let a false server ask for digests from which the password can be found (CVE-2007-1558).
    static func find(in line: [UInt8]) -> [UInt8]? {
        guard let open = line.lastIndex(of: UInt8(ascii: "<")),
            let close = line[open...].firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        let inside = line[(open + 1)..<close]
        let halves = inside.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard inside.count <= 256, halves.count == 2, halves.allSatisfy({ !$0.isEmpty }),
            inside.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return Array(line[open...close])
    }
}

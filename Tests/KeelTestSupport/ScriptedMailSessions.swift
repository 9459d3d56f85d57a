import KeelBase

/// One conversation with a client: lines in, bytes out. It takes XOAUTH2 and PLAIN.
protocol ScriptedMailSession: Sendable {
    /// What is said first.
    var greeting: String { get }
    var isOver: Bool { get }

    mutating func answer(_ line: String) -> String
    /// TLS stands from now on.
    mutating func secure()
}

/// What a session decides by.
struct ScriptedMailJudge: Sendable {
    /// Of a credential in its wire form, decoded.
    let login: @Sendable (_ userName: String, _ credential: String) -> ScriptedMailServer.Verdict
    let sender: @Sendable (_ sender: String) -> Bool

    static let mechanisms = "XOAUTH2 PLAIN"

    /// The error that a token gets before the protocol says no.
    static let challenge = Base64.text(Array(#"{"status":"400"}"#.utf8))

    /// The verdict on a response in base 64; `isBearer` where an error comes by a challenge first.
    func judge(_ response: String) -> (verdict: ScriptedMailServer.Verdict, isBearer: Bool) {
        let decoded = String(decoding: Base64.decode(response.utf8) ?? [], as: UTF8.self)
        if let bearer = decoded.split(separator: "\u{1}").first(where: { $0.hasPrefix("auth=Bearer ") }) {
            let user = decoded.split(separator: "\u{1}").first { $0.hasPrefix("user=") }?.dropFirst(5) ?? ""
            return (login(String(user), String(bearer.dropFirst(12))), true)
        }
        let parts = decoded.split(separator: "\0", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return (.refuse, false) }
        return (login(String(parts[1]), String(parts[2])), false)
    }
}

struct ScriptedIMAPSession: ScriptedMailSession {
    let judge: ScriptedMailJudge
    var isSecure: Bool
    var isOver = false
    /// The tag of a login that was refused by a challenge, which the client answers with a line of its own.
    private var challenged: String?

    init(_ judge: ScriptedMailJudge, isSecure: Bool) {
        self.judge = judge
        self.isSecure = isSecure
    }

    private var capabilities: String {
        let mechanisms = ScriptedMailJudge.mechanisms.split(separator: " ").map { "AUTH=\($0)" }.joined(separator: " ")
        return isSecure ? "IMAP4rev1 SASL-IR \(mechanisms)" : "IMAP4rev1 STARTTLS LOGINDISABLED"
    }

    var greeting: String { "* OK [CAPABILITY \(capabilities)] at your service\r\n" }

    mutating func secure() { isSecure = true }

    mutating func answer(_ line: String) -> String {
        if let tag = challenged {
            challenged = nil
            return "\(tag) NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"
        }
        let words = line.split(separator: " ").map(String.init)
        guard words.count > 1 else { return "* BAD what?\r\n" }
        switch words[1] {
        case "CAPABILITY": return "* CAPABILITY \(capabilities)\r\n\(words[0]) OK done\r\n"
        case "STARTTLS": return "\(words[0]) OK go ahead\r\n"
        case "AUTHENTICATE": return authenticate(words[0], words.last ?? "")
        case "NAMESPACE": return "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n\(words[0]) OK done\r\n"
        case "EXAMINE": return "* 0 EXISTS\r\n\(words[0]) OK [READ-ONLY] done\r\n"
        case "LOGOUT":
            isOver = true
            return "* BYE see you\r\n\(words[0]) OK done\r\n"
        default: return "\(words[0]) BAD unknown command\r\n"
        }
    }

    private mutating func authenticate(_ tag: String, _ response: String) -> String {
        switch judge.judge(response) {
        case (.accept, _): return "\(tag) OK [CAPABILITY IMAP4rev1 NAMESPACE] welcome\r\n"
        case (.refuse, true):
            challenged = tag
            return "+ \(ScriptedMailJudge.challenge)\r\n"
        case (.refuse, false): return "\(tag) NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"
        case (.hangUp, _):
            isOver = true
            return ""
        }
    }
}

struct ScriptedSMTPSession: ScriptedMailSession {
    let judge: ScriptedMailJudge
    var isSecure: Bool
    var isOver = false
    private var waitsForResponse = false
    private var isChallenged = false

    init(_ judge: ScriptedMailJudge, isSecure: Bool) {
        self.judge = judge
        self.isSecure = isSecure
    }

    var greeting: String { "220 mail.example.com at your service\r\n" }

    mutating func secure() { isSecure = true }

    mutating func answer(_ line: String) -> String {
        if isChallenged {
            isChallenged = false
            return "535 5.7.8 Invalid credentials\r\n"
        }
        if waitsForResponse {
            waitsForResponse = false
            return authenticate(line)
        }
        switch line.prefix(while: { $0 != " " }).uppercased() {
        case "EHLO":
            return "250-mail.example.com\r\n250 \(isSecure ? "AUTH \(ScriptedMailJudge.mechanisms)" : "STARTTLS")\r\n"
        case "STARTTLS": return "220 2.0.0 go ahead\r\n"
        case "AUTH":
            let words = line.split(separator: " ")
            if words.count > 2 { return authenticate(String(words[2])) }
            waitsForResponse = true
            return "334 \r\n"
        case "MAIL":
            let sender = line.split(separator: "<").last.map { String($0.prefix { $0 != ">" }) } ?? ""
            return judge.sender(sender) ? "250 2.1.0 ok\r\n" : "550 5.7.60 not as \(sender)\r\n"
        case "RSET": return "250 2.0.0 ok\r\n"
        case "QUIT":
            isOver = true
            return "221 2.0.0 see you\r\n"
        default: return "502 5.5.1 unknown command\r\n"
        }
    }

    private mutating func authenticate(_ response: String) -> String {
        switch judge.judge(response) {
        case (.accept, _): return "235 2.7.0 welcome\r\n"
        case (.refuse, true):
            isChallenged = true
            return "334 \(ScriptedMailJudge.challenge)\r\n"
        case (.refuse, false): return "535 5.7.8 Invalid credentials\r\n"
        case (.hangUp, _):
            isOver = true
            return ""
        }
    }
}

struct ScriptedPOP3Session: ScriptedMailSession {
    let judge: ScriptedMailJudge
    var isSecure: Bool
    var isOver = false
    private var waitsForResponse = false
    private var isChallenged = false

    init(_ judge: ScriptedMailJudge, isSecure: Bool) {
        self.judge = judge
        self.isSecure = isSecure
    }

    var greeting: String { "+OK at your service\r\n" }

    mutating func secure() { isSecure = true }

    mutating func answer(_ line: String) -> String {
        if isChallenged {
            isChallenged = false
            return "-ERR [AUTH] Invalid credentials\r\n"
        }
        if waitsForResponse {
            waitsForResponse = false
            return authenticate(line)
        }
        switch line.prefix(while: { $0 != " " }).uppercased() {
        case "CAPA":
            return "+OK\r\n\(isSecure ? "SASL \(ScriptedMailJudge.mechanisms)" : "STLS")\r\nRESP-CODES\r\n.\r\n"
        case "STLS": return "+OK go ahead\r\n"
        case "AUTH":
            waitsForResponse = true
            return "+ \r\n"
        case "STAT": return "+OK 0 0\r\n"
        case "QUIT":
            isOver = true
            return "+OK see you\r\n"
        default: return "-ERR unknown command\r\n"
        }
    }

    private mutating func authenticate(_ response: String) -> String {
        switch judge.judge(response) {
        case (.accept, _): return "+OK welcome\r\n"
        case (.refuse, true):
            isChallenged = true
            return "+ \(ScriptedMailJudge.challenge)\r\n"
        case (.refuse, false): return "-ERR [AUTH] Invalid credentials\r\n"
        case (.hangUp, _):
            isOver = true
            return ""
        }
    }
}

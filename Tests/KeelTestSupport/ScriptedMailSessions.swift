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
        case (.expire, _):
            isOver = true
            return "* BYE Session invalidated - AccessTokenExpired\r\n"
        case (.hangUp, _):
            isOver = true
            return ""
        }
    }
}

/// A login in two steps, as SMTP and POP3 have it, in the words of one of them.
private struct ScriptedLogin: Sendable {
    let judge: ScriptedMailJudge
    /// What stands before a challenge.
    let prompt: String
    let welcome: String
    let refusal: String
    private(set) var isCut = false
    private var waitsForResponse = false
    private var isChallenged = false

    init(_ judge: ScriptedMailJudge, prompt: String, welcome: String, refusal: String) {
        self.judge = judge
        self.prompt = prompt
        self.welcome = welcome
        self.refusal = refusal
    }

    mutating func begin() -> String {
        waitsForResponse = true
        return "\(prompt)\r\n"
    }

    /// The answer to a line that belongs to the login; nil to a command.
    mutating func answer(_ line: String) -> String? {
        if isChallenged {
            isChallenged = false
            return "\(refusal)\r\n"
        }
        guard waitsForResponse else { return nil }
        waitsForResponse = false
        return decide(line)
    }

    mutating func decide(_ response: String) -> String {
        switch judge.judge(response) {
        case (.accept, _): return "\(welcome)\r\n"
        case (.refuse, true), (.expire, true):
            isChallenged = true
            return "\(prompt)\(ScriptedMailJudge.challenge)\r\n"
        case (.refuse, false), (.expire, false): return "\(refusal)\r\n"
        case (.hangUp, _):
            isCut = true
            return ""
        }
    }
}

struct ScriptedSMTPSession: ScriptedMailSession {
    let judge: ScriptedMailJudge
    var isSecure: Bool
    var isOver: Bool { hasLeft || login.isCut }
    private var login: ScriptedLogin
    private var hasLeft = false

    init(_ judge: ScriptedMailJudge, isSecure: Bool) {
        self.judge = judge
        self.isSecure = isSecure
        login = ScriptedLogin(
            judge, prompt: "334 ", welcome: "235 2.7.0 welcome", refusal: "535 5.7.8 Invalid credentials")
    }

    var greeting: String { "220 mail.example.com at your service\r\n" }

    mutating func secure() { isSecure = true }

    mutating func answer(_ line: String) -> String {
        if let reply = login.answer(line) { return reply }
        switch line.prefix(while: { $0 != " " }).uppercased() {
        case "EHLO":
            return "250-mail.example.com\r\n250 \(isSecure ? "AUTH \(ScriptedMailJudge.mechanisms)" : "STARTTLS")\r\n"
        case "STARTTLS": return "220 2.0.0 go ahead\r\n"
        case "AUTH":
            let words = line.split(separator: " ")
            return words.count > 2 ? login.decide(String(words[2])) : login.begin()
        case "MAIL":
            let sender = line.split(separator: "<").last.map { String($0.prefix { $0 != ">" }) } ?? ""
            return judge.sender(sender) ? "250 2.1.0 ok\r\n" : "550 5.7.60 not as \(sender)\r\n"
        case "RSET": return "250 2.0.0 ok\r\n"
        case "QUIT":
            hasLeft = true
            return "221 2.0.0 see you\r\n"
        default: return "502 5.5.1 unknown command\r\n"
        }
    }
}

struct ScriptedPOP3Session: ScriptedMailSession {
    var isSecure: Bool
    var isOver: Bool { hasLeft || login.isCut }
    private var login: ScriptedLogin
    private var hasLeft = false

    init(_ judge: ScriptedMailJudge, isSecure: Bool) {
        self.isSecure = isSecure
        login = ScriptedLogin(judge, prompt: "+ ", welcome: "+OK welcome", refusal: "-ERR [AUTH] Invalid credentials")
    }

    var greeting: String { "+OK at your service\r\n" }

    mutating func secure() { isSecure = true }

    mutating func answer(_ line: String) -> String {
        if let reply = login.answer(line) { return reply }
        switch line.prefix(while: { $0 != " " }).uppercased() {
        case "CAPA":
            return "+OK\r\n\(isSecure ? "SASL \(ScriptedMailJudge.mechanisms)" : "STLS")\r\nRESP-CODES\r\n.\r\n"
        case "STLS": return "+OK go ahead\r\n"
        case "AUTH": return login.begin()
        case "STAT": return "+OK 0 0\r\n"
        case "QUIT":
            hasLeft = true
            return "+OK see you\r\n"
        default: return "-ERR unknown command\r\n"
        }
    }
}

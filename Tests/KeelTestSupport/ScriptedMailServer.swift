import KeelBase
import Synchronization

/// Mail servers in memory: at each endpoint a small IMAP server that takes XOAUTH2 for the mailboxes and tokens that the
/// test allows. A dialer leads to them and nowhere else.
package final class ScriptedMailServer: StreamDialer {
    /// What a login comes to.
    package enum Verdict: Sendable {
        case accept
        case refuse
        /// Closes without a word when the credential comes.
        case hangUp
    }

    /// A connection that was asked for.
    package struct Dial: Sendable, Hashable {
        package let endpoint: HostPort
        package let security: StreamSecurity
    }

    /// A credential that was shown.
    package struct Login: Sendable, Hashable {
        package let endpoint: HostPort
        package let userName: String
        package let token: String
    }

    private struct State {
        var endpoints: [HostPort: ConnectionFailure?] = [:]
        var verdict: @Sendable (Login) -> Verdict = { _ in .refuse }
        var dials: [Dial] = []
        var logins: [Login] = []
    }

    private let state = Mutex(State())

    package init(at endpoints: HostPort...) {
        state.withLock { state in
            for endpoint in endpoints { state.endpoints.updateValue(nil, forKey: endpoint) }
        }
    }

    /// Decides about logins from now on.
    package func decide(_ verdict: @escaping @Sendable (Login) -> Verdict) { state.withLock { $0.verdict = verdict } }

    /// Connecting to `endpoint` fails so from now on; nil: a server answers there.
    package func set(_ endpoint: HostPort, _ failure: ConnectionFailure?) {
        state.withLock { _ = $0.endpoints.updateValue(failure, forKey: endpoint) }
    }

    package var dials: [Dial] { state.withLock { $0.dials } }
    package var logins: [Login] { state.withLock { $0.logins } }

    package func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream {
        let known = state.withLock { state in
            state.dials.append(Dial(endpoint: endpoint, security: security))
            return state.endpoints[endpoint]
        }
        guard let failure = known else { throw DialFailure(.refused, at: .tcp) }
        if let failure { throw DialFailure(failure, at: .tcp) }
        return ScriptedStream(ScriptedIMAPSession { self.judge(endpoint, $0, $1) })
    }

    private func judge(_ endpoint: HostPort, _ userName: String, _ token: String) -> Verdict {
        let login = Login(endpoint: endpoint, userName: userName, token: token)
        let verdict = state.withLock { state in
            state.logins.append(login)
            return state.verdict
        }
        return verdict(login)
    }
}

/// One conversation: lines in, bytes out.
private struct ScriptedIMAPSession: Sendable {
    let judge: @Sendable (_ userName: String, _ token: String) -> ScriptedMailServer.Verdict
    /// The tag of a login that was refused by a challenge, which the client answers with an empty line.
    var challenged: String?
    var isOver = false

    init(judge: @escaping @Sendable (String, String) -> ScriptedMailServer.Verdict) { self.judge = judge }

    var greeting: String { "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] at your service\r\n" }

    mutating func answer(_ line: String) -> String {
        if let tag = challenged {
            challenged = nil
            return "\(tag) NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"
        }
        let words = line.split(separator: " ").map(String.init)
        guard words.count > 1 else { return "* BAD what?\r\n" }
        switch words[1] {
        case "AUTHENTICATE": return authenticate(words[0], words.last ?? "")
        case "NAMESPACE": return "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n\(words[0]) OK done\r\n"
        case "EXAMINE": return "* 0 EXISTS\r\n\(words[0]) OK [READ-ONLY] done\r\n"
        case "LOGOUT":
            isOver = true
            return "* BYE see you\r\n\(words[0]) OK done\r\n"
        default: return "\(words[0]) BAD unknown command\r\n"
        }
    }

    private mutating func authenticate(_ tag: String, _ credential: String) -> String {
        let decoded = String(decoding: Base64.decode(credential.utf8) ?? [], as: UTF8.self)
        let fields = decoded.split(separator: "\u{1}")
        let userName = fields.first { $0.hasPrefix("user=") }?.dropFirst(5) ?? ""
        let token = fields.first { $0.hasPrefix("auth=Bearer ") }?.dropFirst(12) ?? ""
        switch judge(String(userName), String(token)) {
        case .accept: return "\(tag) OK [CAPABILITY IMAP4rev1 NAMESPACE] welcome\r\n"
        case .refuse:
            challenged = tag
            return "+ \(Base64.text(Array(#"{"status":"400"}"#.utf8)))\r\n"
        case .hangUp:
            isOver = true
            return ""
        }
    }
}

/// A stream to a session in memory.
private actor ScriptedStream: DialedStream {
    nonisolated let opening = StreamOpening(peer: nil)

    private var session: ScriptedIMAPSession
    private var inbound: [UInt8]
    private var outbound: [UInt8] = []
    private var isClosed = false
    private var reader: CheckedContinuation<Void, Never>?

    init(_ session: ScriptedIMAPSession) {
        self.session = session
        inbound = Array(session.greeting.utf8)
    }

    func read() async throws(ConnectionFailure) -> [UInt8] {
        while inbound.isEmpty, !isClosed, !session.isOver { await withCheckedContinuation { reader = $0 } }
        if isClosed { throw .closed }
        defer { inbound = [] }
        return inbound
    }

    func write(_ bytes: [UInt8]) async throws(ConnectionFailure) {
        guard !isClosed else { throw .closed }
        outbound += bytes
        while let end = outbound.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: outbound[..<end].prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            outbound.removeSubrange(...end)
            if !session.isOver { inbound += Array(session.answer(line).utf8) }
        }
        wake()
    }

    func startTLS(serverName: String, _ trust: Trust) async throws(ConnectionFailure) -> TLSFacts { throw .closed }

    func close() {
        isClosed = true
        wake()
    }

    private func wake() {
        reader?.resume()
        reader = nil
    }
}

import KeelBase
import Synchronization

/// Mail servers in memory: at each endpoint one for the protocol of its port, with TLS from the first byte or by STARTTLS as
/// the port has it; IMAP with TLS where the port is nobody's. They take the credentials and senders that the test allows. A
/// dialer leads to them and nowhere else.
package final class ScriptedMailServer: StreamDialer {
    /// What a login comes to.
    package enum Verdict: Sendable {
        case accept
        case refuse
        /// The token has run out: IMAP ends the session with words of its own, the others refuse.
        case expire
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
        /// An access token, or a password.
        package let token: String
    }

    private struct State {
        var endpoints: [HostPort: ConnectionFailure?] = [:]
        var verdict: @Sendable (Login) -> Verdict = { _ in .refuse }
        var takesSender: @Sendable (String) -> Bool = { _ in true }
        var dials: [Dial] = []
        var logins: [Login] = []
        var senders: [String] = []
    }

    private let state = Mutex(State())

    package init(at endpoints: HostPort...) {
        state.withLock { state in
            for endpoint in endpoints { state.endpoints.updateValue(nil, forKey: endpoint) }
        }
    }

    /// Decides about logins from now on.
    package func decide(_ verdict: @escaping @Sendable (Login) -> Verdict) { state.withLock { $0.verdict = verdict } }

    /// Decides about senders from now on.
    package func decideSenders(_ takes: @escaping @Sendable (String) -> Bool) {
        state.withLock { $0.takesSender = takes }
    }

    /// Connecting to `endpoint` fails so from now on; nil: a server answers there.
    package func set(_ endpoint: HostPort, _ failure: ConnectionFailure?) {
        state.withLock { _ = $0.endpoints.updateValue(failure, forKey: endpoint) }
    }

    package var dials: [Dial] { state.withLock { $0.dials } }
    package var logins: [Login] { state.withLock { $0.logins } }
    /// The senders that SMTP servers were told.
    package var senders: [String] { state.withLock { $0.senders } }

    package func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream {
        let known = state.withLock { state in
            state.dials.append(Dial(endpoint: endpoint, security: security))
            return state.endpoints[endpoint]
        }
        guard let failure = known else { throw DialFailure(.refused, at: .tcp) }
        if let failure { throw DialFailure(failure, at: .tcp) }
        return ScriptedStream(session(at: endpoint, isSecure: security != .clear))
    }

    private func session(at endpoint: HostPort, isSecure: Bool) -> any ScriptedMailSession {
        let judge = ScriptedMailJudge(
            login: { self.judge(endpoint, $0, $1) }, sender: { self.judge(sender: $0) })
        return switch endpoint.port {
        case 25, 465, 587: ScriptedSMTPSession(judge, isSecure: isSecure)
        case 110, 995: ScriptedPOP3Session(judge, isSecure: isSecure)
        default: ScriptedIMAPSession(judge, isSecure: isSecure)
        }
    }

    private func judge(_ endpoint: HostPort, _ userName: String, _ token: String) -> Verdict {
        let login = Login(endpoint: endpoint, userName: userName, token: token)
        let verdict = state.withLock { state in
            state.logins.append(login)
            return state.verdict
        }
        return verdict(login)
    }

    private func judge(sender: String) -> Bool {
        let takes = state.withLock { state in
            state.senders.append(sender)
            return state.takesSender
        }
        return takes(sender)
    }
}

/// A stream to a session in memory.
private actor ScriptedStream: DialedStream {
    nonisolated let opening = StreamOpening(peer: nil)

    private var session: any ScriptedMailSession
    private var inbound: [UInt8]
    private var outbound: [UInt8] = []
    private var isClosed = false
    private var reader: CheckedContinuation<Void, Never>?

    init(_ session: any ScriptedMailSession) {
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

    func startTLS(serverName: String, _ trust: Trust) async throws(ConnectionFailure) -> TLSFacts {
        guard inbound.isEmpty else { throw .injected(bytes: inbound.count) }
        guard !isClosed else { throw .closed }
        session.secure()
        return TLSFacts(version: .tls13, chain: [], endPoint: nil)
    }

    func close() {
        isClosed = true
        wake()
    }

    private func wake() {
        reader?.resume()
        reader = nil
    }
}

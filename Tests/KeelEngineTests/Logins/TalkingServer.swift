import KeelBase
import Synchronization

/// A mail server that says what a test wrote down: another conversation for each connection, the last one again and again.
final class TalkingServer: StreamDialer {
    /// One conversation: the greeting, and the answer to each line; nil: silence.
    struct Conversation: Sendable {
        var greeting: String
        /// Gets the line without its end, and whether TLS stands.
        var answer: @Sendable (_ line: String, _ isSecure: Bool) -> String?
        /// What STARTTLS comes to.
        var startTLS: @Sendable () throws(ConnectionFailure) -> TLSFacts = { () throws(ConnectionFailure) in
            throw .closed
        }
        /// The server closes after an answer that begins so.
        var closesAfter: String?
        /// Its end is none that was agreed: a reset, or TLS without a last word.
        var breaks = false
    }

    private let conversations: [Conversation]
    private let opening: StreamOpening
    private let place: (any TaskExecutor)?
    private let state = Mutex((dials: [StreamSecurity](), lines: [String]()))

    init(
        _ conversations: Conversation..., opening: StreamOpening = StreamOpening(peer: nil),
        executor: (any TaskExecutor)? = nil
    ) {
        self.conversations = conversations
        self.opening = opening
        place = executor
    }

    func executor() -> (any TaskExecutor)? { place }

    var dials: [StreamSecurity] { state.withLock { $0.dials } }
    /// All that clients said.
    var lines: [String] { state.withLock { $0.lines } }

    func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream {
        let number = state.withLock { state in
            state.dials.append(security)
            return state.dials.count
        }
        let conversation = conversations[min(number, conversations.count) - 1]
        return Stream(conversation, opening) { line in self.state.withLock { $0.lines.append(line) } }
    }

    private final class Stream: DialedStream {
        let opening: StreamOpening
        private let conversation: Conversation
        private let inbound: AsyncStream<String>
        private let source: AsyncStream<String>.Continuation
        private let isSecure = Mutex(false)
        private let hear: @Sendable (String) -> Void

        init(_ conversation: Conversation, _ opening: StreamOpening, hear: @escaping @Sendable (String) -> Void) {
            self.conversation = conversation
            self.opening = opening
            self.hear = hear
            (inbound, source) = AsyncStream.makeStream()
            say(conversation.greeting)
        }

        private func say(_ text: String) {
            if !text.isEmpty { source.yield(text) }
            if let last = conversation.closesAfter, text.hasPrefix(last) { source.finish() }
        }

        func read() async throws(ConnectionFailure) -> [UInt8] {
            for await text in inbound { return Array(text.utf8) }
            if conversation.breaks { throw .closed }
            return []
        }

        func write(_ bytes: [UInt8]) async throws(ConnectionFailure) {
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") {
                hear(String(line))
                if let answer = conversation.answer(String(line), isSecure.withLock { $0 }) { say(answer) }
            }
        }

        func startTLS(serverName: String, _ trust: Trust) async throws(ConnectionFailure) -> TLSFacts {
            let facts = try conversation.startTLS()
            isSecure.withLock { $0 = true }
            return facts
        }

        func close() async { source.finish() }
    }
}

extension TalkingServer.Conversation {
    /// An IMAP server that takes every bearer.
    static let welcoming = imap { tag in "\(tag) OK [CAPABILITY IMAP4rev1 NAMESPACE] welcome\r\n" }

    /// An IMAP server whose answer to a login is given.
    static func imap(_ login: @escaping @Sendable (_ tag: String) -> String) -> Self {
        Self(greeting: "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 IDLE NAMESPACE] ready\r\n") { line, _ in
            let words = line.split(separator: " ")
            guard words.count > 1, let tag = words.first.map(String.init) else { return "A1 NO no\r\n" }
            switch words[1] {
            case "AUTHENTICATE": return login(tag)
            case "CAPABILITY": return "* CAPABILITY IMAP4rev1 NAMESPACE\r\n\(tag) OK done\r\n"
            case "LOGOUT": return "* BYE bye\r\n\(tag) OK done\r\n"
            case "NAMESPACE": return "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n\(tag) OK done\r\n"
            default: return "\(tag) OK done\r\n"
            }
        }
    }

    /// A submission server on a port for STARTTLS, which has no mechanisms in clear.
    static func submission(
        startTLS: @escaping @Sendable () throws(ConnectionFailure) -> TLSFacts = { () throws(ConnectionFailure) in
            TLSFacts(version: .tls13, chain: [], endPoint: nil)
        }
    ) -> Self {
        var server = Self(greeting: "220 mail.example.com ready\r\n") { line, isSecure in
            switch line.prefix(while: { $0 != " " && $0 != ":" }) {
            case "EHLO": isSecure ? "250-hello\r\n250 AUTH PLAIN LOGIN\r\n" : "250-hello\r\n250 STARTTLS\r\n"
            case "STARTTLS": "220 go ahead\r\n"
            case "AUTH": line.hasPrefix("AUTH PLAIN ") ? "235 2.7.0 welcome\r\n" : "334 \r\n"
            case "QUIT": "221 bye\r\n"
            case "MAIL", "RSET": "250 ok\r\n"
            default: isSecure ? "235 2.7.0 welcome\r\n" : "500 what\r\n"
            }
        }
        server.startTLS = startTLS
        return server
    }
}

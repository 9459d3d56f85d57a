import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelPlan
import Synchronization
import Testing

struct LoginTesterTests {
    private static let endpoint = HostPort(host: "imap.example.com", port: 993)
    private static let address = ResourceAddress(.emailAccount, "desk")

    private static func login(answering commands: Int) async throws(StepFailure) -> String {
        let work = TestWork(
            type: .imap, endpoint: endpoint,
            login: .grant(authorization: .authorization(profile: "own", subject: "(app)")),
            mechanism: .xoauth2, userName: "desk@example.com")
        let tester = LoginTester(
            dialer: MutedServer(answers: commands), explanation: FailureExplanation { _, _ in nil },
            limit: .milliseconds(100))
        return try await tester.login(work, accessToken: Secret(copying: "token"), for: address).command
    }

    @Test func `a proof stands although the server never says goodbye`() async throws {
        #expect(try await Self.login(answering: 2) == "NAMESPACE")
    }

    @Test(arguments: [0, 1])
    func `a server that falls silent before the proof is a time-out`(commands: Int) async throws {
        let failure = await #expect(throws: StepFailure.self) { try await Self.login(answering: commands) }
        #expect(failure?.diagnostic.code == "connection.timed_out")
        #expect(failure?.weight == .unproven)
    }
}

/// An IMAP server that greets, says OK to the first few commands and then nothing, until the connection is closed.
private struct MutedServer: StreamDialer {
    let answers: Int

    func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream { Connection(answers: answers) }

    private final class Connection: DialedStream {
        let opening = StreamOpening(peer: nil)
        private let lines: AsyncStream<String>
        private let source: AsyncStream<String>.Continuation
        private let left: Mutex<Int>

        init(answers: Int) {
            (lines, source) = AsyncStream.makeStream()
            left = Mutex(answers)
            source.yield("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 NAMESPACE] ready\r\n")
        }

        func startTLS(serverName: String, _ trust: Trust) async throws(ConnectionFailure) -> TLSFacts { throw .closed }

        func read() async throws(ConnectionFailure) -> [UInt8] {
            for await line in lines { return Array(line.utf8) }
            throw .closed
        }

        func write(_ bytes: [UInt8]) async throws(ConnectionFailure) {
            let isAnswered = left.withLock { left in
                left -= 1
                return left >= 0
            }
            let tag = String(decoding: bytes.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
            if isAnswered { source.yield("\(tag) OK [CAPABILITY IMAP4rev1 NAMESPACE] done\r\n") }
        }

        func close() async { source.finish() }
    }
}

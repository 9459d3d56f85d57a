import Glibc
import KeelBase
import KeelNet
import KeelSandbox
import KeelTestSupport
import Synchronization
import Testing

/// A running sandbox and a client that speaks to it by hand.
struct SandboxRig {
    static let directory = "/project"
    static let mailbox = "support@sandbox.example"

    let sandbox: Sandbox
    let files: InMemoryFileStore
    let time: AdjustableTime
    let trust: Trust
    let transport: NetworkHTTPTransport
    let dialer: NetworkDialer

    /// The lines of the log.
    var log: [String] {
        (files.text(Self.directory + "/sandbox.log") ?? "").split(separator: "\n").map(String.init)
    }

    /// Whether the log has such an event, with all of these members.
    func logged(_ event: String, _ members: String...) -> Bool {
        log.contains { line in
            line.contains("\"event\":\"\(event)\"") && members.allSatisfy(line.contains)
        }
    }

    func get(_ path: String) async throws -> HTTPResponse {
        try await send(HTTPRequest(.get, try EndpointURL(parsing: "https://\(sandbox.providerEndpoint)\(path)")))
    }

    /// Posts a form, by default with the right credentials in the `Authorization` header.
    func post(
        _ path: String, _ form: String, as credentials: Credentials = .own,
        contentType: String = "application/x-www-form-urlencoded"
    ) async throws -> HTTPResponse {
        let secret = sandbox.client.secret?.revealText() ?? ""
        let id = sandbox.client.id
        var body = form
        var authorization: String?
        switch credentials {
        case .own: authorization = "Basic " + Base64.text(Array("\(id):\(secret)".utf8))
        case .ownPosted: body += "&client_id=\(id)&client_secret=\(secret)"
        case .header(let text): authorization = text
        case .basic(let pair): authorization = "Basic " + Base64.text(Array(pair.utf8))
        case .none: break
        }
        return try await send(
            HTTPRequest(
                .post, try EndpointURL(parsing: "https://\(sandbox.providerEndpoint)\(path)"),
                headers: [("Content-Type", contentType)], authorization: authorization.map(Secret.init(copying:)),
                body: Secret(copying: body)))
    }

    enum Credentials {
        case own, ownPosted, none
        case basic(String)
        case header(String)
    }

    /// A new access token.
    func token(_ form: String = "grant_type=client_credentials", as credentials: Credentials = .own) async throws
        -> String
    {
        let response = try await post("/token", form, as: credentials)
        let text = response.body.revealText()
        let start = try #require(text.firstRange(of: "\"access_token\":\"")).upperBound
        return String(text[start...].prefix { $0 != "\"" })
    }

    func imap() async throws(ConnectionFailure) -> Conversation { try await mail(.imap, .tls) }

    /// Connects to a mail server; with `starttls` the connection is in clear at first.
    func mail(
        _ service: MailProtocol, _ security: ConnectionSecurity
    ) async throws(ConnectionFailure) -> Conversation {
        let endpoint = sandbox.endpoint(service, security)
        do throws(DialFailure) {
            return Conversation(
                try await dialer.connect(
                    to: endpoint, security: security == .tls ? .tls(serverName: endpoint.host, trust) : .clear,
                    timeout: .seconds(20)), service, trust)
        } catch { throw error.reason }
    }

    /// The initial response of XOAUTH2.
    static func xoauth2(_ mailbox: String, _ token: String) -> String {
        Base64.text(Array("user=\(mailbox)\u{1}auth=Bearer \(token)\u{1}\u{1}".utf8))
    }

    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await transport.send(request, trust: trust, timeout: .seconds(20))
    }
}

/// Runs `body` against a sandbox with a project directory in memory.
func withSandbox(
    _ faults: SandboxFault..., configure: (inout SandboxOptions) -> Void = { _ in },
    _ body: (SandboxRig) async throws -> Void
) async throws {
    let files = InMemoryFileStore()
    let time = AdjustableTime()
    var options = SandboxOptions()
    options.directory = SandboxRig.directory
    options.faults = faults.map { FaultOrder($0) }
    configure(&options)
    let sandbox = try await Sandbox.start(options, files: files, time: time)
    try await withScratchDirectory { directory in
        let caFile = directory + "/ca.pem"
        // The file as the project has it, with its first line.
        try write(files.text(SandboxRig.directory + "/ca.pem") ?? sandbox.authorityPEM, to: caFile)
        let roots = TrustRoots()
        let transport = NetworkHTTPTransport(roots: roots, version: "test")
        let rig = SandboxRig(
            sandbox: sandbox, files: files, time: time, trust: Trust(caFile: caFile), transport: transport,
            dialer: NetworkDialer(roots: roots))
        let outcome = await Result.catching { try await body(rig) }
        await transport.shutdown()
        await sandbox.stop()
        try outcome.get()
    }
}

extension Result where Success == Void, Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Void) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

private func write(_ text: String, to path: String) throws {
    let file = try unsafe #require(fopen(path, "w"))
    defer { unsafe fclose(file) }
    unsafe fputs(text, file)
}

/// The machine's clock, which a test may put forward.
final class AdjustableTime: TimeSource {
    private let offset = Mutex<Int64>(0)

    var now: Timestamp { SystemTimeSource().now.adding(seconds: offset.withLock { $0 }) }

    func advance(seconds: Int64) { offset.withLock { $0 += seconds } }
}

/// Lines to and from a mail server.
final class Conversation {
    private let stream: any DialedStream
    private let service: MailProtocol
    private let trust: Trust
    private var buffer: [UInt8] = []
    /// As the client's side computes it.
    private(set) var certificateHash: [UInt8]?

    init(_ stream: any DialedStream, _ service: MailProtocol, _ trust: Trust) {
        self.stream = stream
        self.service = service
        self.trust = trust
        certificateHash = stream.opening.tls?.endPoint
    }

    func send(_ line: String) async throws { try await stream.write(Array((line + "\r\n").utf8)) }

    func send(raw bytes: [UInt8]) async throws { try await stream.write(bytes) }

    /// Begins TLS, after the server's go-ahead.
    func startTLS() async throws {
        certificateHash = try await stream.startTLS(serverName: "127.0.0.1", trust).endPoint
    }

    /// The next line; nil when the server has closed.
    func line() async throws -> String? {
        while true {
            if let feed = buffer.firstIndex(of: 10) {
                defer { buffer.removeFirst(feed + 1) }
                return String(decoding: buffer[..<feed].filter { $0 != 13 }, as: UTF8.self)
            }
            guard let more = try await read() else { return nil }
            buffer += more
        }
    }

    /// What comes at once, and nothing before it was read; nil when the server has closed.
    func read() async throws -> [UInt8]? {
        do throws(ConnectionFailure) {
            let more = try await stream.read()
            return more.isEmpty ? nil : more
        } catch .closed {
            return nil
        }
    }

    /// Sends a command and returns the lines up to the answer that ends it, a continuation or the end.
    func ask(_ line: String) async throws -> [String] {
        try await send(line)
        return try await answer(tag: line.prefix { $0 != " " } + " ")
    }

    /// The lines of one answer.
    func answer(tag: String = "") async throws -> [String] {
        var lines: [String] = []
        while let next = try await self.line() {
            lines.append(next)
            switch service {
            case .imap: if next.hasPrefix(tag) || next.hasPrefix("+") { return lines }
            case .smtp: if next.dropFirst(3).first != "-" { return lines }
            case .pop3: return lines
            }
        }
        return lines
    }

    /// The lines of an answer of POP3 that ends with a dot, without the dot.
    func list(_ command: String) async throws -> [String] {
        var lines = try await ask(command)
        guard lines.first?.hasPrefix("+OK") == true else { return lines }
        while let next = try await line(), next != "." { lines.append(next) }
        return lines
    }
}

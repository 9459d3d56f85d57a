import KeelBase
import KeelTestSupport
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import KeelHTTPServer

/// Clients that take a place and bring no request.
struct RequestDeadlineTests {
    /// A connection whose clock stands until it is turned.
    private final class Scripted {
        let loop: EmbeddedEventLoop
        let channel: EmbeddedChannel

        init(_ connections: OpenConnections, on loop: EmbeddedEventLoop = EmbeddedEventLoop()) throws {
            self.loop = loop
            channel = EmbeddedChannel(handler: ConnectionTracker(connections), loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func note(_ progress: RequestProgress) { channel.pipeline.fireUserInboundEventTriggered(progress) }
    }

    private static func limits(_ connections: Int = 100, patience: Duration = .seconds(30)) -> ClientLimits {
        var limits = ClientLimits()
        limits.connections = connections
        limits.patience = patience
        return limits
    }

    private static func connections(limit: Int = 100) -> OpenConnections {
        OpenConnections(limits(limit))
    }

    @Test func `a byte now and then does not prolong the time for a request`() throws {
        let connection = try Scripted(Self.connections())
        for _ in 0..<29 {
            connection.loop.advanceTime(by: .seconds(1))
            try connection.channel.writeInbound(ByteBuffer(string: "G"))
            #expect(connection.channel.isActive)
        }
        connection.loop.advanceTime(by: .seconds(1))
        #expect(!connection.channel.isActive)
    }

    @Test func `a handler takes the time that it takes, and the next request has its own`() throws {
        let connection = try Scripted(Self.connections())
        connection.loop.advanceTime(by: .seconds(29))
        connection.note(.arrived)
        connection.loop.advanceTime(by: .seconds(3600))
        #expect(connection.channel.isActive)
        connection.note(.answered)
        connection.loop.advanceTime(by: .seconds(29))
        #expect(connection.channel.isActive)
        connection.loop.advanceTime(by: .seconds(1))
        #expect(!connection.channel.isActive)
    }

    @Test func `the last place is taken from who has waited longest for a request`() throws {
        let connections = Self.connections(limit: 4)
        let loop = EmbeddedEventLoop()
        let first = try Scripted(connections, on: loop)
        let second = try Scripted(connections, on: loop)
        let third = try Scripted(connections, on: loop)
        first.note(.arrived)
        second.note(.arrived)
        second.note(.answered)
        let fourth = try Scripted(connections, on: loop)
        #expect([first, second, third, fourth].map(\.channel.isActive) == [true, true, false, true])
        let fifth = try Scripted(connections, on: loop)
        #expect([first, second, fourth, fifth].map(\.channel.isActive) == [true, false, true, true])
    }

    @Test func `nobody who is being answered is turned away for a newcomer, nor the newcomer`() throws {
        let connections = Self.connections(limit: 2)
        let loop = EmbeddedEventLoop()
        let first = try Scripted(connections, on: loop)
        first.note(.arrived)
        let second = try Scripted(connections, on: loop)
        #expect(first.channel.isActive && second.channel.isActive)
    }

    // MARK: Over sockets

    /// What a client says that never comes to the end of a request.
    @Test(arguments: [
        "", "GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf",
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\n",
        "GET /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
    ])
    func `is closed`(words: String) async throws {
        let served = Served()
        try await withServer(Self.limits(patience: .seconds(10)), served) { server in
            let socket = try await LoopbackSocket.connect(to: server.endpoint)
            try await socket.send(Array(words.utf8))
            let answer = String(decoding: (try? await socket.receiveAll()) ?? [], as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200 ") == words.contains("/1 "))
            #expect(!answer.contains("/2"))
        }
        #expect(served.asked == (words.contains("/1 ") ? ["/1"] : []))
    }

    @Test func `more of them than there are places do not keep a request from its answer`() async throws {
        try await withServer(Self.limits(8, patience: .seconds(3600)), Served()) { server in
            var silent: [LoopbackSocket] = []
            for _ in 0..<20 {
                silent.append(try await LoopbackSocket.connect(to: server.endpoint))
            }
            let socket = try await LoopbackSocket.connect(to: server.endpoint)
            try await socket.send(Array("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
            #expect(String(decoding: try await socket.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `an answer that says that it is the last one closes the connection`() async throws {
        try await withServer(Self.limits(patience: .seconds(3600)), Served(isLast: true)) { server in
            let socket = try await LoopbackSocket.connect(to: server.endpoint)
            try await socket.send(Array("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
            #expect(String(decoding: try await socket.receiveAll(), as: UTF8.self).hasSuffix("\r\n\r\n/1"))
        }
    }

    private func withServer(
        _ limits: ClientLimits, _ handler: Served, _ body: (LoopbackHTTPServer) async throws -> Void
    ) async throws {
        let server = try await LoopbackHTTPServer.start(
            on: HostPort(host: "127.0.0.1", port: 0), limits: limits, handler: handler)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        await server.stop()
        try outcome.get()
    }
}

/// Answers with the path, and remembers what it was asked.
private final class Served: HTTPHandler {
    private let isLast: Bool
    private let paths = Mutex<[String]>([])

    init(isLast: Bool = false) { self.isLast = isLast }

    var asked: [String] { paths.withLock { $0 } }

    func respond(to request: IncomingRequest) async -> HTTPResponse {
        paths.withLock { $0.append(request.path) }
        return HTTPResponse(
            status: 200, headers: isLast ? [("Connection", "close")] : [], body: Secret(copying: request.path))
    }
}

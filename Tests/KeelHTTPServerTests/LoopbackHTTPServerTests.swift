import KeelBase
import KeelHTTPServer
import KeelTestSupport
import Testing

@Suite struct `A loopback HTTP server` {
    @Test(arguments: ["0.0.0.0", "::", "localhost", "192.0.2.1", "127.0.0.1.example", ""])
    func `listens on nothing but a literal loopback address`(host: String) async {
        let address = HostPort(host: host, port: 0)
        await #expect(throws: HTTPServerStartFailure.notLoopback(address)) {
            _ = try await LoopbackHTTPServer.start(on: address, handler: Echo())
        }
    }

    @Test func `says that its address is taken`() async throws {
        try await withServer { first in
            await #expect(throws: HTTPServerStartFailure.addressInUse(first.endpoint)) {
                _ = try await LoopbackHTTPServer.start(on: first.endpoint, handler: Echo())
            }
        }
    }

    @Test func `refuses a certificate that is none`() async {
        let identity = ServerIdentity(certificateChainPEM: "nonsense", privateKeyPEM: Secret(copying: "nonsense"))
        let failure = await #expect(throws: HTTPServerStartFailure.self) {
            _ = try await LoopbackHTTPServer.start(
                on: HostPort(host: "127.0.0.1", port: 0), identity: identity, handler: Echo())
        }
        guard case .identityUnusable = failure else {
            Issue.record("another failure: \(String(describing: failure))")
            return
        }
    }

    @Test func `hands over method, path, query, headers and body`() async throws {
        try await withServer { server in
            let answer = try await exchange(
                server, "POST /a%20b?x=1?&y HTTP/1.1", ["X-One: 1", "x-one: 2", "Content-Length: 5"], "hello")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("\r\nX-Echo: yes\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nPOST /a%20b [x=1?&y] Host=h X-One=1 x-one=2 (5)"))
        }
    }

    @Test func `answers HEAD without a body`() async throws {
        try await withServer { server in
            let answer = try await exchange(server, "HEAD / HTTP/1.1", [])
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `a line break in a header's value does not begin another header`() async throws {
        try await withServer { server in
            let answer = try await exchange(server, "GET /split HTTP/1.1", [])
            #expect(answer.contains("X-Split: "))
            #expect(!answer.contains("\nInjected:"))
        }
    }

    @Test func `serves one request after another on a connection`() async throws {
        try await withServer { server in
            let socket = try await LoopbackSocket.connect(to: server.endpoint)
            try await socket.send(Array("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
            let first = String(decoding: try await socket.receive(), as: UTF8.self)
            try await socket.send(Array("GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
            let second = String(decoding: try await socket.receiveAll(), as: UTF8.self)
            #expect(first.contains("GET /1"))
            #expect(second.contains("GET /2"))
        }
    }

    @Test(arguments: [
        (HTTPServerLimits.body, "200"), (HTTPServerLimits.body + 1, "413"), (600_000, "413"), (4_000_000, "413"),
    ])
    func `takes a body up to its limit`(size: Int, status: String) async throws {
        try await withServer { server in
            let socket = try await LoopbackSocket.connect(to: server.endpoint)
            try await socket.send(
                Array("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: \(size)\r\n\r\n".utf8))
            // The server may answer and close before it has all of a body that is far too long.
            try? await socket.send([UInt8](repeating: 120, count: min(size, HTTPServerLimits.body * 12)))
            if size > 1_000_000 { try? await socket.send([UInt8](repeating: 120, count: 300_000)) }
            let answer = String(decoding: try await socket.receive(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test(arguments: Malformed.allCases)
    func `answers what it cannot read with 400`(request: Malformed) async throws {
        try await withServer { server in
            let socket = try await LoopbackSocket.connect(to: server.endpoint)
            try await socket.send(Array(request.text.utf8))
            #expect(String(decoding: try await socket.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test func `closes the connection without a word where the handler says so`() async throws {
        try await withServer { server in
            let nothing = try await exchange(server, "GET /hang-up HTTP/1.1", [])
            #expect(nothing.isEmpty)
            #expect(try await exchange(server, "GET / HTTP/1.1", []).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `sends a body byte by byte, and keeps for itself how`() async throws {
        try await withServer { server in
            let answer = try await exchange(server, "GET /trickle HTTP/1.1", [])
            #expect(answer.contains("\r\nContent-Length: 3\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nabc"))
            #expect(!answer.contains("Pause"))
        }
    }

    @Test func `stops although a client holds its connection open`() async throws {
        let server = try await LoopbackHTTPServer.start(on: HostPort(host: "127.0.0.1", port: 0), handler: Echo())
        let idle = try await LoopbackSocket.connect(to: server.endpoint)
        try await idle.send(Array("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
        _ = try await idle.receive()
        await server.stop()
        #expect(try await idle.receive().isEmpty)
        await #expect(throws: LoopbackSocket.Failure.self) {
            _ = try await LoopbackSocket.connect(to: server.endpoint)
        }
        await server.stop()
    }

    @Test func `stops although a handler waits`() async throws {
        let (entered, entry) = AsyncStream.makeStream(of: Void.self)
        let server = try await LoopbackHTTPServer.start(
            on: HostPort(host: "127.0.0.1", port: 0), handler: Waiting(entered: entry))
        let socket = try await LoopbackSocket.connect(to: server.endpoint)
        try await socket.send(Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
        _ = await entered.first { true }
        await server.stop()
        _ = try? await socket.receiveAll()
    }
}

enum Malformed: CaseIterable {
    case longHeader, manyHeaders, anotherProtocol

    var text: String {
        switch self {
        case .longHeader: "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "x", count: 20_000) + "\r\n\r\n"
        case .manyHeaders: "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: y\r\n", count: 200) + "\r\n"
        case .anotherProtocol: "EHLO mail.example\r\n\r\n"
        }
    }
}

/// Says what it was asked.
private struct Echo: HTTPHandler {
    func respond(to request: IncomingRequest) async -> HTTPResponse {
        if request.path == "/split" {
            return HTTPResponse(status: 200, headers: [("X-Split", "a\r\nInjected: b"), ("Not a token", "c")])
        }
        if request.path == "/hang-up" { return .hangUp }
        if request.path == "/trickle" {
            return HTTPResponse(status: 200, body: Secret(copying: "abc")).trickling(.milliseconds(1))
        }
        let headers = request.headers.filter { $0.name.count < 6 }.map { "\($0.name)=\($0.value)" }
        let text =
            "\(request.method) \(request.path) [\(request.query ?? "")] \(headers.joined(separator: " "))"
            + " (\(request.body.count))"
        return HTTPResponse(status: 200, headers: [("X-Echo", "yes")], body: Secret(copying: text))
    }
}

/// Answers only when it is cancelled.
private struct Waiting: HTTPHandler {
    let entered: AsyncStream<Void>.Continuation

    func respond(to request: IncomingRequest) async -> HTTPResponse {
        entered.yield()
        try? await Task.sleep(for: .seconds(3600))
        return HTTPResponse(status: 503)
    }
}

private func withServer(_ body: (LoopbackHTTPServer) async throws -> Void) async throws {
    let server = try await LoopbackHTTPServer.start(on: HostPort(host: "127.0.0.1", port: 0), handler: Echo())
    do {
        try await body(server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

private func exchange(
    _ server: LoopbackHTTPServer, _ line: String, _ headers: [String], _ body: String = ""
) async throws -> String {
    let socket = try await LoopbackSocket.connect(to: server.endpoint)
    let head = ([line, "Host: h"] + headers + ["Connection: close", "", ""]).joined(separator: "\r\n")
    try await socket.send(Array((head + body).utf8))
    return String(decoding: try await socket.receiveAll(), as: UTF8.self)
}

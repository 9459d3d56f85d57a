import KeelBase
import KeelNet
import Synchronization
import Testing

/// Requests over the network against a responder that says every byte itself.
struct HTTPTransportTests {
    private func send(
        _ request: HTTPRequest, trust: Trust = .system, timeout: Duration = .ample
    ) async -> Result<HTTPResponse, ConnectionFailure> {
        await NetworkHTTPTransport(roots: TrustRoots(), version: "1.2.3")
            .sendOnce(request, trust: trust, timeout: timeout)
    }

    private func url(_ listener: StreamListener, secured: Bool = false, _ path: String = "/token") throws -> EndpointURL
    {
        try EndpointURL(parsing: "\(secured ? "https" : "http")://\(listener.endpoint)\(path)")
    }

    @Test(arguments: [true, false])
    func `a request goes out as it was given and its answer comes back`(secured: Bool) async throws {
        let authority = try TestAuthority()
        let received = Received()
        let body = #"{"access_token":"t"}"#
        let listener = try await StreamListener.responding(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 20\r\n\r\n"
                + body,
            identity: secured ? authority.identity("127.0.0.1") : nil, received)
        let request = HTTPRequest(
            .post, try url(listener, secured: secured, "/token?a=%20b"), headers: [("Accept", "application/json")],
            authorization: Secret(copying: "Basic eA=="), body: Secret(copying: "grant_type=x"))
        let response = try await send(request, trust: secured ? authority.trust : .system).get()
        #expect(response.status == 200)
        #expect(response.header("content-type") == "application/json")
        #expect(response.headers.filter { $0.name == "X-Two" }.map(\.value) == ["a", "b"])
        #expect(response.body.matches(Secret(copying: body)))

        let sent = try #require(received.all.first)
        #expect(sent.hasPrefix("POST /token?a=%20b HTTP/1.1\r\n"))
        #expect(sent.hasSuffix("\r\n\r\ngrant_type=x"))
        for header in [
            "user-agent: mailkeel/1.2.3", "accept: application/json", "content-length: 12",
            "host: \(listener.endpoint)",
        ] { #expect(sent.lowercased().contains("\r\n\(header)\r\n")) }
        #expect(sent.lowercased().contains("authorization: basic ea=="))
        await listener.stop()
    }

    @Test func `an error status is an answer with a body`() async throws {
        let listener = try await StreamListener.responding(
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 25\r\n\r\n{\"error\":\"invalid_grant\"}")
        let response = try await send(HTTPRequest(.get, try url(listener))).get()
        #expect(response.status == 400)
        #expect(response.body.matches(Secret(copying: #"{"error":"invalid_grant"}"#)))
        await listener.stop()
    }

    @Test func `a redirect is an answer and nobody follows it`() async throws {
        let received = Received()
        let target = try await StreamListener.responding("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", received)
        let listener = try await StreamListener.responding(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://\(target.endpoint)/\r\nContent-Length: 0\r\n\r\n")
        let request = HTTPRequest(.post, try url(listener), body: Secret(copying: "secret"))
        #expect(try await send(request).get().status == 307)
        #expect(received.all.isEmpty)
        await listener.stop()
        await target.stop()
    }

    @Test(arguments: [true, false])
    func `a body above the limit fails the call`(announced: Bool) async throws {
        let size = NetworkHTTPTransport.bodyLimit + 1
        let length = announced ? "Content-Length: \(size)" : "Connection: close"
        let listener = try await StreamListener.responding(
            "HTTP/1.1 200 OK\r\n\(length)\r\n\r\n" + String(repeating: "x", count: size))
        guard case .other? = await send(HTTPRequest(.get, try url(listener))).failure else {
            Issue.record("the body must be refused")
            return
        }
        await listener.stop()
    }

    @Test func `refused, reset, unresolved and silent servers are told apart`() async throws {
        let closed = ClosedPort()
        let nobody = HTTPRequest(.get, try EndpointURL(parsing: "http://\(closed.endpoint)/"))
        #expect(await send(nobody).failure == .refused)

        let hangsUp = try await StreamListener.start(on: .anyLoopback, identity: nil) { _ = try? await $0.read() }
        #expect(await send(HTTPRequest(.get, try url(hangsUp))).failure == .closed)
        await hangsUp.stop()

        let host = String(repeating: "a", count: 64) + ".test"
        let nowhere = try EndpointURL(parsing: "https://\(host)/")
        #expect(await send(HTTPRequest(.get, nowhere)).failure == .nameNotResolved(host: host))

        let silent = try await StreamListener.start(on: .anyLoopback, identity: nil) { _ = try? await $0.readAll() }
        for secured in [true, false] {
            let request = HTTPRequest(.get, try url(silent, secured: secured))
            #expect(await send(request, timeout: .milliseconds(100)).failure == .timedOut)
        }
        await silent.stop()
    }

    @Test func `a pin that would not be checked is no request`() async throws {
        let received = Received()
        let listener = try await StreamListener.responding("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", received)
        let failure = await send(HTTPRequest(.get, try url(listener)), trust: Trust(pin: "x")).failure
        guard case .other(let words)? = failure else {
            Issue.record("\(String(describing: failure)) is not what it should be")
            return
        }
        #expect(words.text.contains("pin"))
        #expect(received.all.isEmpty)
        await listener.stop()
    }

    @Test func `an answer that stops in the middle runs into the deadline`() async throws {
        let listener = try await StreamListener.responding("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        let result = await send(HTTPRequest(.get, try url(listener)), timeout: .milliseconds(300))
        #expect(result.failure == .timedOut)
        await listener.stop()
    }

    @Test func `bad certificates are explained exactly and see no request`() async throws {
        let authority = try TestAuthority("Root")
        let stranger = try TestAuthority("Stranger")
        let now = TestAuthority.now
        let end = now.adding(seconds: -60)
        let start = now.adding(seconds: 3600)
        let subject = ForeignText("CN=127.0.0.1")
        func identity(_ host: String, _ notBefore: Timestamp, _ notAfter: Timestamp) throws -> ServerIdentity {
            try authority.authority.issue(hosts: [host], notBefore: notBefore, notAfter: notAfter)
        }
        let cases: [(ServerIdentity, Trust, TLSFailure)] = [
            (
                try identity("127.0.0.1", end.adding(seconds: -60), end), authority.trust,
                .expired(subject: subject, notAfter: end)
            ),
            (
                try identity("127.0.0.1", start, start.adding(seconds: 60)), authority.trust,
                .notYetValid(subject: subject, notBefore: start)
            ),
            (
                try authority.identity("127.0.0.1"), stranger.trust,
                .untrustedIssuer(issuer: ForeignText("CN=Root"))
            ),
            (
                try authority.identity("a.test"), authority.trust,
                .wrongName(expected: "127.0.0.1", presented: [ForeignText("a.test")])
            ),
        ]
        for (identity, trust, expected) in cases {
            let received = Received()
            let listener = try await StreamListener.responding(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", identity: identity, received)
            let request = HTTPRequest(.post, try url(listener, secured: true), body: Secret(copying: "secret"))
            #expect(await send(request, trust: trust).failure == .tls(expected))
            #expect(received.all.isEmpty)
            await listener.stop()
        }
    }

    @Test func `a handshake that explains sends no byte of HTTP even when it succeeds`() async throws {
        let authority = try TestAuthority()
        let received = Received()
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        let genuine = try await StreamListener.start(on: .anyLoopback, identity: authority.identity("127.0.0.1")) {
            stream in
            if let bytes = try? await stream.readAll(), !bytes.isEmpty { received.add(bytes) }
            ending.yield()
        }
        // Answers the first connection with nonsense and hands the later ones on.
        let connections = Mutex(0)
        let dialer = NetworkDialer(roots: TrustRoots())
        let front = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            let count = connections.withLock { count in
                count += 1
                return count
            }
            if count == 1 {
                _ = try? await stream.read()
                try? await stream.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            } else if let onward = try? await dialer.connect(
                to: genuine.endpoint, security: .clear, timeout: .ample)
            {
                await stream.relay(to: onward)
            }
        }
        let request = HTTPRequest(.post, try url(front, secured: true), body: Secret(copying: "secret"))
        let result = await send(request, trust: authority.trust).failure
        #expect(result == .tls(.handshake(ForeignText("wrong version number"))))
        #expect(connections.withLock { $0 } == 2)
        for await _ in ended { break }
        #expect(received.all.isEmpty)
        await front.stop()
        await genuine.stop()
    }

    @Test func `trust that cannot be used is said before anything is sent`() async throws {
        let file = try TemporaryFile("garbage")
        let request = HTTPRequest(.get, try EndpointURL(parsing: "https://127.0.0.1:1/"))
        guard case .trustUnusable(file.path, _)? = await send(request, trust: Trust(caFile: file.path)).failure else {
            Issue.record("the file must be named")
            return
        }
    }

    @Test func `one transport serves many requests at once, and none after its end`() async throws {
        let listener = try await StreamListener.responding(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        let transport = NetworkHTTPTransport(roots: TrustRoots(), version: "1")
        let request = HTTPRequest(.get, try url(listener))
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<30 {
                group.addTask { try await transport.send(request, trust: .system, timeout: .ample).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 30))
        await transport.shutdown()
        await #expect(throws: ConnectionFailure.closed) {
            _ = try await transport.send(request, trust: .system, timeout: .ample)
        }
        await listener.stop()
    }
}

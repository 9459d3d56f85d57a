import KeelBase
import KeelNet
import Testing

/// Streams that begin in clear and become TLS.
struct StartTLSTests {
    private let dialer = NetworkDialer(roots: TrustRoots())

    /// Whether a stream refused to take bytes in clear for the server's, in one of the two ways that there are.
    private func isHardFailure(_ failure: ConnectionFailure?) -> Bool {
        switch failure {
        case .injected?, .tls(.handshake)?: true
        default: false
        }
    }

    private func clear(_ endpoint: HostPort) async throws -> any DialedStream {
        try await dialer.open(to: endpoint, security: .clear, timeout: .ample)
    }

    @Test func `both sides talk on, encrypted, after a go-ahead`() async throws {
        let authority = try TestAuthority()
        let identity = try authority.identity("a.test")
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            try? await stream.write("220 go ahead\r\n")
            guard (try? await stream.startTLS(as: identity)) != nil else { return }
            while let bytes = try? await stream.read(), !bytes.isEmpty { try? await stream.write(bytes) }
        }
        // A client may be quicker than the server that let it begin, so this is tried more than once.
        for _ in 0..<20 {
            let stream = try await clear(listener.endpoint)
            #expect(stream.opening.tls == nil && stream.opening.handshake == nil)
            #expect(try await stream.read(count: 14) == Array("220 go ahead\r\n".utf8))
            let facts = try await stream.startTLS(serverName: "a.test", authority.trust)
            #expect(facts.version == .tls13 && facts.chain.map(\.subject.text) == ["CN=a.test"])
            try await stream.write("EHLO\r\n")
            #expect(try await stream.read(count: 6) == Array("EHLO\r\n".utf8))
            await stream.close()
        }
        await listener.stop()
    }

    @Test func `bytes after the go-ahead are never read as the server's`() async throws {
        let authority = try TestAuthority()
        let identity = try authority.identity("a.test")
        let (sent, sending) = AsyncStream.makeStream(of: Void.self)
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            try? await stream.write("220 go ahead\r\n")
            _ = try? await stream.read()
            try? await stream.write("250 injected\r\n")
            sending.yield()
            _ = try? await stream.startTLS(as: identity)
        }
        let stream = try await clear(listener.endpoint)
        #expect(try await stream.read(count: 14) == Array("220 go ahead\r\n".utf8))
        try await stream.write("x")
        for await _ in sent { break }
        let refused = await failure { () throws(ConnectionFailure) in
            _ = try await stream.startTLS(serverName: "a.test", authority.trust)
        }
        #expect(isHardFailure(refused), "\(String(describing: refused))")
        #expect(await failure { () throws(ConnectionFailure) in _ = try await stream.read() } == .closed)
        #expect(await failure { () throws(ConnectionFailure) in try await stream.write([1]) } == .closed)
        await listener.stop()
    }

    @Test func `bytes in the same segment as the go-ahead stay out of the handshake`() async throws {
        // More than a stream holds, so that some of it waits behind the first read, however quick that is.
        let flood = "220 go ahead\r\n" + String(repeating: "250 injected\r\n", count: 20000)
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            try? await stream.write(flood)
            _ = try? await stream.readAll()
        }
        let stream = try await clear(listener.endpoint)
        _ = try await stream.read()
        let refused = await failure { () throws(ConnectionFailure) in
            _ = try await stream.startTLS(serverName: "a.test", .system)
        }
        #expect(isHardFailure(refused), "\(String(describing: refused))")
        #expect(await failure { () throws(ConnectionFailure) in _ = try await stream.read() } == .closed)
        await listener.stop()
    }

    @Test func `bytes in clear in answer to the hello fail the handshake`() async throws {
        let server = RawServer { connection in
            RawServer.send(connection, "220 go ahead\r\n")
            _ = RawServer.receive(connection)
            RawServer.send(connection, "250 injected\r\n")
            while !RawServer.receive(connection).isEmpty {}
        }
        let stream = try await clear(server.endpoint)
        #expect(try await stream.read(count: 14) == Array("220 go ahead\r\n".utf8))
        let refused = await failure { () throws(ConnectionFailure) in
            _ = try await stream.startTLS(serverName: "a.test", .system)
        }
        #expect(refused == .tls(.handshake(ForeignText("wrong version number"))))
        #expect(await failure { () throws(ConnectionFailure) in _ = try await stream.read() } == .closed)
    }

    @Test func `a client that says more than its wish is not heard by the server`() async throws {
        let identity = try TestAuthority().identity("a.test")
        let (verdicts, judging) = AsyncStream.makeStream(of: ConnectionFailure?.self)
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            _ = try? await stream.read()
            judging.yield(
                await failure { () throws(ConnectionFailure) in try await stream.startTLS(as: identity) })
        }
        let stream = try await clear(listener.endpoint)
        try await stream.write("STARTTLS\r\n" + String(repeating: "NOOP\r\n", count: 50000))
        for await verdict in verdicts {
            #expect(isHardFailure(verdict), "\(String(describing: verdict))")
            break
        }
        await stream.close()
        await listener.stop()
    }

    @Test(arguments: [true, false])
    func `TLS does not begin twice`(secured: Bool) async throws {
        let authority = try TestAuthority()
        let identity = try authority.identity("a.test")
        let (verdicts, judging) = AsyncStream.makeStream(of: ConnectionFailure?.self)
        let listener = try await StreamListener.start(on: .anyLoopback, identity: secured ? identity : nil) { stream in
            if !secured { try? await stream.startTLS(as: identity) }
            judging.yield(
                await failure { () throws(ConnectionFailure) in try await stream.startTLS(as: identity) })
            _ = try? await stream.readAll()
        }
        let stream = try await dialer.open(
            to: listener.endpoint, security: secured ? .tls(serverName: "a.test", authority.trust) : .clear,
            timeout: .ample)
        if !secured { _ = try await stream.startTLS(serverName: "a.test", authority.trust) }
        let again = ConnectionFailure.other(ForeignText("the connection is encrypted already"))
        let refused = await failure { () throws(ConnectionFailure) in
            _ = try await stream.startTLS(serverName: "a.test", authority.trust)
        }
        // The server may have closed for the same reason a moment before.
        #expect(refused == again || refused == .tls(.closedEarly))
        for await verdict in verdicts {
            #expect(verdict == again || verdict == .tls(.closedEarly))
            break
        }
        await listener.stop()
    }

    @Test func `a server that hangs up instead of a handshake is named as such`() async throws {
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            try? await stream.write("220 go ahead\r\n")
            _ = try? await stream.read()
        }
        let stream = try await clear(listener.endpoint)
        #expect(try await stream.read(count: 14) == Array("220 go ahead\r\n".utf8))
        let cut = await failure { () throws(ConnectionFailure) in
            _ = try await stream.startTLS(serverName: "a.test", .system)
        }
        #expect(cut == .tls(.closedEarly))
        await listener.stop()
    }

    @Test func `a server that hangs up before a handshake fails it in the same words`() async throws {
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { _ in }
        for security in [StreamSecurity.tls(serverName: "a.test", .system), .clear] {
            let cut = await failure { () throws(ConnectionFailure) in
                let stream = try await dialer.open(to: listener.endpoint, security: security, timeout: .ample)
                _ = try await stream.readAll()
                _ = try await stream.startTLS(serverName: "a.test", .system)
            }
            #expect(cut == .tls(.closedEarly))
        }
        await listener.stop()
    }

    @Test func `cancelling a task that waits for a handshake ends it and the connection`() async throws {
        let (steps, stepping) = AsyncStream.makeStream(of: Bool.self)
        let server = RawServer { connection in
            stepping.yield(RawServer.receive(connection).isEmpty)
            while !RawServer.receive(connection).isEmpty {}
            stepping.yield(true)
        }
        let stream = try await clear(server.endpoint)
        let waiting = Task {
            await failure { () throws(ConnectionFailure) in
                _ = try await stream.startTLS(serverName: "a.test", .system)
            }
        }
        var events = steps.makeAsyncIterator()
        #expect(await events.next() == false)
        waiting.cancel()
        #expect(await waiting.value == .closed)
        #expect(await events.next() == true)
    }
}

extension TLSFailure {
    /// What a peer that hangs up in the handshake, or instead of one, comes to.
    static let closedEarly = TLSFailure.handshake(
        ForeignText("the peer closed the connection during the TLS handshake"))
}

import Glibc
import KeelBase
import KeelNet
import Testing

/// Bytes over connections, and how connections fail.
struct StreamTests {
    private let dialer = NetworkDialer(roots: TrustRoots())

    /// Bytes of which each says where it belongs.
    private static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8 ^ $0 >> 16) }
    }

    @Test(arguments: [true, false])
    func `a large transfer arrives whole and in order, both ways at once`(secured: Bool) async throws {
        let authority = try TestAuthority()
        let size = 5_000_001
        // An echo that begins to answer long before it has read everything, so both directions are full.
        let listener = try await StreamListener.start(
            on: .anyLoopback, identity: secured ? authority.identity("a.test") : nil
        ) { stream in
            while let bytes = try? await stream.read(), !bytes.isEmpty { try? await stream.write(bytes) }
        }
        let stream = try await dialer.open(
            to: listener.endpoint, security: secured ? .tls(serverName: "a.test", authority.trust) : .clear,
            timeout: .ample)
        let sent = Self.pattern(size)
        async let writing: Void = {
            for start in stride(from: 0, to: size, by: 100_000) {
                try await stream.write(Array(sent[start..<min(start + 100_000, size)]))
            }
        }()
        let received = try await stream.read(count: size)
        try await writing
        #expect(received == sent)
        await stream.close()
        await listener.stop()
    }

    @Test func `a conversation on the dialer's executor stays on one thread`() async throws {
        let authority = try TestAuthority()
        let listener = try await StreamListener.start(on: .anyLoopback, identity: authority.identity("a.test")) {
            stream in
            while let bytes = try? await stream.read(), !bytes.isEmpty { try? await stream.write(bytes) }
        }
        let threads = try await withTaskExecutorPreference(dialer.executor()) {
            var threads = [Self.thread()]
            let stream = try await dialer.open(
                to: listener.endpoint, security: .tls(serverName: "a.test", authority.trust), timeout: .ample)
            threads.append(Self.thread())
            for word in ["one", "two"] {
                try await stream.write(word)
                threads.append(Self.thread())
                #expect(try await stream.read(count: 3) == Array(word.utf8))
                threads.append(Self.thread())
            }
            await stream.close()
            return threads + [Self.thread()]
        }
        #expect(Set(threads).count == 1)
        await listener.stop()
    }

    private static func thread() -> pthread_t { pthread_self() }

    @Test(arguments: [true, false])
    func `the end of a peer that closes is an empty read, after all that it sent`(secured: Bool) async throws {
        let authority = try TestAuthority()
        let listener = try await StreamListener.start(
            on: .anyLoopback, identity: secured ? authority.identity("a.test") : nil
        ) { stream in try? await stream.write(Self.pattern(300_000)) }
        let stream = try await dialer.open(
            to: listener.endpoint, security: secured ? .tls(serverName: "a.test", authority.trust) : .clear,
            timeout: .ample)
        #expect(try await stream.readAll() == Self.pattern(300_000))
        #expect(try await stream.read() == [])
        await stream.close()
        await stream.close()
        #expect(await failure { () throws(ConnectionFailure) in _ = try await stream.read() } == .closed)
        #expect(await failure { () throws(ConnectionFailure) in try await stream.write([1]) } == .closed)
        await listener.stop()
    }

    @Test func `a peer that has finished sending can still be written to`() async throws {
        let (heard, hearing) = AsyncStream.makeStream(of: [UInt8].self)
        let server = RawServer { connection in
            RawServer.send(connection, "hello")
            shutdown(connection, Int32(SHUT_WR))
            hearing.yield(RawServer.receive(connection))
        }
        let stream = try await dialer.open(to: server.endpoint, security: .clear, timeout: .ample)
        #expect(try await stream.readAll() == Array("hello".utf8))
        try await stream.write("bye")
        for await bytes in heard {
            #expect(bytes == Array("bye".utf8))
            break
        }
        await stream.close()
    }

    @Test func `a reset is not an orderly end`() async throws {
        let server = RawServer { connection in
            _ = RawServer.receive(connection)
            RawServer.resetOnClose(connection)
        }
        let stream = try await dialer.open(to: server.endpoint, security: .clear, timeout: .ample)
        try await stream.write("hello")
        #expect(await failure { () throws(ConnectionFailure) in _ = try await stream.readAll() } == .closed)
    }

    @Test func `a port where nobody listens refuses`() async throws {
        let closed = ClosedPort()
        let refused = await failure { () throws(ConnectionFailure) in
            _ = try await dialer.open(to: closed.endpoint, security: .clear, timeout: .ample)
        }
        #expect(refused == .refused)
    }

    @Test func `a name that cannot exist is not resolved`() async throws {
        // A label of 64 characters never leaves the resolver (RFC 1035 section 2.3.4).
        let host = String(repeating: "a", count: 64) + ".test"
        let unresolved = await failure { () throws(ConnectionFailure) in
            _ = try await dialer.open(to: HostPort(host: host, port: 1), security: .clear, timeout: .ample)
        }
        #expect(unresolved == .nameNotResolved(host: host))
    }

    @Test(arguments: ["", String(repeating: "a", count: 300), "a\0b"])
    func `a name that cannot be a server's is refused`(name: String) async throws {
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { _ = try? await $0.readAll() }
        let refused = await failure { () throws(ConnectionFailure) in
            _ = try await dialer.open(
                to: listener.endpoint, security: .tls(serverName: name, .system), timeout: .ample)
        }
        guard case .tls(.handshake)? = refused else {
            Issue.record("\(String(describing: refused)) is not a failed handshake")
            return
        }
        await listener.stop()
    }

    @Test func `a server that never answers the handshake runs into the deadline`() async throws {
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            _ = try? await stream.readAll()
        }
        let late = await failure { () throws(ConnectionFailure) in
            _ = try await dialer.open(
                to: listener.endpoint, security: .tls(serverName: "a.test", .system), timeout: .milliseconds(100))
        }
        #expect(late == .timedOut)
        await listener.stop()
    }

    @Test func `a server that hangs up in the handshake is named as such`() async throws {
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            _ = try? await stream.read()
        }
        let cut = await failure { () throws(ConnectionFailure) in
            _ = try await dialer.open(
                to: listener.endpoint, security: .tls(serverName: "a.test", .system), timeout: .ample)
        }
        guard case .tls(.handshake)? = cut else {
            Issue.record("\(String(describing: cut)) is not a failed handshake")
            return
        }
        await listener.stop()
    }

    @Test(arguments: [true, false])
    func `cancelling a task that waits for bytes ends it and the connection`(secured: Bool) async throws {
        let authority = try TestAuthority()
        let (ended, ending) = AsyncStream.makeStream(of: Bool.self)
        let listener = try await StreamListener.start(
            on: .anyLoopback, identity: secured ? authority.identity("a.test") : nil
        ) { stream in
            let bytes = try? await stream.read()
            ending.yield(bytes?.isEmpty ?? true)
        }
        let stream = try await dialer.open(
            to: listener.endpoint, security: secured ? .tls(serverName: "a.test", authority.trust) : .clear,
            timeout: .ample)
        let waiting = Task { await failure { () throws(ConnectionFailure) in _ = try await stream.read() } }
        waiting.cancel()
        #expect(await waiting.value == .closed)
        for await isOver in ended {
            #expect(isOver)
            break
        }
        await listener.stop()
    }

    @Test func `cancelling a task that connects ends it`() async throws {
        let server = RawServer { connection in while !RawServer.receive(connection).isEmpty {} }
        let connecting = Task {
            await failure { () throws(ConnectionFailure) in
                _ = try await dialer.open(
                    to: server.endpoint, security: .tls(serverName: "a.test", .system), timeout: .ample)
            }
        }
        connecting.cancel()
        #expect(await connecting.value == .closed)
    }
}

/// The loopback server by itself.
struct StreamListenerTests {
    @Test(arguments: ["0.0.0.0", "192.0.2.1", "localhost", "::"])
    func `an address that is not literally loopback is refused`(host: String) async {
        await #expect(throws: ConnectionFailure.self) {
            _ = try await StreamListener.start(on: HostPort(host: host, port: 0), identity: nil) { _ in }
        }
    }

    @Test func `stopping cuts connections that are open, idle or in a handshake`() async throws {
        let authority = try TestAuthority()
        let listener = try await StreamListener.start(on: .anyLoopback, identity: authority.identity("a.test")) {
            stream in
            try? await stream.write("hello")
            _ = try? await stream.readAll()
        }
        let dialer = NetworkDialer(roots: TrustRoots())
        let silent = try await dialer.open(to: listener.endpoint, security: .clear, timeout: .ample)
        let open = try await dialer.open(
            to: listener.endpoint, security: .tls(serverName: "a.test", authority.trust), timeout: .ample)
        #expect(try await open.read(count: 5) == Array("hello".utf8))
        await listener.stop()
        await listener.stop()
        for stream in [silent, open] {
            let end = try? await stream.read()
            #expect(end ?? [] == [])
        }
        await #expect(throws: ConnectionFailure.refused) {
            _ = try await dialer.open(to: listener.endpoint, security: .clear, timeout: .ample)
        }
    }

    @Test func `a port in use and a broken identity are said at the start`() async throws {
        let first = try await StreamListener.start(on: .anyLoopback, identity: nil) { _ in }
        await #expect(throws: ConnectionFailure.self) {
            _ = try await StreamListener.start(on: first.endpoint, identity: nil) { _ in }
        }
        await first.stop()
        let broken = ServerIdentity(certificateChainPEM: "none", privateKeyPEM: Secret(copying: "none"))
        await #expect(throws: ConnectionFailure.self) {
            _ = try await StreamListener.start(on: .anyLoopback, identity: broken) { _ in }
        }
    }
}

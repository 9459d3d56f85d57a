import KeelBase
import KeelNet
import Synchronization
import Testing

/// Requests through a proxy that is as small as can be, to servers that nobody else could reach.
struct ProxyTests {
    /// What the proxy was asked for, head by head.
    private final class Asked: Sendable {
        private let heads = Mutex<[String]>([])
        var all: [String] { heads.withLock { $0 } }
        func add(_ head: String) { heads.withLock { $0.append(head) } }
    }

    /// A proxy that answers each CONNECT with `answer`, and goes on to `target` if there is one, whatever name was asked for.
    private func proxy(
        answering answer: String = "HTTP/1.1 200 Connection established\r\n\r\n", to target: HostPort? = nil,
        _ asked: Asked
    ) async throws -> StreamListener {
        let dialer = NetworkDialer(roots: TrustRoots())
        return try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            var head = ""
            while !head.hasSuffix("\r\n\r\n") {
                guard let more = try? await stream.read(), !more.isEmpty else { return }
                head += String(decoding: more, as: UTF8.self)
            }
            asked.add(head)
            try? await stream.write(answer)
            guard let target, let onward = try? await dialer.connect(to: target, security: .clear, timeout: .ample)
            else { return }
            await Self.relay(stream, onward)
        }
    }

    private static func relay(_ one: any ByteStream, _ other: any ByteStream) async {
        await withTaskGroup(of: Void.self) { group in
            for (source, target) in [(one, other), (other, one)] {
                group.addTask {
                    while let bytes = try? await source.read(), !bytes.isEmpty { try? await target.write(bytes) }
                    await target.close()
                }
            }
        }
    }

    private func provider(_ identity: ServerIdentity) async throws -> StreamListener {
        try await StreamListener.start(on: .anyLoopback, identity: identity) { stream in
            _ = try? await stream.read()
            try? await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = try? await stream.readAll()
        }
    }

    private func send(
        _ url: String, through proxy: HostPort, credentials: String = "", trust: Trust = .system
    ) async throws -> Result<HTTPResponse, ConnectionFailure> {
        let rules = ProxyRules(proxiesLoopback: true) { name in
            name == "HTTPS_PROXY" ? Secret(copying: "http://\(credentials)\(proxy)") : nil
        }
        let transport = NetworkHTTPTransport(roots: TrustRoots(), proxies: rules, version: "1")
        let request = HTTPRequest(
            .post, try EndpointURL(parsing: url), authorization: Secret(copying: "Basic eA=="),
            body: Secret(copying: "grant_type=x"))
        let result: Result<HTTPResponse, ConnectionFailure>
        do throws(ConnectionFailure) {
            result = .success(try await transport.send(request, trust: trust, timeout: .ample))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return result
    }

    private func failure(_ result: Result<HTTPResponse, ConnectionFailure>) -> ConnectionFailure? {
        guard case .failure(let failure) = result else { return nil }
        return failure
    }

    private func refused(_ trouble: ProxyFailure.Trouble, _ proxy: HostPort) -> ConnectionFailure {
        .proxy(ProxyFailure(trouble, variable: "HTTPS_PROXY", address: proxy))
    }

    @Test func `a provider is reached through the proxy, which learns its name and no more`() async throws {
        let authority = try TestAuthority()
        let asked = Asked()
        let provider = try await provider(authority.identity("login.provider.test"))
        let proxy = try await proxy(to: provider.endpoint, asked)
        let response = try await send(
            "https://login.provider.test/token?a=b", through: proxy.endpoint, credentials: "user:p%40ss@",
            trust: authority.trust
        ).get()
        #expect(response.status == 200)
        let head = try #require(asked.all.first?.lowercased())
        #expect(asked.all.count == 1)
        #expect(head.hasPrefix("connect login.provider.test:443 http/1.1\r\n"))
        #expect(head.contains("proxy-authorization: basic \(Base64.text(Array("user:p@ss".utf8)))".lowercased()))
        #expect(!head.contains("token") && !head.contains("grant_type") && !head.contains("\r\nauthorization"))
        await proxy.stop()
        await provider.stop()
    }

    @Test func `a certificate is judged through the proxy too, and by its reason`() async throws {
        let authority = try TestAuthority()
        let stranger = try TestAuthority("Other Root")
        let asked = Asked()
        let provider = try await provider(authority.identity("other.test"))
        let proxy = try await proxy(to: provider.endpoint, asked)
        let url = "https://login.provider.test/token"
        guard
            case .tls(.wrongName("login.provider.test", _))? = failure(
                try await send(url, through: proxy.endpoint, trust: authority.trust)),
            case .tls(.untrustedIssuer)? = failure(
                try await send(url, through: proxy.endpoint, trust: stranger.trust))
        else {
            Issue.record("the reason must be named")
            return
        }
        #expect(asked.all.allSatisfy { $0.hasPrefix("CONNECT login.provider.test:443 ") })
        await proxy.stop()
        await provider.stop()
    }

    @Test(
        arguments: [
            ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", .authenticationWanted),
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", .refused(status: 403)),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", .refused(status: 502)),
        ] as [(String, ProxyFailure.Trouble)])
    func `a proxy that opens no way is named, and not its password`(
        answer: String, trouble: ProxyFailure.Trouble
    ) async throws {
        let proxy = try await proxy(answering: answer, Asked())
        let result = failure(
            try await send("https://login.provider.test/token", through: proxy.endpoint, credentials: "user:hunter2@"))
        #expect(result == refused(trouble, proxy.endpoint))
        #expect(!String(describing: result).contains("hunter2"))
        await proxy.stop()
    }

    @Test func `a proxy that is down is not taken for the provider`() async throws {
        let gone = ClosedPort()
        let result = failure(try await send("https://login.provider.test/token", through: gone.endpoint))
        #expect(result == refused(.unreached(.refused), gone.endpoint))
    }

    @Test func `what goes in clear goes directly`() async throws {
        let asked = Asked()
        let proxy = try await proxy(asked)
        let server = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            _ = try? await stream.read()
            try? await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = try? await stream.readAll()
        }
        #expect(try await send("http://\(server.endpoint)/token", through: proxy.endpoint).get().status == 200)
        #expect(asked.all.isEmpty)
        await server.stop()
        await proxy.stop()
    }
}

import KeelBase
import KeelNet
import Testing

/// Requests through a proxy, to servers that nobody else could reach.
struct ProxyTests {
    private func send(
        _ url: String, through proxy: HostPort, scheme: LoopbackProxy.Kind = .http, credentials: String = "",
        trust: Trust = .system, timeout: Duration = .ample
    ) async throws -> Result<HTTPResponse, ConnectionFailure> {
        let rules = ProxyRules(proxiesLoopback: true) { name in
            name == "HTTPS_PROXY" ? Secret(copying: "\(scheme)://\(credentials)\(proxy)") : nil
        }
        let request = HTTPRequest(
            .post, try EndpointURL(parsing: url), authorization: Secret(copying: "Basic eA=="),
            body: Secret(copying: "grant_type=x"))
        return await NetworkHTTPTransport(roots: TrustRoots(), proxies: rules, version: "1")
            .sendOnce(request, trust: trust, timeout: timeout)
    }

    private func failed(_ trouble: ProxyFailure.Trouble, _ proxy: HostPort) -> ConnectionFailure {
        .proxy(ProxyFailure(trouble, variable: "HTTPS_PROXY", address: proxy))
    }

    @Test func `a provider is reached through the proxy, which learns its name and no more`() async throws {
        let authority = try TestAuthority()
        let provider = try await StreamListener.responding(identity: authority.identity("login.provider.test"))
        let proxy = try await LoopbackProxy.start(.http, to: provider.endpoint)
        let response = try await send(
            "https://login.provider.test/token?a=b", through: proxy.endpoint, credentials: "user:p%40ss@",
            trust: authority.trust
        ).get()
        #expect(response.status == 200)
        let head = try #require(proxy.asked.all.first?.lowercased())
        #expect(proxy.asked.all.count == 1)
        #expect(head.hasPrefix("connect login.provider.test:443 http/1.1\r\n"))
        #expect(head.contains("proxy-authorization: basic \(Base64.text(Array("user:p@ss".utf8)))".lowercased()))
        #expect(!head.contains("token") && !head.contains("grant_type") && !head.contains("\r\nauthorization"))
        await proxy.stop()
        await provider.stop()
    }

    @Test func `a provider is reached over SOCKS, which is asked for its name`() async throws {
        let authority = try TestAuthority()
        let provider = try await StreamListener.responding(identity: authority.identity("login.provider.test"))
        let proxy = try await LoopbackProxy.start(.socks5, to: provider.endpoint)
        let result = try await send(
            "https://login.provider.test/token", through: proxy.endpoint, scheme: .socks5, trust: authority.trust)
        #expect(try result.get().status == 200)
        #expect(proxy.asked.all == ["login.provider.test:443"])
        await proxy.stop()
        await provider.stop()
    }

    @Test(arguments: LoopbackProxy.Kind.allCases)
    func `a certificate is judged through the proxy too, and by its reason`(kind: LoopbackProxy.Kind) async throws {
        let authority = try TestAuthority()
        let stranger = try TestAuthority("Other Root")
        let provider = try await StreamListener.responding(identity: authority.identity("other.test"))
        let proxy = try await LoopbackProxy.start(kind, to: provider.endpoint)
        let url = "https://login.provider.test/token"
        guard
            case .tls(.wrongName("login.provider.test", _))? = try await send(
                url, through: proxy.endpoint, scheme: kind, trust: authority.trust
            ).failure,
            case .tls(.untrustedIssuer)? = try await send(
                url, through: proxy.endpoint, scheme: kind, trust: stranger.trust
            ).failure
        else {
            Issue.record("the reason must be named")
            return
        }
        #expect(proxy.asked.all.allSatisfy { $0.contains("login.provider.test:443") })
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
        let proxy = try await LoopbackProxy.start(.http, .head(answer))
        let result = try await send(
            "https://login.provider.test/token", through: proxy.endpoint, credentials: "user:hunter2@"
        ).failure
        #expect(result == failed(trouble, proxy.endpoint))
        #expect(!String(describing: result).contains("hunter2"))
        await proxy.stop()
    }

    @Test(
        arguments: [
            (.reply(2), .replied("2 (not allowed by its rules)")), (.reply(5), .beyond(.refused)),
            (.noMethod, .authenticationWanted), (.hangUp, .replied("by hanging up")),
        ] as [(LoopbackProxy.Answer, ProxyFailure.Trouble)])
    func `a SOCKS proxy that opens no way is named with its reply`(
        answer: LoopbackProxy.Answer, trouble: ProxyFailure.Trouble
    ) async throws {
        let proxy = try await LoopbackProxy.start(.socks5, answer)
        let result = try await send("https://login.provider.test/token", through: proxy.endpoint, scheme: .socks5)
        #expect(result.failure == failed(trouble, proxy.endpoint))
        await proxy.stop()
    }

    @Test(arguments: LoopbackProxy.Kind.allCases)
    func `a proxy that hangs up is not taken for the provider`(kind: LoopbackProxy.Kind) async throws {
        let proxy = try await LoopbackProxy.start(kind, .hangUp)
        let result = try await send("https://login.provider.test/token", through: proxy.endpoint, scheme: kind)
        #expect(result.failure == failed(.replied("by hanging up"), proxy.endpoint))
        await proxy.stop()
    }

    @Test func `a login at a SOCKS proxy is refused before anything is sent`() async throws {
        let proxy = try await LoopbackProxy.start(.socks5)
        let result = try await send(
            "https://login.provider.test/token", through: proxy.endpoint, scheme: .socks5, credentials: "user:hunter2@")
        guard case .proxy(let failure)? = result.failure, case .unusable = failure.trouble else {
            Issue.record("\(String(describing: result.failure)) is not what it should be")
            return
        }
        #expect(!String(describing: failure).contains("hunter2"))
        #expect(proxy.asked.all.isEmpty)
        await proxy.stop()
    }

    @Test func `a name that no resolver takes does not reach a SOCKS proxy`() async throws {
        let proxy = try await LoopbackProxy.start(.socks5)
        let host = Array(repeating: "a", count: 150).joined(separator: ".")
        let result = try await send("https://\(host)/token", through: proxy.endpoint, scheme: .socks5)
        #expect(result.failure == .nameNotResolved(host: host))
        #expect(proxy.asked.all.isEmpty)
        await proxy.stop()
    }

    @Test(arguments: LoopbackProxy.Kind.allCases)
    func `a proxy that is down is not taken for the provider`(kind: LoopbackProxy.Kind) async throws {
        let gone = ClosedPort()
        let result = try await send("https://login.provider.test/token", through: gone.endpoint, scheme: kind)
        #expect(result.failure == failed(.unreached(.refused), gone.endpoint))
    }

    @Test func `what goes in clear goes directly`() async throws {
        let proxy = try await LoopbackProxy.start(.http)
        let server = try await StreamListener.responding()
        #expect(try await send("http://\(server.endpoint)/token", through: proxy.endpoint).get().status == 200)
        #expect(proxy.asked.all.isEmpty)
        await server.stop()
        await proxy.stop()
    }
}

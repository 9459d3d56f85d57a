import KeelBase
import KeelNet
import Testing

/// Connections to mail servers through a proxy.
struct MailProxyTests {
    private static let server = HostPort(host: "imap.example.test", port: 993)

    private func dialer(_ variables: [String: String]) -> NetworkDialer {
        let rules = ProxyRules.mail(proxiesLoopback: true) { variables[$0].map { Secret(copying: $0) } }
        return NetworkDialer(roots: TrustRoots(), proxies: rules, lookup: NameLookup { _, _ in [] })
    }

    private func dialer(
        _ kind: LoopbackProxy.Kind, _ proxy: HostPort, credentials: String = ""
    ) -> NetworkDialer {
        dialer(["ALL_PROXY": "\(kind)://\(credentials)\(proxy)"])
    }

    private func failure(
        _ dialer: NetworkDialer, security: StreamSecurity = .clear, timeout: Duration = .ample
    ) async -> DialFailure? {
        do throws(DialFailure) {
            let stream = try await dialer.connect(to: Self.server, security: security, timeout: timeout)
            await stream.close()
            return nil
        } catch {
            return error
        }
    }

    private func failed(_ trouble: ProxyFailure.Trouble, _ proxy: HostPort) -> DialFailure {
        DialFailure(.proxy(ProxyFailure(trouble, variable: "ALL_PROXY", address: proxy)), at: .tcp)
    }

    @Test(arguments: LoopbackProxy.Kind.allCases, [true, false])
    func `a server is reached by its name, which the proxy resolves`(
        kind: LoopbackProxy.Kind, secured: Bool
    ) async throws {
        let authority = try TestAuthority()
        let identity = try authority.identity(Self.server.host)
        let listener = try await StreamListener.start(on: .anyLoopback, identity: secured ? identity : nil) { stream in
            try? await stream.write("* OK ready\r\n")
            _ = try? await stream.readAll()
        }
        let proxy = try await LoopbackProxy.start(kind, to: listener.endpoint)
        let stream = try await dialer(kind, proxy.endpoint).connect(
            to: Self.server, security: secured ? .tls(serverName: Self.server.host, authority.trust) : .clear,
            timeout: .ample)
        #expect(try await stream.read(count: 12) == Array("* OK ready\r\n".utf8))
        #expect(stream.opening.proxy == proxy.endpoint)
        #expect(stream.opening.peer == nil && stream.opening.resolving == nil)
        #expect((stream.opening.tls != nil) == secured)
        #expect(proxy.asked.all.count == 1)
        #expect(proxy.asked.all.first?.contains("imap.example.test:993") == true)
        await stream.close()
        await proxy.stop()
        await listener.stop()
    }

    @Test(arguments: LoopbackProxy.Kind.allCases)
    func `a greeting that comes with the proxy's last word is read`(kind: LoopbackProxy.Kind) async throws {
        let proxy = try await LoopbackProxy.start(kind, adding: "* OK ready\r\n")
        let stream = try await dialer(kind, proxy.endpoint).connect(to: Self.server, security: .clear, timeout: .ample)
        #expect(try await stream.read(count: 12) == Array("* OK ready\r\n".utf8))
        await stream.close()
        await proxy.stop()
    }

    @Test(arguments: LoopbackProxy.Kind.allCases)
    func `what nobody read of the proxy's last word is not taken into TLS`(kind: LoopbackProxy.Kind) async throws {
        let proxy = try await LoopbackProxy.start(kind, adding: "* OK ready\r\n")
        let stream = try await dialer(kind, proxy.endpoint).connect(to: Self.server, security: .clear, timeout: .ample)
        await #expect(throws: ConnectionFailure.injected(bytes: 12)) {
            _ = try await stream.startTLS(serverName: "imap.example.test", .system)
        }
        await #expect(throws: ConnectionFailure.closed) { _ = try await stream.read() }
        let failure = await failure(
            dialer(kind, proxy.endpoint), security: .tls(serverName: Self.server.host, .system))
        #expect(failure?.reason == .tls(.handshake(ForeignText("wrong version number"))))
        #expect(failure?.stage == .tls && failure?.opening?.proxy == proxy.endpoint)
        await proxy.stop()
    }

    @Test func `a user name and a password are shown to the proxy that asks for them`() async throws {
        let socks = try await LoopbackProxy.start(.socks5, adding: "x")
        #expect(await failure(dialer(.socks5, socks.endpoint, credentials: "us%3Aer:p%40ss@")) == nil)
        #expect(socks.asked.all == ["us:er:p@ss@imap.example.test:993"])
        await socks.stop()
        let http = try await LoopbackProxy.start(.http)
        #expect(await failure(dialer(.http, http.endpoint, credentials: "user:p%40ss@")) == nil)
        let basic = "Proxy-Authorization: Basic \(Base64.text(Array("user:p@ss".utf8)))\r\n"
        #expect(http.asked.all.first?.contains(basic) == true)
        await http.stop()
    }

    @Test(
        arguments: [
            (.socks5, .reply(1), .replied("1 (general failure)")),
            (.socks5, .reply(2), .replied("2 (not allowed by its rules)")),
            (.socks5, .reply(4), .beyond(.unreachable)), (.socks5, .reply(5), .beyond(.refused)),
            (.socks5, .reply(6), .beyond(.timedOut)), (.socks5, .noMethod, .authenticationWanted),
            (.socks5, .badLogin, .authenticationWanted), (.socks5, .hangUp, .replied("by hanging up")),
            (.http, .head("HTTP/1.1 407 Who are you\r\n\r\n"), .authenticationWanted),
            (.http, .head("HTTP/1.1 403 No\r\n\r\n"), .refused(status: 403)),
            (.http, .head("SSH-2.0-x\r\n\r\n"), .refused(status: nil)), (.http, .hangUp, .replied("by hanging up")),
        ] as [(LoopbackProxy.Kind, LoopbackProxy.Answer, ProxyFailure.Trouble)])
    func `a proxy that opens no way is named, and not its password`(
        kind: LoopbackProxy.Kind, answer: LoopbackProxy.Answer, trouble: ProxyFailure.Trouble
    ) async throws {
        let proxy = try await LoopbackProxy.start(kind, answer)
        let result = await failure(dialer(kind, proxy.endpoint, credentials: "user:hunter2@"))
        #expect(result == failed(trouble, proxy.endpoint))
        #expect(!String(describing: result).contains("hunter2"))
        await proxy.stop()
    }

    @Test func `a server for something else is told from a proxy`() async throws {
        let mail = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            try? await stream.write("* OK ready\r\n")
            _ = try? await stream.readAll()
        }
        let result = await failure(dialer(.socks5, mail.endpoint))
        #expect(result == failed(.replied("with something that is not SOCKS 5"), mail.endpoint))
        await mail.stop()
    }

    @Test(arguments: LoopbackProxy.Kind.allCases)
    func `a proxy that is down or silent is not gone around`(kind: LoopbackProxy.Kind) async throws {
        let gone = ClosedPort()
        #expect(await failure(dialer(kind, gone.endpoint)) == failed(.unreached(.refused), gone.endpoint))
        let silent = try await LoopbackProxy.start(kind, .silence)
        let late = await failure(dialer(kind, silent.endpoint), timeout: .milliseconds(100))
        // Under load the time may be up before it was reached.
        #expect([.beyond(.timedOut), .unreached(.timedOut)].map { failed($0, silent.endpoint) }.contains(late))
        let dialing = Task { await failure(dialer(kind, silent.endpoint)) }
        dialing.cancel()
        #expect(await dialing.value == DialFailure(.closed, at: .tcp))
        await silent.stop()
        let nowhere = await failure(dialer(["ALL_PROXY": "\(kind)://proxy.example.test:1"]))
        let unresolved = ProxyFailure(
            .unreached(.nameNotResolved(host: "proxy.example.test")), variable: "ALL_PROXY",
            address: HostPort(host: "proxy.example.test", port: 1))
        #expect(nowhere == DialFailure(.proxy(unresolved), at: .tcp))
    }

    @Test func `a setting that cannot be used opens no connection`() async throws {
        let result = await failure(dialer(["ALL_PROXY": "socks4://user:hunter2@127.0.0.1:1"]))
        #expect(
            result
                == DialFailure(
                    .proxy(ProxyFailure(.unusable("proxies over socks4 are not supported"), variable: "ALL_PROXY")),
                    at: .tcp))
        let long = HostPort(host: String(repeating: "a", count: 256), port: 993)
        await #expect(throws: DialFailure(.nameNotResolved(host: long.host), at: .tcp)) {
            _ = try await dialer(["ALL_PROXY": "socks5://127.0.0.1:1"]).connect(
                to: long, security: .clear, timeout: .ample)
        }
    }
}

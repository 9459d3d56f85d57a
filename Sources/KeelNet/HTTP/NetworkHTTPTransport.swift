import AsyncHTTPClient
import KeelBase
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Sends requests over HTTP/1.1 with AsyncHTTPClient.
///
/// No redirect is followed, no cookie is kept, certificates are always verified, and a body of more than
/// `bodyLimit` bytes fails the call. A proxy opens a tunnel and no more: what goes through it is encrypted for the provider.
package final class NetworkHTTPTransport: HTTPTransport {
    /// The largest body that is read, in bytes.
    package static let bodyLimit = 1 << 20

    private let roots: TrustRoots
    private let dialer: NetworkDialer
    private let proxies: ProxyRules
    private let userAgent: String
    /// One client for each way, made when first needed; nil after `shutdown()`.
    private let clients = Mutex<[Way: HTTPClient]?>([:])

    /// What connections have to have in common to share a client.
    private struct Way: Hashable {
        /// Nil for clear text.
        let trust: Trust?
        /// The rules know one proxy at most.
        let isProxied: Bool
    }

    /// - Parameters:
    ///   - roots: What connections trust; share it with the dialer, so that files are parsed once.
    ///   - proxies: Which connections go through a proxy.
    ///   - version: Goes into `User-Agent: mailkeel/<version>`.
    package init(roots: TrustRoots, proxies: ProxyRules = .none, version: String) {
        self.roots = roots
        self.proxies = proxies
        dialer = NetworkDialer(roots: roots)
        userAgent = "mailkeel/\(version)"
    }

    /// Sends one request; the timeout covers everything from name resolution to the last byte of the body.
    package func send(
        _ request: HTTPRequest, trust: Trust, timeout: Duration
    ) async throws(ConnectionFailure) -> HTTPResponse {
        // AsyncHTTPClient shows nobody the server's key, and a pin that is not looked at protects nobody.
        guard trust.pin == nil else { throw .other(ForeignText("a pin cannot be checked for requests over HTTPS")) }
        let deadline = ContinuousClock.now + timeout
        let authority = request.url.authority
        let proxy = try proxy(for: request.url)
        let client = try client(for: request.url.scheme == .https ? trust : nil, through: proxy)
        do {
            return try await Self.within(timeout) { [self] in try await exchange(request, with: client) }
        } catch {
            let failure = ConnectionFailure(error, host: authority.host, through: proxy)
            switch failure {
            case .tls: throw await explanation(of: failure, authority, trust, proxy, deadline)
            // The client's words for what goes wrong with SOCKS say little.
            case .other where proxy?.scheme == .socks5:
                throw await explanation(of: failure, authority, trust, proxy, deadline)
            // Who hung up, the proxy or the provider, shows when a way is asked for once more.
            case .closed where proxy != nil && !Task.isCancelled:
                throw await explanation(of: failure, authority, trust, proxy, deadline)
            case .proxy(let told) where told.trouble == .refused(status: nil):
                throw await explanation(of: failure, authority, trust, proxy, deadline)
            default: throw failure
            }
        }
    }

    /// Nothing in clear goes through a proxy: it could read along.
    private func proxy(for url: EndpointURL) throws(ConnectionFailure) -> Proxy? {
        let proxy: Proxy?
        do throws(ProxyFailure) { proxy = url.scheme == .https ? try proxies.proxy(for: url.authority) : nil } catch {
            throw .proxy(error)
        }
        guard let proxy, proxy.scheme == .socks5 else { return proxy }
        guard proxy.credentials == nil else {
            throw proxy.failure(
                .unusable(
                    "for requests over HTTPS a SOCKS proxy with a login is not supported; HTTPS_PROXY can name another")
            )
        }
        // AsyncHTTPClient has one byte for the length too, and does not look.
        guard url.authority.host.utf8.count <= 255 else { throw .nameNotResolved(host: url.authority.host) }
        return proxy
    }

    /// Ends all connections. Calls that come later throw `.closed`. Must be called before the transport is dropped.
    ///
    /// It waits a second at most: AsyncHTTPClient waits for connections that are still being opened, and a server that
    /// does not answer must not hold up the end of the program.
    package func shutdown() async {
        let last = clients.withLock { clients in
            defer { clients = nil }
            return clients ?? [:]
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let over = loop.makePromise(of: Void.self)
        let patience = loop.scheduleTask(in: .seconds(1)) { over.succeed() }
        let endings: [EventLoopFuture<Void>] = last.values.map { $0.shutdown() }
        EventLoopFuture.andAllComplete(endings, on: loop).whenComplete { _ in
            patience.cancel()
            over.succeed()
        }
        try? await over.futureResult.get()
    }

    /// Repeats the handshake, without a byte of the request, to learn why it fails: AsyncHTTPClient has one error for all.
    private func explanation(
        of failure: ConnectionFailure, _ authority: HostPort, _ trust: Trust, _ proxy: Proxy?,
        _ deadline: ContinuousClock.Instant
    ) async -> ConnectionFailure {
        do {
            let stream = try await dialer.connect(
                to: authority, security: .tls(serverName: authority.host, trust), through: proxy,
                timeout: deadline - .now)
            await stream.close()
        } catch {
            switch error.reason {
            case .tls, .proxy: return error.reason
            default: break
            }
        }
        return failure
    }

    private func exchange(_ request: HTTPRequest, with client: HTTPClient) async throws -> HTTPResponse {
        // `within` cancels this; the client's own deadline is only a backstop.
        let response = try await client.execute(clientRequest(request), timeout: .hours(1))
        let body = try await response.body.collect(upTo: Self.bodyLimit)
        return HTTPResponse(
            status: Int(response.status.code),
            headers: response.headers.map { (name: $0.name, value: $0.value) },
            body: Secret(copying: Array(buffer: body)))
    }

    private func clientRequest(_ request: HTTPRequest) -> HTTPClientRequest {
        var sent = HTTPClientRequest(url: request.url.description)
        sent.method = HTTPMethod(rawValue: request.method.rawValue)
        for (name, value) in request.headers { sent.headers.add(name: name, value: value) }
        sent.headers.replaceOrAdd(name: "User-Agent", value: userAgent)
        if let authorization = request.authorization {
            sent.headers.replaceOrAdd(name: "Authorization", value: authorization.revealText())
        }
        if let body = request.body { sent.body = .bytes(body.reveal()) }
        return sent
    }

    private func client(for trust: Trust?, through proxy: Proxy?) throws(ConnectionFailure) -> HTTPClient {
        let way = Way(trust: trust, isProxied: proxy != nil)
        return try clients.withLock { clients throws(ConnectionFailure) in
            guard clients != nil else { throw .closed }
            if let known = clients?[way] { return known }
            var anchors: [NIOSSLCertificate] = []
            if let trust { anchors = try roots.encodedAnchors(for: trust) }
            let client = HTTPClient(
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                configuration: Self.configuration(trusting: anchors, through: proxy))
            clients?[way] = client
            return client
        }
    }

    private static func configuration(
        trusting anchors: [NIOSSLCertificate], through proxy: Proxy?
    ) -> HTTPClient.Configuration {
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        security.trustRoots = .certificates(anchors)
        var configuration = HTTPClient.Configuration()
        configuration.proxy = proxy.map { proxy in
            switch proxy.scheme {
            case .http:
                .server(
                    host: proxy.address.host, port: proxy.address.port,
                    authorization: proxy.credentials.map { .basic(credentials: $0.basic.revealText()) })
            case .socks5: .socksServer(host: proxy.address.host, port: proxy.address.port)
            }
        }
        configuration.tlsConfiguration = security
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        // The caller's timeout rules; this ends attempts that nobody waits for any more, and those of patient callers.
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(30))
        // A refusal is an answer; whether to try again is decided where the request's meaning is known.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Servers drop idle connections; a request must not meet one that is just being dropped.
        configuration.connectionPool.idleTimeout = .seconds(10)
        return configuration
    }

    /// Runs `work`, or cancels it and throws `.timedOut` when time is up.
    private static func within<Value: Sendable>(
        _ timeout: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw ConnectionFailure.timedOut
            }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}

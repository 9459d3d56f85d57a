import KeelBase
import NIOCore
import NIOPosix

/// Connects to mail servers over TCP and TLS 1.2 or newer.
///
/// Certificates are always verified: a path to a trust anchor, dates, and the declared name, which is also what goes
/// into SNI. What is wrong is said exactly, as `ConnectionFailure.tls`. Where a proxy is named, there is no other way.
package struct NetworkDialer: StreamDialer {
    private let roots: TrustRoots
    private let proxies: ProxyRules
    private let lookup: NameLookup

    /// - Parameters:
    ///   - roots: What connections trust.
    ///   - proxies: Which connections go through a proxy: `ProxyRules.mail`.
    ///   - lookup: Who turns names into addresses.
    package init(roots: TrustRoots, proxies: ProxyRules = .none, lookup: NameLookup = .system) {
        self.roots = roots
        self.proxies = proxies
        self.lookup = lookup
    }

    /// Connects and, for TLS, completes the handshake; all of it, name resolution included, within `timeout`.
    ///
    /// Throws `.closed` as soon as the task is cancelled.
    package func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream {
        let proxy: Proxy?
        do throws(ProxyFailure) { proxy = try proxies.proxy(for: endpoint) } catch {
            throw DialFailure(.proxy(error), at: .tcp)
        }
        return try await connect(to: endpoint, security: security, through: proxy, timeout: timeout)
    }

    /// An event loop; each call gives the next one.
    package func executor() -> (any TaskExecutor)? { LoopExecutor(MultiThreadedEventLoopGroup.singleton.next()) }

    /// As `connect`, through a proxy where one is given.
    func connect(
        to endpoint: HostPort, security: StreamSecurity, through proxy: Proxy?, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream {
        // A day stands for ever, which would overflow a deadline.
        let timeout = min(timeout, .seconds(86400))
        let clock = ContinuousClock()
        let start = clock.now
        let tls = try clientSecurity(security)
        let way = Opening(endpoint: endpoint, proxy: proxy, lookup: lookup, timeout: TimeAmount(timeout))
        let (stream, opening) = try await way.open()
        do throws(ConnectionFailure) {
            guard let tls else {
                try await stream.begin()
                return DialedChannel(stream, opening, roots: roots)
            }
            let begun = clock.now
            try await stream.secure(accepting: .any, within: timeout - (begun - start)) { try tls.handler($0) }
            let facts = tls.facts(await stream.tlsVersion())
            return DialedChannel(stream, opening.secured(in: clock.now - begun, facts), roots: roots)
        } catch {
            throw DialFailure(error, at: .tls, after: opening)
        }
    }

    /// What is trusted is read before anybody is called.
    private func clientSecurity(_ security: StreamSecurity) throws(DialFailure) -> ClientSecurity? {
        guard case .tls(let serverName, let trust) = security else { return nil }
        do throws(ConnectionFailure) { return try ClientSecurity(serverName: serverName, trust, roots: roots) } catch {
            throw DialFailure(error, at: .tls)
        }
    }
}

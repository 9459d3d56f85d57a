import KeelBase

/// What is said to a proxy until it opens a way to an endpoint: bytes in, bytes out, and no I/O.
package protocol TunnelDialogue: Sendable {
    /// The first word, which is ours.
    func begin() -> [UInt8]

    /// What follows from bytes of the proxy. Nothing may be asked after `.open` or `.fail`.
    mutating func receive(_ bytes: [UInt8]) -> TunnelStep

    /// What it means if the proxy hangs up.
    var hangUp: ProxyFailure.Trouble { get }
}

/// What follows from the bytes of a proxy.
package enum TunnelStep: Sendable, Equatable {
    case wait
    case say([UInt8])
    /// The way is open, and these bytes behind the proxy's last word are the endpoint's.
    case open(rest: [UInt8])
    case fail(ProxyFailure.Trouble)
}

extension Proxy {
    /// What to say to this proxy. Throws `.nameNotResolved` for a name that is too long for any resolver.
    func dialogue(to endpoint: HostPort) throws(ConnectionFailure) -> any TunnelDialogue {
        // RFC 1928 has one byte for the length, and DNS no longer names (RFC 1035 section 2.3.4).
        guard (1...255).contains(endpoint.host.utf8.count) else { throw .nameNotResolved(host: endpoint.host) }
        return switch scheme {
        case .http: ConnectDialogue(to: endpoint, credentials: credentials)
        case .socks5: SOCKSDialogue(to: endpoint, credentials: credentials)
        }
    }
}

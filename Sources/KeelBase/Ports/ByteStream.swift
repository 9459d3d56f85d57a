/// A connection over which bytes flow both ways.
package protocol ByteStream: Sendable {
    /// The next bytes, at least one; an empty array when the peer has closed.
    func read() async throws(ConnectionFailure) -> [UInt8]
    func write(_ bytes: [UInt8]) async throws(ConnectionFailure)
    /// Closes at once; a second call does nothing.
    func close() async
}

/// How a stream is secured from its first byte.
package enum StreamSecurity: Sendable, Hashable {
    /// TLS with the certificate verified for `serverName`; there is no way to turn the verification off.
    case tls(serverName: String, Trust)
    case clear
}

/// A connection that was opened to a mail server.
package protocol DialedStream: ByteStream {
    /// How the opening went.
    var opening: StreamOpening { get }

    /// Begins TLS on a stream in clear, with the certificate verified for `serverName`.
    ///
    /// Throws `.injected` if a single byte came that was not read before: whoever sent it wants it taken for the server's
    /// (RFC 3207 section 6). The stream is of no use after any failure.
    func startTLS(serverName: String, _ trust: Trust) async throws(ConnectionFailure) -> TLSFacts
}

/// How a connection was opened, and how long each part took.
package struct StreamOpening: Sendable, Hashable {
    /// The address that took the connection; nil behind a proxy that did not say it.
    package let peer: HostPort?
    /// The proxy on the way.
    package let proxy: HostPort?
    /// How long the name took to become addresses; nil for a literal address.
    package let resolving: Duration?
    package let connecting: Duration
    /// Nil for a stream in clear.
    package let handshake: Duration?
    package let tls: TLSFacts?

    package init(
        peer: HostPort?, proxy: HostPort? = nil, resolving: Duration? = nil, connecting: Duration = .zero,
        handshake: Duration? = nil, tls: TLSFacts? = nil
    ) {
        self.peer = peer
        self.proxy = proxy
        self.resolving = resolving
        self.connecting = connecting
        self.handshake = handshake
        self.tls = tls
    }

    /// The same after a handshake.
    package func secured(in handshake: Duration, _ tls: TLSFacts) -> StreamOpening {
        StreamOpening(
            peer: peer, proxy: proxy, resolving: resolving, connecting: connecting, handshake: handshake, tls: tls)
    }
}

/// Why a connection could not be opened, and how far it came.
package struct DialFailure: Error, Sendable, Equatable {
    package let reason: ConnectionFailure
    /// `dns`, `tcp` or `tls`.
    package let stage: ProbeStage
    /// What was opened before it failed; nil before the connection stood.
    package let opening: StreamOpening?
    /// The addresses of the name that were tried, when none of them took the connection.
    package let tried: [String]

    package init(
        _ reason: ConnectionFailure, at stage: ProbeStage, after opening: StreamOpening? = nil, tried: [String] = []
    ) {
        self.reason = reason
        self.stage = stage
        self.opening = opening
        self.tried = tried
    }
}

/// Opens connections to mail servers.
package protocol StreamDialer: Sendable {
    /// Connects, and for TLS completes and verifies the handshake.
    ///
    /// The timeout covers name resolution, connecting and the handshake together.
    func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream

    /// Where a conversation runs best: a connection that is opened there is served by the same thread, so that no word of it
    /// waits for another thread to wake. Nil: anywhere.
    func executor() -> (any TaskExecutor)?
}

extension StreamDialer {
    package func executor() -> (any TaskExecutor)? { nil }
}

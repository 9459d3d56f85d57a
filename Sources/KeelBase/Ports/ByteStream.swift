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

/// Opens connections to mail servers.
package protocol StreamDialer: Sendable {
    /// Connects, and for TLS completes and verifies the handshake.
    ///
    /// The timeout covers name resolution, connecting and the handshake together.
    func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(ConnectionFailure) -> any ByteStream
}

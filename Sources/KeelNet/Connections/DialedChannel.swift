import KeelBase
import NIOSSL

/// A connection that `NetworkDialer` opened.
final class DialedChannel: DialedStream {
    let opening: StreamOpening
    private let stream: ChannelStream
    private let roots: TrustRoots

    init(_ stream: ChannelStream, _ opening: StreamOpening, roots: TrustRoots) {
        self.stream = stream
        self.opening = opening
        self.roots = roots
    }

    func read() async throws(ConnectionFailure) -> [UInt8] { try await stream.read() }

    func write(_ bytes: [UInt8]) async throws(ConnectionFailure) { try await stream.write(bytes) }

    func close() async { await stream.close() }

    func startTLS(serverName: String, _ trust: Trust) async throws(ConnectionFailure) -> TLSFacts {
        let security = try ClientSecurity(serverName: serverName, trust, roots: roots)
        try await stream.secure { opened in try security.handler(opened) }
        return security.facts(await stream.tlsVersion())
    }
}

import HummingbirdCore
import HummingbirdTLS
import KeelBase
import NIOCore
import NIOPosix
import NIOSSL

/// Serves one `HTTPHandler` on a loopback address, in clear or over TLS, until it is stopped.
///
/// It writes no log: what happened is the handler's to tell.
package final class LoopbackHTTPServer: Sendable {
    /// Where it listens; the port is the real one, also when any free one was asked for.
    package let endpoint: HostPort

    private let listener: any Channel
    private let connections: OpenConnections
    private let running: Task<Void, Never>

    private init(
        endpoint: HostPort, listener: any Channel, connections: OpenConnections, running: Task<Void, Never>
    ) {
        self.endpoint = endpoint
        self.listener = listener
        self.connections = connections
        self.running = running
    }

    /// Listens, and answers from then on.
    ///
    /// - Parameters:
    ///   - address: a literal loopback address; port 0 asks for any free port.
    ///   - identity: the certificate and key for HTTPS; nil for HTTP.
    ///   - limits: what clients may take up.
    ///   - handler: answers each request; it must heed the cancellation of its task, so that `stop()` is bounded.
    /// - Returns: the running server; whoever started it must stop it.
    /// - Throws: `HTTPServerStartFailure`.
    package static func start(
        on address: HostPort, identity: ServerIdentity? = nil, limits: ClientLimits = ClientLimits(),
        handler: any HTTPHandler
    ) async throws(HTTPServerStartFailure) -> LoopbackHTTPServer {
        guard address.isLoopbackLiteral else { throw .notLoopback(address) }
        let connections = OpenConnections(limits)
        let http = HTTP1Channel(
            responder: HandlerResponder(handler: handler).respond, configuration: configuration(connections))
        let serve: Serve
        if let identity {
            serve = server(try secured(http, identity), on: address, limits)
        } else {
            serve = server(http, on: address, limits)
        }
        let (outcomes, outcome) = AsyncStream.makeStream(of: Result<any Channel, any Error>.self)
        // The root of this server's task tree: it lives until `stop()`, which waits for its end.
        let running = Task {
            do { try await serve { outcome.yield(.success($0)) } } catch { outcome.yield(.failure(error)) }
            outcome.finish()
        }
        switch await outcomes.first(where: { _ in true }) {
        case .success(let listener):
            let endpoint = HostPort(host: address.host, port: listener.localAddress?.port ?? address.port)
            return LoopbackHTTPServer(
                endpoint: endpoint, listener: listener, connections: connections, running: running)
        case .failure(let error):
            throw HTTPServerStartFailure(binding: address, error)
        case nil:
            running.cancel()
            await running.value
            throw .cancelled
        }
    }

    /// Stops listening, lets running requests finish for a moment, and returns when all connections are gone.
    ///
    /// What still runs after the moment is cancelled and its connection closed. A second call only waits.
    package func stop() async {
        try? await listener.close()
        connections.quiesce()
        await withTaskGroup { group in
            group.addTask { [running] in await running.value }
            group.addTask { [running, connections] in
                // Also right away when the caller itself is cancelled; without effect when all is over.
                try? await Task.sleep(for: HTTPServerLimits.grace)
                connections.closeAll()
                running.cancel()
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Listens, tells the listening channel, and serves until that is closed.
    private typealias Serve =
        @Sendable (_ onListening: @escaping @Sendable (any Channel) async -> Void) async throws -> Void

    private static func server(
        _ connection: some ServerChildChannel, on address: HostPort, _ limits: ClientLimits
    ) -> Serve {
        { onListening in
            let server = Server(
                childChannelSetup: connection,
                configuration: ServerConfiguration(
                    address: .hostname(address.host, port: address.port),
                    availableConnectionsDelegate: MaximumAvailableConnections(
                        limits.connections, logger: silentLogger)),
                onServerRunning: onListening, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: silentLogger)
            try await server.run()
        }
    }

    private static func configuration(_ connections: OpenConnections) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionTracker(connections)],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: HTTPServerLimits.headerField,
                maxHeaderListSize: HTTPServerLimits.headerList,
                maxHeaderFieldCount: HTTPServerLimits.headerCount))
    }

    private static func secured(
        _ http: HTTP1Channel, _ identity: ServerIdentity
    ) throws(HTTPServerStartFailure) -> TLSChannel<HTTP1Channel> {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificateChainPEM.utf8))
            let key = try NIOSSLPrivateKey(bytes: identity.privateKeyPEM.reveal(), format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = ["http/1.1"]
            tls.shutdownTimeout = .seconds(1)
            return try TLSChannel(http, tlsConfiguration: tls)
        } catch {
            throw .identityUnusable(ForeignText("the certificate or its key cannot be read"))
        }
    }
}

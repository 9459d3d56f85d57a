import KeelBase
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server for streams on a loopback address, with or without TLS: what the sandbox's mail servers stand on.
package final class StreamListener: Sendable {
    /// Where it listens, with the port that the system chose if 0 was asked for.
    package let endpoint: HostPort

    private let server: any Channel
    private let connections: OpenConnections
    private let service: Task<Void, Never>

    private init(
        _ endpoint: HostPort, _ server: any Channel, _ connections: OpenConnections, _ service: Task<Void, Never>
    ) {
        self.endpoint = endpoint
        self.server = server
        self.connections = connections
        self.service = service
    }

    /// Starts to listen.
    ///
    /// Each connection is given to `onConnection` after its TLS handshake, in a task of its own, and closed when
    /// that returns. Throws `.other` for a host that is not a literal loopback address, for an unusable identity, and
    /// when the system refuses the address.
    package static func start(
        on endpoint: HostPort, identity: ServerIdentity?,
        onConnection: @escaping @Sendable (ServedStream) async -> Void
    ) async throws(ConnectionFailure) -> StreamListener {
        guard endpoint.isLoopbackLiteral else {
            throw .other(ForeignText("\(endpoint.host) is not a literal loopback address"))
        }
        let security = try identity.map(NIOSSLContext.server)
        let (accepted, intake) = AsyncStream.makeStream(of: ChannelStream.self)
        let connections = OpenConnections()
        let server: any Channel
        do {
            server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard connections.add(channel) else { throw ChannelError.ioOnClosedChannel }
                        try prepare(channel, security) { intake.yield($0) }
                    }
                }
                .bind(host: endpoint.host, port: endpoint.port).get()
        } catch {
            throw ConnectionFailure(error, host: endpoint.host)
        }
        // The root of all that happens here: it ends with `stop()`, which cancels it and waits for it.
        let service = Task {
            await withDiscardingTaskGroup { group in
                for await stream in accepted {
                    group.addTask {
                        await onConnection(ServedStream(stream))
                        await stream.close()
                    }
                }
            }
        }
        server.closeFuture.whenComplete { _ in intake.finish() }
        let port = server.localAddress?.port ?? endpoint.port
        return StreamListener(HostPort(host: endpoint.host, port: port), server, connections, service)
    }

    /// Stops accepting, cuts the open connections, cancels what serves them, and returns when all of it has ended.
    package func stop() async {
        try? await server.close().get()
        await connections.close()
        service.cancel()
        await service.value
    }

    /// Builds the pipeline of an accepted connection; `ready` gets its stream when bytes can flow.
    private static func prepare(
        _ channel: any Channel, _ security: NIOSSLContext?, _ ready: @escaping @Sendable (ChannelStream) -> Void
    ) throws {
        let inbound = InboundBuffer()
        let pipeline = channel.pipeline.syncOperations
        guard let security else {
            try pipeline.addHandler(inbound)
            return ready(ChannelStream(channel, inbound))
        }
        let opened = channel.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(inbound, eventLoop: channel.eventLoop)
        opened.futureResult.whenSuccess { ready(ChannelStream(channel, bound.value)) }
        opened.futureResult.whenFailure { _ in channel.cut() }
        do {
            try pipeline.addHandlers([NIOSSLServerHandler(context: security), OpeningHandler(opened), inbound])
        } catch {
            opened.fail(error)
        }
    }
}

/// The channels of a listener that are open, so that `stop()` reaches those in a handshake too.
private final class OpenConnections: Sendable {
    /// Nil after `close()`.
    private let channels = Mutex<[ObjectIdentifier: any Channel]?>([:])

    /// False when it is too late for new ones.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isOpen = channels.withLock { channels in
            channels?[id] = channel
            return channels != nil
        }
        channel.closeFuture.whenComplete { [self] _ in
            channels.withLock { channels in _ = channels?.removeValue(forKey: id) }
        }
        return isOpen
    }

    /// Cuts every connection and returns when all are closed.
    func close() async {
        let open = channels.withLock { channels in
            defer { channels = nil }
            return channels ?? [:]
        }
        for channel in open.values {
            channel.eventLoop.execute { channel.cut() }
            try? await channel.closeFuture.get()
        }
    }
}

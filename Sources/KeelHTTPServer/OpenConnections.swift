import NIOCore
import Synchronization

/// The connections that clients hold open, so that stopping need not wait for them to go.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var stopping = false
    }

    private let state = Mutex(State())

    /// Remembers `channel` until it closes; closes it at once if the server is stopping.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let refused = state.withLock { state in
            if !state.stopping { state.channels[id] = channel }
            return state.stopping
        }
        guard !refused else { return channel.close(promise: nil) }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { _ = $0.channels.removeValue(forKey: id) }
        }
    }

    /// Closes idle connections now, and the others when their response is written.
    func quiesce() {
        for channel in stop() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// Closes what is open, whatever it is doing.
    func closeAll() {
        for channel in stop() { channel.close(promise: nil) }
    }

    private func stop() -> [any Channel] {
        state.withLock { state in
            state.stopping = true
            return Array(state.channels.values)
        }
    }
}

/// Enters its connection into the list.
final class ConnectionTracker: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let connections: OpenConnections

    init(_ connections: OpenConnections) { self.connections = connections }

    func handlerAdded(context: ChannelHandlerContext) { connections.add(context.channel) }
}

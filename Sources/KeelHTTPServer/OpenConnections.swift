import NIOCore
import Synchronization

/// The connections that clients hold open: no more than a limit, and none that waits for a request for ever. Stopping need not
/// wait for them to go.
final class OpenConnections: Sendable {
    private struct Entry {
        let channel: any Channel
        /// Its place among those that wait for a request, the lowest the longest; nil while it is being answered.
        var waiting: UInt64?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var nextPlace: UInt64 = 0
        var stopping = false

        /// Puts a connection last among those that wait.
        mutating func wait(_ id: ObjectIdentifier) {
            entries[id]?.waiting = nextPlace
            nextPlace += 1
        }

        /// Gives up the one that has waited longest, but not `id`, if all places are taken.
        mutating func makeRoom(besides id: ObjectIdentifier, limit: Int) -> (any Channel)? {
            guard entries.count >= limit else { return nil }
            let longest = entries.min { ($0.value.waiting ?? .max) < ($1.value.waiting ?? .max) }
            guard let longest, longest.key != id, longest.value.waiting != nil else { return nil }
            return entries.removeValue(forKey: longest.key)?.channel
        }
    }

    let limits: ClientLimits
    private let state = Mutex(State())

    init(_ limits: ClientLimits) { self.limits = limits }

    /// Remembers `channel` until it closes; closes it at once if the server is stopping.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let superfluous = state.withLock { state -> (any Channel)? in
            guard !state.stopping else { return channel }
            state.entries[id] = Entry(channel: channel)
            state.wait(id)
            return state.makeRoom(besides: id, limit: limits.connections)
        }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { _ = $0.entries.removeValue(forKey: id) }
        }
        superfluous?.close(promise: nil)
    }

    /// Notes how far `channel` has come.
    func note(_ progress: RequestProgress, of channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let superfluous = state.withLock { state -> (any Channel)? in
            switch progress {
            case .arrived:
                state.entries[id]?.waiting = nil
                return nil
            case .answered:
                state.wait(id)
                return state.makeRoom(besides: id, limit: limits.connections)
            }
        }
        superfluous?.close(promise: nil)
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
            return state.entries.values.map(\.channel)
        }
    }
}

/// How far a connection has come, told as an event of its pipeline.
enum RequestProgress: Sendable {
    /// A request is there, whole.
    case arrived
    /// Its response goes out: the client is to take it, and may send the next request.
    case answered
}

/// Enters its connection into the list, and closes it when its client takes too long for a request.
///
/// The time runs for a whole request, and not from one byte to the next: a client that sends a byte now and then would stay
/// for ever. It does not run while a handler makes its answer.
final class ConnectionTracker: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let connections: OpenConnections
    private var deadline: Scheduled<Void>?

    init(_ connections: OpenConnections) { self.connections = connections }

    func handlerAdded(context: ChannelHandlerContext) {
        connections.add(context.channel)
        wait(for: context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let progress = event as? RequestProgress else { return context.fireUserInboundEventTriggered(event) }
        connections.note(progress, of: context.channel)
        switch progress {
        case .arrived: deadline?.cancel()
        case .answered: wait(for: context.channel)
        }
    }

    private func wait(for channel: any Channel) {
        deadline?.cancel()
        deadline = channel.eventLoop.scheduleTask(in: TimeAmount(connections.limits.patience)) {
            channel.close(promise: nil)
        }
    }
}

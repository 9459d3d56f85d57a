import KeelBase
import NIOCore
import NIOPosix
import Synchronization

/// One attempt to open a connection in clear, through a proxy if there is one.
///
/// Nothing is read before somebody asks for it, so that TLS can begin with the first byte. Names with several addresses are
/// tried as RFC 8305 says ("Happy Eyeballs"): NIO does that.
struct Opening: Sendable {
    let endpoint: HostPort
    let proxy: Proxy?
    let lookup: NameLookup
    let timeout: TimeAmount

    /// The connection, and how long the parts of the way took.
    func open() async throws(DialFailure) -> (ChannelStream, StreamOpening) {
        let dialogue = try dialogue()
        // That of the task, if it runs on one.
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let queries = NameQueries(lookup, on: loop)
        let isConnected = Mutex(false)
        let begun = ContinuousClock.now
        // Of success, failure, deadline and cancellation, the first to complete this promise is what happened.
        let outcome = loop.makePromise(of: ChannelStream.self)
        let timer = loop.scheduleTask(in: timeout) { outcome.fail(ConnectionFailure.timedOut) }
        outcome.futureResult.whenComplete { _ in timer.cancel() }
        connecting(on: loop, queries).whenComplete { result in
            switch result {
            case .failure(let error): outcome.fail(error)
            case .success(let channel):
                isConnected.withLock { $0 = true }
                outcome.futureResult.whenFailure { _ in channel.cut() }
                set(up: channel, dialogue, outcome)
            }
        }
        do {
            let stream = try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                outcome.fail(ConnectionFailure.closed)
            }
            return (stream, opening(stream, begun, queries))
        } catch {
            throw failure(error, queries, isConnected: isConnected.withLock { $0 })
        }
    }

    private var dialled: HostPort { proxy?.address ?? endpoint }

    private func dialogue() throws(DialFailure) -> (any TunnelDialogue)? {
        do throws(ConnectionFailure) { return try proxy?.dialogue(to: endpoint) } catch {
            // Through a proxy the name is not looked up here.
            throw DialFailure(error, at: .tcp)
        }
    }

    private func connecting(on loop: any EventLoop, _ queries: NameQueries) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            // A name may lead to several attempts at once: handlers are for the winner, and it reads only then.
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            // The timer rules; this ends an attempt that nobody waits for any more.
            .connectTimeout(timeout + .seconds(1))
            .resolver(queries)
        if IPAddress(dialled.host) != nil,
            let address = try? SocketAddress(ipAddress: dialled.host, port: dialled.port)
        {
            return bootstrap.connect(to: address)
        }
        return bootstrap.connect(host: dialled.host, port: dialled.port)
    }

    /// Asks the proxy, if there is one, for a way to the endpoint, and makes the stream. Runs on the channel's event loop.
    private func set(
        up channel: any Channel, _ dialogue: (any TunnelDialogue)?, _ outcome: EventLoopPromise<ChannelStream>
    ) {
        let inbound = InboundBuffer()
        do {
            let pipeline = channel.pipeline.syncOperations
            guard let proxy, let dialogue else {
                try pipeline.addHandler(inbound)
                return outcome.succeed(ChannelStream(channel, inbound))
            }
            // The endpoint's first bytes may come with the proxy's last, so the buffer stands ready for them.
            let opened = channel.eventLoop.makePromise(of: Void.self)
            try pipeline.addHandlers([TunnelHandler(dialogue, with: proxy, opened), inbound])
            let stream = ChannelStream(channel, inbound)
            opened.futureResult.flatMapThrowing {
                try channel.syncOptions?.setOption(.autoRead, value: false)
                return stream
            }.cascade(to: outcome)
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            outcome.fail(error)
        }
    }

    private func opening(
        _ stream: ChannelStream, _ begun: ContinuousClock.Instant, _ queries: NameQueries
    ) -> StreamOpening {
        let now = ContinuousClock.now
        // The endpoint's name is the proxy's to resolve, and what the proxy's own takes is part of the way to it.
        let resolved = proxy == nil ? queries.resolved : nil
        return StreamOpening(
            peer: proxy == nil ? stream.peer : nil, proxy: proxy?.address, resolving: resolved.map { $0 - begun },
            connecting: now - (resolved ?? begun))
    }

    /// No report needs more of them.
    private static let triedLimit = 8

    private func failure(_ error: any Error, _ queries: NameQueries, isConnected: Bool) -> DialFailure {
        let reason = Task.isCancelled ? .closed : ConnectionFailure(error, host: dialled.host)
        let tried = queries.addresses
        switch (proxy, reason) {
        case (nil, _) where tried.isEmpty && IPAddress(endpoint.host) == nil: return DialFailure(reason, at: .dns)
        case (nil, _): return DialFailure(reason, at: .tcp, tried: Array(tried.prefix(Self.triedLimit)))
        case (_, .proxy): return DialFailure(reason, at: .tcp)
        case (_, .closed) where Task.isCancelled: return DialFailure(reason, at: .tcp)
        case (let proxy?, _):
            return DialFailure(proxy.failure(isConnected ? .beyond(reason) : .unreached(reason)), at: .tcp)
        }
    }
}

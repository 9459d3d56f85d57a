import KeelBase
import NIOCore
import NIOPosix

/// One attempt to open a connection in clear, through a proxy if there is one.
///
/// Nothing is read before somebody asks for it, so that TLS can begin with the first byte.
struct Opening: Sendable {
    let endpoint: HostPort
    let proxy: Proxy?
    let timeout: TimeAmount

    func stream() async throws(ConnectionFailure) -> ChannelStream {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        // Of success, failure, deadline and cancellation, the first to complete this promise is what happened.
        let outcome = loop.makePromise(of: ChannelStream.self)
        let timer = loop.scheduleTask(in: timeout) { outcome.fail(ConnectionFailure.timedOut) }
        outcome.futureResult.whenComplete { _ in timer.cancel() }
        dial(on: loop, outcome)
        do {
            return try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                outcome.fail(ConnectionFailure.closed)
            }
        } catch {
            throw ConnectionFailure(error, host: dialled.host)
        }
    }

    private func dial(on loop: any EventLoop, _ outcome: EventLoopPromise<ChannelStream>) {
        ClientBootstrap(group: loop)
            // A name may lead to several attempts at once: handlers are for the winner, and it reads only then.
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            // The timer rules; this ends an attempt that nobody waits for any more.
            .connectTimeout(timeout + .seconds(1))
            .connect(host: dialled.host, port: dialled.port)
            .whenComplete { result in
                switch result {
                case .failure(let error): outcome.fail(error)
                case .success(let channel):
                    outcome.futureResult.whenFailure { _ in channel.cut() }
                    tunnel(channel).whenComplete { result in
                        switch result {
                        case .failure(let error): outcome.fail(error)
                        case .success: set(up: channel, outcome)
                        }
                    }
                }
            }
    }

    private var dialled: HostPort { proxy?.address ?? endpoint }

    /// Asks the proxy, if there is one, for a way to the endpoint. Runs on the channel's event loop.
    private func tunnel(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let proxy else { return channel.eventLoop.makeSucceededVoidFuture() }
        let opened = channel.eventLoop.makePromise(of: Void.self)
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(TunnelHandler(to: endpoint, through: proxy, opened))
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            opened.fail(error)
        }
        return opened.futureResult
    }

    /// Runs on the channel's event loop.
    private func set(up channel: any Channel, _ outcome: EventLoopPromise<ChannelStream>) {
        let inbound = InboundBuffer()
        do {
            try channel.syncOptions?.setOption(.autoRead, value: false)
            try channel.pipeline.syncOperations.addHandler(inbound)
            outcome.succeed(ChannelStream(channel, inbound))
        } catch {
            outcome.fail(error)
        }
    }
}

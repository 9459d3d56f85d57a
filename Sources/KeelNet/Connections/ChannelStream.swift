import KeelBase
import NIOCore
import NIOSSL

/// A NIO channel as a stream of bytes.
///
/// When a task that waits here is cancelled, the connection is cut at once and the call throws `.closed`: a stream
/// in the middle of an exchange is of no use to anybody else. A stream that is dropped closes its connection.
final class ChannelStream: ByteStream {
    private let channel: any Channel
    private let inbound: NIOLoopBound<InboundBuffer>

    /// Takes over a channel whose last handler is `inbound`. Must be called on the channel's event loop.
    init(_ channel: any Channel, _ inbound: InboundBuffer) {
        self.channel = channel
        self.inbound = NIOLoopBound(inbound, eventLoop: channel.eventLoop)
    }

    deinit { channel.close(promise: nil) }

    func read() async throws(ConnectionFailure) -> [UInt8] {
        let reader = channel.eventLoop.makePromise(of: [UInt8].self)
        channel.eventLoop.perform { [inbound] in inbound.value.read(reader) }
        return try await value(of: reader.futureResult)
    }

    func write(_ bytes: [UInt8]) async throws(ConnectionFailure) {
        guard !bytes.isEmpty else { return }
        try await value(of: channel.writeAndFlush(ByteBuffer(bytes: bytes)))
    }

    /// Returns when the end is on its way. A TLS peer is told with close_notify, but its answer is not awaited.
    func close() async {
        let closing = channel.eventLoop.submit { [channel, inbound] in
            inbound.value.abandon(.closed)
            channel.close(promise: nil)
        }
        _ = try? await closing.get()
    }

    /// Puts TLS below the stream, from the next byte on, and returns when its handshake is over.
    ///
    /// Throws `.injected` if bytes wait to be read that cannot be part of the handshake: they came in clear, and nobody may
    /// take them for what follows. The stream is closed after any failure.
    func secure(
        accepting: EarlyBytes = .none, within timeout: Duration? = nil,
        _ handler: @escaping @Sendable (EventLoopPromise<Void>) throws -> any ChannelHandler
    ) async throws(ConnectionFailure) {
        let opened = channel.eventLoop.makePromise(of: Void.self)
        if let timeout {
            let timer = channel.eventLoop.scheduleTask(in: TimeAmount(max(timeout, .zero))) {
                opened.fail(ConnectionFailure.timedOut)
            }
            opened.futureResult.whenComplete { _ in timer.cancel() }
        }
        channel.eventLoop.execute { [channel, inbound] in
            do {
                let early = inbound.value.surrender(accepting)
                if let failure = inbound.value.obstacle { throw failure == .closed ? OpeningHandler.cutShort : failure }
                try channel.encrypt(try handler(opened), opened)
                if let early {
                    channel.pipeline.fireChannelRead(early)
                    channel.pipeline.fireChannelReadComplete()
                }
                try channel.syncOptions?.setOption(.autoRead, value: true)
            } catch {
                opened.fail(error)
            }
        }
        do throws(ConnectionFailure) { try await value(of: opened.futureResult) } catch {
            await close()
            throw error
        }
    }

    /// Lets bytes in, on a stream that stays in clear for now.
    func begin() async throws(ConnectionFailure) {
        try await value(of: channel.setOption(.autoRead, value: true))
    }

    /// The address at the other end, or the proxy's.
    var peer: HostPort? {
        guard let address = channel.remoteAddress, let host = address.ipAddress, let port = address.port else {
            return nil
        }
        return HostPort(host: host, port: port)
    }

    /// Nil for a stream in clear.
    func tlsVersion() async -> TLSVersion? { try? await channel.nioSSL_tlsVersion().get() }

    private func value<Value: Sendable>(of future: EventLoopFuture<Value>) async throws(ConnectionFailure) -> Value {
        do {
            return try await withTaskCancellationHandler {
                try await future.get()
            } onCancel: {
                channel.eventLoop.execute { [channel, inbound] in
                    inbound.value.abandon(.closed)
                    channel.cut()
                }
            }
        } catch {
            // The cut that a cancellation makes looks like anything.
            throw Task.isCancelled ? .closed : ConnectionFailure(error, host: "")
        }
    }
}

extension EventLoop {
    /// Does it at once where this is the loop's own thread, else there as soon as may be.
    fileprivate func perform(_ work: @escaping @Sendable () -> Void) {
        if inEventLoop { work() } else { execute(work) }
    }
}

extension Channel {
    /// Puts TLS before all other handlers; `opened` is completed by its handshake. Must be called on the event loop.
    fileprivate func encrypt(_ handler: any ChannelHandler, _ opened: EventLoopPromise<Void>) throws {
        let operations = pipeline.syncOperations
        guard (try? operations.context(handlerType: NIOSSLHandler.self)) == nil else {
            throw ConnectionFailure.other(ForeignText("the connection is encrypted already"))
        }
        // Above TLS, so that it sees the handshake.
        try operations.addHandler(OpeningHandler(opened), position: .first)
        try operations.addHandler(handler, position: .first)
    }

    /// Closes the connection below TLS, without a farewell. Must be called on the event loop.
    func cut() {
        if let security = try? pipeline.syncOperations.context(handlerType: NIOSSLHandler.self) {
            security.close(promise: nil)
        } else {
            close(promise: nil)
        }
    }
}

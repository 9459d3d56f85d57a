import KeelBase
import NIOCore

/// The bytes that arrived and were not read yet: the last handler of a connection.
///
/// It holds back the channel's reads while it holds `limit` bytes, so that a peer who sends without end fills the
/// kernel's buffers and not our memory. All of it runs on the channel's event loop.
final class InboundBuffer: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// Bytes held before the channel stops reading.
    static let limit = 65536

    /// How the incoming side ended.
    private enum End {
        case orderly
        case failed(ConnectionFailure)
    }

    private var held = ByteBuffer()
    private var end: End?
    private var readers: [EventLoopPromise<[UInt8]>] = []
    private var isReadHeldBack = false
    private var context: ChannelHandlerContext?

    /// Completes `reader` with what is there, or when something comes; an empty array at the end.
    func read(_ reader: EventLoopPromise<[UInt8]>) {
        readers.append(reader)
        serve()
    }

    /// Forgets what was not read; every read fails from now on.
    func abandon(_ failure: ConnectionFailure) {
        held.clear()
        end = .failed(failure)
        serve()
    }

    /// Gives away the bytes that nobody read, if they may be part of a TLS handshake; nil if there are none.
    func surrender(_ acceptable: EarlyBytes) -> ByteBuffer? {
        let isAcceptable =
            switch acceptable {
            case .none: false
            case .any: true
            case .records: held.readableBytesView.first == EarlyBytes.handshakeRecord
            }
        guard isAcceptable, held.readableBytes > 0 else { return nil }
        defer { held.clear() }
        return held
    }

    /// Why TLS cannot begin here: bytes that nobody read, or an end.
    var obstacle: ConnectionFailure? {
        if held.readableBytes > 0 { return .injected(bytes: held.readableBytes) }
        return switch end {
        case nil: nil
        case .orderly: .closed
        case .failed(let failure): failure
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.failed(.closed))
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        if held.readableBytes < Self.limit { context.read() } else { isReadHeldBack = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard end == nil else { return }
        var bytes = unwrapInboundIn(data)
        if held.readableBytes == 0 { held = bytes } else { held.writeBuffer(&bytes) }
        serve()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { finish(.orderly) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failed(ConnectionFailure(error, host: "")))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failed(.closed))
        context.fireChannelInactive()
    }

    /// The first end counts: after an orderly one, that the channel goes too is no news.
    private func finish(_ end: End) {
        if self.end == nil { self.end = end }
        serve()
    }

    private func serve() {
        while !readers.isEmpty, held.readableBytes > 0 || end != nil {
            let reader = readers.removeFirst()
            if held.readableBytes > 0 {
                reader.succeed(held.readBytes(length: held.readableBytes) ?? [])
                held.clear()
            } else if case .failed(let failure) = end {
                reader.fail(failure)
            } else {
                reader.succeed([])
            }
        }
        if held.readableBytes < Self.limit { resumeReading() }
    }

    private func resumeReading() {
        guard isReadHeldBack else { return }
        isReadHeldBack = false
        context?.read()
    }
}

/// Which of the bytes that came before TLS belong to its handshake.
enum EarlyBytes {
    /// None: the other side must wait for our hello.
    case none
    /// All: no word was ever said in clear, so the first byte is the handshake's, and it judges.
    case any
    /// What begins like a record: a client's hello may be quicker than the server that let it begin.
    case records

    /// The type of a record of a handshake (RFC 8446 section 5.1).
    static let handshakeRecord: UInt8 = 22
}

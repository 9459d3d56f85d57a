import KeelBase
import NIOCore
import NIOSSL
import NIOTLS

/// Tells when a TLS handshake is over, and how it ended.
final class OpeningHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let opened: EventLoopPromise<Void>

    /// `opened` is completed once: with success after a verified handshake, else with a `ConnectionFailure`.
    init(_ opened: EventLoopPromise<Void>) { self.opened = opened }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { opened.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let failure = ConnectionFailure(error, host: "")
        opened.fail(failure == .closed || Self.isEnd(error) ? Self.cutShort : failure)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        opened.fail(Self.cutShort)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { opened.fail(Self.cutShort) }

    private static func isEnd(_ error: any Error) -> Bool {
        guard case .handshakeFailed(.sslError(let stack))? = error as? NIOSSLError else { return false }
        return stack.first == .eofDuringHandshake
    }

    /// A peer who hangs up on a ClientHello most likely does not speak TLS there, or refuses what was offered.
    static let cutShort = ConnectionFailure.tls(
        .handshake(ForeignText("the peer closed the connection during the TLS handshake")))
}

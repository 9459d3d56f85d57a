import KeelBase
import NIOCore

/// Asks a proxy for a way to an endpoint, and leaves the pipeline when it is open.
final class TunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var dialogue: any TunnelDialogue
    private let proxy: Proxy
    private let opened: EventLoopPromise<Void>
    private var isOver = false

    /// `opened` is completed once: with success when bytes go through to the endpoint, else with a `ConnectionFailure`.
    init(_ dialogue: any TunnelDialogue, with proxy: Proxy, _ opened: EventLoopPromise<Void>) {
        self.dialogue = dialogue
        self.proxy = proxy
        self.opened = opened
    }

    func handlerAdded(context: ChannelHandlerContext) { say(dialogue.begin(), context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch dialogue.receive(Array(buffer: unwrapInboundIn(data))) {
        case .wait: break
        case .say(let bytes): say(bytes, context)
        case .open(let rest):
            isOver = true
            // They are the endpoint's first: a greeting in clear, or what no handshake takes.
            if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
            context.pipeline.syncOperations.removeHandler(self).cascade(to: opened)
        case .fail(let trouble): fail(trouble)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(dialogue.hangUp)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { fail(dialogue.hangUp) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(dialogue.hangUp) }

    private func fail(_ trouble: ProxyFailure.Trouble) {
        isOver = true
        opened.fail(proxy.failure(trouble))
    }

    private func say(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}

import KeelBase
import NIOCore

/// Asks a proxy for a tunnel, and leaves the pipeline when it is open.
final class TunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let endpoint: HostPort
    private let proxy: Proxy
    private let opened: EventLoopPromise<Void>
    private var head: [UInt8] = []
    /// The longest answer that is read, in bytes.
    private static let limit = 16 << 10

    /// `opened` is completed once: with success when bytes go through to the endpoint, else with a `ConnectionFailure`.
    init(to endpoint: HostPort, through proxy: Proxy, _ opened: EventLoopPromise<Void>) {
        self.endpoint = endpoint
        self.proxy = proxy
        self.opened = opened
    }

    func handlerAdded(context: ChannelHandlerContext) {
        var request = "CONNECT \(endpoint) HTTP/1.1\r\nHost: \(endpoint)\r\n"
        if let credentials = proxy.credentials {
            request += "Proxy-Authorization: Basic \(credentials.revealText())\r\n"
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request + "\r\n")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += Array(buffer: unwrapInboundIn(data))
        guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else {
            if head.count > Self.limit { opened.fail(proxy.failure(.refused(status: nil))) }
            return
        }
        let status = Self.status(head)
        switch status {
        // The endpoint waits for our hello, so what comes before it is somebody else's.
        case 200..<300 where end.upperBound == head.endIndex:
            context.pipeline.syncOperations.removeHandler(self).cascade(to: opened)
        case 407: opened.fail(proxy.failure(.authenticationWanted))
        default: opened.fail(proxy.failure(.refused(status: status == 0 ? nil : status)))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        opened.fail(proxy.failure(.refused(status: nil)))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { opened.fail(error) }

    /// The status of `HTTP/1.1 200 OK`; 0 for anything else.
    private static func status(_ head: [UInt8]) -> Int {
        let words = String(decoding: head.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self).split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3 else { return 0 }
        return DecimalNumber.parse(String(words[1])) ?? 0
    }
}

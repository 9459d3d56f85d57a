import HTTPTypes
import HummingbirdCore
import KeelBase
import NIOCore

/// Turns the server's requests into values for the handler, and the handler's values into responses.
struct HandlerResponder: Sendable {
    let handler: any HTTPHandler

    /// Reads one request from `channel` and writes its response.
    @concurrent @Sendable func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel)
        async throws
    {
        guard let body = try await body(of: request) else {
            // The rest of the body will not be read, so nothing can follow it on this connection.
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            let refusal = Response(status: .contentTooLarge, headers: [.connection: "close"])
            return try await writer.write(response: refusal.head, body: refusal.body)
        }
        channel.pipeline.fireUserInboundEventTriggered(RequestProgress.arrived)
        let value = await handler.respond(to: incoming(request, body))
        guard value.status != HTTPResponse.hangUp.status else { throw HungUp() }
        if value.header("Connection")?.lowercased() == "close" {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        let response = Self.response(value)
        let sent = request.method == .head ? response.createHeadResponse() : response
        // A client must take its answer in time too, but for one that is slow on purpose.
        if value.pause == nil { channel.pipeline.fireUserInboundEventTriggered(RequestProgress.answered) }
        try await writer.write(response: sent.head, body: sent.body)
        if value.pause != nil { channel.pipeline.fireUserInboundEventTriggered(RequestProgress.answered) }
    }

    private func incoming(_ request: Request, _ body: [UInt8]) -> IncomingRequest {
        let target = request.head.path ?? "/"
        let mark = target.firstIndex(of: "?")
        return IncomingRequest(
            method: request.method.rawValue,
            path: String(target[..<(mark ?? target.endIndex)]),
            query: mark.map { String(target[target.index(after: $0)...]) },
            headers: headers(of: request),
            body: body)
    }

    /// The whole body; nil if it is longer than the limit.
    private func body(of request: Request) async throws -> [UInt8]? {
        var body: [UInt8] = []
        var total = 0
        for try await part in request.body {
            total += part.readableBytes
            guard total <= HTTPServerLimits.drain else { return nil }
            if total <= HTTPServerLimits.body { body.append(contentsOf: part.readableBytesView) }
        }
        return total <= HTTPServerLimits.body ? body : nil
    }

    private func headers(of request: Request) -> [(name: String, value: String)] {
        var headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        // The library keeps the Host header apart, as HTTP/2 does.
        if let host = request.head.authority { headers.insert((name: "Host", value: host), at: 0) }
        return headers
    }

    private static func response(_ value: KeelBase.HTTPResponse) -> Response {
        var fields = HTTPFields()
        for header in value.headers where header.name != KeelBase.HTTPResponse.pauseHeader {
            // A name that is no token would let a handler's mistake split the response.
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        let bytes = ByteBuffer(bytes: value.body.reveal())
        let body = value.pause.map { trickle(bytes, $0) } ?? ResponseBody(byteBuffer: bytes)
        return Response(status: .init(code: value.status), headers: fields, body: body)
    }

    private static func trickle(_ bytes: ByteBuffer, _ pause: Duration) -> ResponseBody {
        ResponseBody(contentLength: bytes.readableBytes) { writer in
            var rest = bytes
            while let byte = rest.readSlice(length: 1) {
                try await Task.sleep(for: pause)
                try await writer.write(byte)
            }
            try await writer.finish(nil)
        }
    }
}

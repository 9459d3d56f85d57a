import KeelBase
import Synchronization

/// An HTTP transport that a test answers for, and that remembers what was asked.
package final class ScriptedTransport: HTTPTransport {
    package typealias Handler = @Sendable (HTTPRequest) async throws(ConnectionFailure) -> HTTPResponse

    /// A request as it was sent.
    package struct Exchange: Sendable {
        package let request: HTTPRequest
        package let trust: Trust

        package init(request: HTTPRequest, trust: Trust) {
            self.request = request
            self.trust = trust
        }

        package var url: String { request.url.description }

        /// The parameters of a form body, decoded.
        package var form: [String: String] {
            let pairs = (request.body?.revealText() ?? "").split(separator: "&").map { pair in
                let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (Exchange.decoded(halves[0]), halves.count > 1 ? Exchange.decoded(halves[1]) : "")
            }
            return Dictionary(pairs) { first, _ in first }
        }

        /// The user and the password of HTTP Basic, each percent-decoded (RFC 6749 section 2.3.1).
        package var basic: (user: String, password: String)? {
            guard let value = request.authorization?.revealText(), value.hasPrefix("Basic "),
                let bytes = Base64.decode(value.dropFirst(6).utf8)
            else { return nil }
            let halves = String(decoding: bytes, as: UTF8.self).split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return halves.count == 2 ? (Self.decoded(halves[0]), Self.decoded(halves[1])) : nil
        }

        private static func decoded(_ text: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "%"), let octet = Hexadecimal.decode(rest.prefix(2)), octet.count == 1 {
                    bytes += octet
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private struct State {
        var exchanges: [Exchange] = []
        var handler: Handler
    }

    private let state: Mutex<State>

    /// Nobody listens anywhere, until the test says otherwise.
    package init(_ handler: @escaping Handler = { _ throws(ConnectionFailure) in throw .refused }) {
        state = Mutex(State(handler: handler))
    }

    /// Answers from now on.
    package func respond(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }

    /// Everything that was asked, in order.
    package var exchanges: [Exchange] { state.withLock { $0.exchanges } }

    package func send(
        _ request: HTTPRequest, trust: Trust, timeout: Duration
    ) async throws(ConnectionFailure) -> HTTPResponse {
        let handler = state.withLock { state in
            state.exchanges.append(Exchange(request: request, trust: trust))
            return state.handler
        }
        return try await handler(request)
    }
}

extension HTTPResponse {
    /// A response with a JSON body.
    package static func json(_ body: JSON, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")], body: Secret(copying: body.text()))
    }
}

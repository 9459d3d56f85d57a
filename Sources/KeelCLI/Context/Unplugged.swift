import KeelBase

/// No network at all: what planning gets, which contacts nobody.
struct Unplugged: HTTPTransport, StreamDialer {
    func send(
        _ request: HTTPRequest, trust: Trust, timeout: Duration
    ) async throws(ConnectionFailure) -> HTTPResponse { throw .closed }

    func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(DialFailure) -> any DialedStream { throw DialFailure(.closed, at: .dns) }
}

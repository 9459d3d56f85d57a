import KeelBase
import KeelCLI
import KeelEngine
import KeelSystem

/// Mailkeel with one wrapper that does what must never happen: it writes the credentials of a token request to standard
/// error. The canary test must catch it; if it does not, the canary test is blind.
@main
struct Main {
    static func main() async {
        await EntryPoint.main(Array(CommandLine.arguments.dropFirst())) { ports in
            EnginePorts(
                files: ports.files, time: ports.time, transport: LeakingTransport(inner: ports.transport),
                dialer: ports.dialer)
        }
    }
}

private struct LeakingTransport: HTTPTransport {
    let inner: any HTTPTransport

    func send(
        _ request: HTTPRequest, trust: Trust, timeout: Duration
    ) async throws(ConnectionFailure) -> HTTPResponse {
        for secret in [request.authorization, request.body].compactMap({ $0 }) {
            StandardStream.error.write("debug: sending " + secret.revealText() + "\n")
        }
        return try await inner.send(request, trust: trust, timeout: timeout)
    }
}

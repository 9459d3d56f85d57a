import KeelBase
import KeelHTTPServer

/// Listens with the server that the sandbox uses too.
struct LoopbackServing: LoopbackListening {
    private struct Running: LoopbackListener {
        let server: LoopbackHTTPServer
        var endpoint: HostPort { server.endpoint }
        func stop() async { await server.stop() }
    }

    func listen(
        on address: HostPort, handler: any HTTPHandler
    ) async throws(ListeningFailure) -> any LoopbackListener {
        do throws(HTTPServerStartFailure) {
            return Running(server: try await LoopbackHTTPServer.start(on: address, handler: handler))
        } catch {
            let reason: ListeningFailure.Reason =
                switch error {
                case .addressInUse: .addressInUse
                case .notLoopback, .permissionDenied: .notAllowed
                case .identityUnusable, .cancelled, .other: .other
                }
            throw ListeningFailure(reason, error.description)
        }
    }
}

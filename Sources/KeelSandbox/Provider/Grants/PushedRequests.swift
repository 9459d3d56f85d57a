import KeelBase
import Synchronization

/// Authorization requests that clients sent ahead (RFC 9126).
final class PushedRequests: Sendable {
    struct Pushed: Sendable {
        let clientID: String
        let parameters: FormParameters
        let expiresAt: Timestamp
    }

    /// Seconds for which a request waits.
    static let lifetime = 90
    private static let prefix = "urn:ietf:params:oauth:request_uri:"

    private let time: any TimeSource
    /// By digest of the URI.
    private let requests = Mutex<[[UInt8]: Pushed]>([:])

    init(time: any TimeSource) { self.time = time }

    /// Keeps the request, and returns the `request_uri`.
    func keep(_ parameters: FormParameters, of client: SandboxClient) -> String {
        let uri = Self.prefix + OpaqueToken().text
        let pushed = Pushed(
            clientID: client.id, parameters: parameters, expiresAt: time.now.adding(seconds: Int64(Self.lifetime)))
        requests.withLock { $0[OpaqueToken.digest(of: uri)] = pushed }
        return uri
    }

    /// What was sent ahead under this URI. It may be read more than once: a person may load the page anew.
    func find(_ uri: String) -> Pushed? {
        let now = time.now
        return requests.withLock { $0[OpaqueToken.digest(of: uri)] }.flatMap { $0.expiresAt > now ? $0 : nil }
    }
}

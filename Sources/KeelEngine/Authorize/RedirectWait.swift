import KeelBase
import KeelCrypto
import KeelOAuth

/// Listens on loopback for the browser that comes back with a person's answer (RFC 8252 section 7.3).
package struct RedirectWait: Sendable {
    /// The redirect URI with the port on which it listens.
    package let redirectURI: RedirectURI
    private let listener: RedirectURI.Listener
    private let listeners: [any LoopbackListener]
    private let receiver: RedirectReceiver

    /// Listens; the link may be shown only after this, or a quick browser finds nobody.
    ///
    /// Throws `ListeningFailure` when it cannot; `redirectURI` must be one of loopback.
    package static func start(
        _ redirectURI: RedirectURI, _ listener: RedirectURI.Listener, by listening: any LoopbackListening
    ) async throws(ListeningFailure) -> RedirectWait {
        let receiver = RedirectReceiver()
        let host = listener.host == "localhost" ? "127.0.0.1" : listener.host
        let first = try await listening.listen(
            on: HostPort(host: host, port: listener.port ?? 0), handler: receiver)
        var listeners = [first]
        let port = first.endpoint.port
        // A browser may take the name for either address. Without the other one it asks the first again.
        if listener.host == "localhost",
            let second = try? await listening.listen(on: HostPort(host: "::1", port: port), handler: receiver)
        {
            listeners.append(second)
        }
        let bound = redirectURI.listening(on: port)
        return RedirectWait(
            redirectURI: bound, listener: bound.listener ?? listener, listeners: listeners, receiver: receiver)
    }

    /// An address of ours that leads to `link`, once; for what starts a browser.
    package func address(leadingTo link: String) -> String {
        let path = "/go/\(RandomIdentifier.make())"
        receiver.send(from: path, to: link)
        let host = listener.host == "localhost" ? "127.0.0.1" : listener.host
        return "http://\(HostPort(host: host, port: listener.port ?? 0))\(path)"
    }

    /// The query with which the browser answers this consent; nil when the task is cancelled first.
    package func answer(to begun: BegunCode) async -> Secret? {
        receiver.expect(at: listener) { begun.recognizes($0) }
        for await query in receiver.arrivals { return query }
        return nil
    }

    /// Returns when nothing listens any more, and the person's page is sent.
    package func stop() async { for listener in listeners { await listener.stop() } }
}

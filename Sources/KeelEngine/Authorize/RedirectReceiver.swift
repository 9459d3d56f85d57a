import KeelBase
import KeelOAuth
import Synchronization

/// Answers a browser that comes back from an authorization endpoint to this machine (RFC 8252 section 7.3), and passes on
/// what it brought, once.
///
/// Whatever else reaches the port changes nothing: icons, prefetches, pages that guess the port, a second redirect. The
/// page that a person sees holds no text from outside.
final class RedirectReceiver: HTTPHandler {
    /// The query of the one redirect that was recognized.
    let arrivals: AsyncStream<Secret>

    private struct Expectation: Sendable {
        let listener: RedirectURI.Listener
        let recognizes: @Sendable (Secret) -> Bool
    }

    /// A page of ours that sends a browser on, once.
    private struct Departure: Sendable {
        let path: String
        let link: String
    }

    private let departure = Mutex<Departure?>(nil)
    private let continuation: AsyncStream<Secret>.Continuation
    private let expectation = Mutex<Expectation?>(nil)
    private let hasArrived = Mutex(false)

    init() { (arrivals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// From now on takes what comes to `listener` with a query that answers the request which was made. It listens before:
    /// the request names the port.
    func expect(at listener: RedirectURI.Listener, recognizes: @escaping @Sendable (Secret) -> Bool) {
        expectation.withLock { $0 = Expectation(listener: listener, recognizes: recognizes) }
    }

    /// From now on sends the first browser that asks for `path` to `link`. What starts a browser takes an address of ours instead
    /// of the link, because every user of the machine can read the arguments of a program.
    func send(from path: String, to link: String) {
        departure.withLock { $0 = Departure(path: path, link: link) }
    }

    func respond(to request: IncomingRequest) async -> HTTPResponse {
        if let page = departing(request) { return page }
        guard let expected = expectation.withLock({ $0 }),
            expected.listener.takes(path: request.path, host: request.header("Host"))
        else { return Self.page(.elsewhere) }
        guard request.method == "GET" else { return Self.page(.otherMethod) }
        // A browser that looks ahead comes again when the person follows.
        guard !Self.looksAhead(request) else { return Self.page(.prefetch) }
        let query = Secret(copying: request.query ?? "")
        guard expected.recognizes(query) else { return Self.page(.unknown) }
        let isFirst = hasArrived.withLock { arrived in
            defer { arrived = true }
            return !arrived
        }
        guard isFirst else { return Self.page(.again) }
        continuation.yield(query)
        continuation.finish()
        return Self.page(.received)
    }
}

// MARK: The way out

extension RedirectReceiver {
    /// What sends a browser on; nil for whatever is no request for that. A look ahead must not use it up.
    private func departing(_ request: IncomingRequest) -> HTTPResponse? {
        let link = departure.withLock { departure -> String? in
            guard let current = departure, current.path == request.path, request.method == "GET",
                !Self.looksAhead(request)
            else { return nil }
            departure = nil
            return current.link
        }
        guard let link else { return nil }
        return HTTPResponse(
            status: 303,
            headers: [
                ("Location", link), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"),
                ("Connection", "close"),
            ], body: Secret(copying: ""))
    }

    private static func looksAhead(_ request: IncomingRequest) -> Bool {
        let purposes = ["Sec-Purpose", "Purpose", "X-Moz"].compactMap { request.header($0)?.lowercased() }
        return purposes.contains { $0.hasPrefix("prefetch") }
    }
}

// MARK: The page

extension RedirectReceiver {
    private enum Page {
        case received, again, unknown, elsewhere, otherMethod, prefetch

        var status: Int {
            switch self {
            case .received, .again: 200
            case .unknown: 400
            case .elsewhere: 404
            case .otherMethod: 405
            case .prefetch: 503
            }
        }

        var title: String {
            switch self {
            case .received: "You may close this window"
            case .again: "The answer has come already"
            case .unknown, .elsewhere, .otherMethod, .prefetch: "Nothing is waited for here"
            }
        }

        var words: String {
            switch self {
            case .received:
                "Mailkeel has received the answer. Whether the account is authorized is shown in the terminal."
            case .again: "Mailkeel took the first one. What became of it is shown in the terminal."
            case .unknown, .elsewhere, .otherMethod, .prefetch:
                "This is not the answer to the request that Mailkeel made. Use the link that the terminal shows."
            }
        }
    }

    private static func page(_ page: Page) -> HTTPResponse {
        let text = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Mailkeel</title>
            <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}</style></head>
            <body><h1>\(page.title)</h1><p>\(page.words)</p></body></html>

            """
        var headers: [(name: String, value: String)] = [
            ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
            // The address of the page holds the code: nobody else is to learn it.
            ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"), ("Connection", "close"),
        ]
        if page == .otherMethod { headers.append(("Allow", "GET")) }
        return HTTPResponse(status: page.status, headers: headers, body: Secret(copying: text))
    }
}

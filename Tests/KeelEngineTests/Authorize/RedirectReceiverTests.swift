import KeelBase
import KeelOAuth
import Testing

@testable import KeelEngine

@Suite struct RedirectReceiverTests {
    private static func receiver() -> RedirectReceiver {
        let receiver = RedirectReceiver()
        guard let listener = try? RedirectURI(parsing: "http://127.0.0.1:4711/callback").listener else {
            return receiver
        }
        receiver.expect(at: listener) { $0.revealText().contains("state=right") }
        return receiver
    }

    private static func request(
        _ path: String = "/callback", query: String? = "code=c0de&state=right", method: String = "GET",
        host: String? = "127.0.0.1:4711", headers: [(name: String, value: String)] = []
    ) -> IncomingRequest {
        IncomingRequest(
            method: method, path: path, query: query, headers: (host.map { [("Host", $0)] } ?? []) + headers)
    }

    @Test("The first redirect that brings the state is passed on, with a page that shows nothing of it")
    func passesOn() async throws {
        let receiver = Self.receiver()
        let response = await receiver.respond(to: Self.request())
        #expect(response.status == 200)
        #expect(!response.body.revealText().contains("c0de") && !response.body.revealText().contains("right"))
        #expect(response.header("Cache-Control") == "no-store" && response.header("Referrer-Policy") == "no-referrer")
        var arrivals = receiver.arrivals.makeAsyncIterator()
        #expect(await arrivals.next()?.revealText() == "code=c0de&state=right")
        #expect(await arrivals.next() == nil)
    }

    static let strangers: [(String, IncomingRequest, Int)] = [
        ("an icon", request("/favicon.ico", query: nil), 404),
        ("another path", request("/callback/x"), 404),
        ("a wrong state", request(query: "code=c0de&state=wrong"), 400),
        ("no query", request(query: nil), 400),
        ("a form", request(method: "POST"), 405),
        ("a look at the head", request(method: "HEAD"), 405),
        ("a name that was rebound", request(host: "evil.example.com:4711"), 404),
        ("a name that begins like ours", request(host: "127.0.0.1.evil.example.com"), 404),
        ("no name", request(host: nil), 404),
        ("a prefetch", request(headers: [("Sec-Purpose", "prefetch;prerender")]), 503),
    ]

    @Test("What else reaches the port changes nothing, and the redirect is still taken", arguments: strangers)
    func others(_ row: (name: String, request: IncomingRequest, status: Int)) async {
        let receiver = Self.receiver()
        #expect(await receiver.respond(to: row.request).status == row.status)
        #expect(await receiver.respond(to: Self.request(host: "localhost:4711")).status == 200)
        var arrivals = receiver.arrivals.makeAsyncIterator()
        #expect(await arrivals.next() != nil)
    }

    @Test("An address of ours leads one browser to the link, and the redirect is still taken")
    func leads() async {
        let receiver = Self.receiver()
        let link = "https://login.example.com/authorize?state=right&login_hint=a%40example.com"
        receiver.send(from: "/go/abc", to: link)
        let strangers = [
            Self.request("/go/abd", query: nil), Self.request("/go", query: nil),
            Self.request("/go/abc", query: nil, method: "POST"),
            Self.request("/go/abc", query: nil, headers: [("Sec-Purpose", "prefetch")]),
        ]
        for stranger in strangers { #expect(await receiver.respond(to: stranger).header("Location") == nil) }
        let response = await receiver.respond(to: Self.request("/go/abc", query: nil))
        #expect(response.status == 303 && response.header("Location") == link)
        #expect(response.header("Referrer-Policy") == "no-referrer" && response.header("Cache-Control") == "no-store")
        #expect(await receiver.respond(to: Self.request("/go/abc", query: nil)).status == 404)
        #expect(await receiver.respond(to: Self.request()).status == 200)
    }

    @Test("A second redirect is told so, and nothing of it is passed on")
    func once() async {
        let receiver = Self.receiver()
        _ = await receiver.respond(to: Self.request(host: "[::1]:4711"))
        let second = await receiver.respond(to: Self.request(query: "code=other&state=right"))
        #expect(second.status == 200 && second.body.revealText().contains("already"))
        var arrivals = receiver.arrivals.makeAsyncIterator()
        #expect(await arrivals.next()?.revealText().contains("c0de") == true)
        #expect(await arrivals.next() == nil)
    }
}

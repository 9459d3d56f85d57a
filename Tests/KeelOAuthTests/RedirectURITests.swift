import KeelOAuth
import Testing

struct RedirectURITests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        var host: String?
        var port: Int?
        var path = "/"
        var bound: String?
        var testDescription: String { text }
    }

    @Test(arguments: [
        Row(text: "http://127.0.0.1", host: "127.0.0.1", bound: "http://127.0.0.1:4711"),
        Row(text: "http://127.0.0.1/", host: "127.0.0.1", bound: "http://127.0.0.1:4711/"),
        Row(
            text: "http://127.0.0.1:8400/cb", host: "127.0.0.1", port: 8400, path: "/cb",
            bound: "http://127.0.0.1:4711/cb"),
        Row(text: "http://127.0.0.9?a=b", host: "127.0.0.9", bound: "http://127.0.0.9:4711?a=b"),
        Row(text: "http://[::1]:0/cb", host: "::1", path: "/cb", bound: "http://[::1]:4711/cb"),
        Row(text: "http://[::1]:8400", host: "::1", port: 8400, bound: "http://[::1]:4711"),
        Row(
            text: "HTTP://LocalHost:80/Cb", host: "localhost", port: 80, path: "/Cb", bound: "HTTP://LocalHost:4711/Cb"),
        // Nobody here can listen on these.
        Row(text: "https://localhost/cb"), Row(text: "https://mail.example/cb"), Row(text: "http://192.0.2.1/cb"),
        Row(text: "com.example.app:/oauth"), Row(text: "http://127.0.0.1.example/cb"),
    ])
    func `a loopback address can be listened on`(_ row: Row) throws {
        let uri = try RedirectURI(parsing: row.text)
        #expect(uri.listener?.host == row.host)
        #expect(uri.listener?.port == row.port)
        if row.host != nil {
            #expect(uri.listener?.path == row.path)
            #expect(uri.listening(on: 4711).description == row.bound)
            #expect(uri.listening(on: 4711).listener?.port == 4711)
        }
    }

    @Test(arguments: [
        "http://127.0.0.1", "http://127.0.0.1:8400/cb?x", "https://mail.example/cb", "app.x:/y", "http://[::1]/cb",
        "http://[::1]:8400", "https://Mail.Example:443/Cb?", "http://LocalHost/",
    ])
    func `it is sent as it was registered`(_ text: String) throws {
        #expect(try RedirectURI(parsing: text).description == text)
    }

    @Test func `the usual one takes any port of the loopback address`() {
        #expect(RedirectURI.standard.listening(on: 5000).description == "http://127.0.0.1:5000")
        #expect(RedirectURI.standard.listener?.path == "/")
    }

    @Test(
        arguments: [
            ("", .notAbsolute), ("/cb", .notAbsolute), ("http:/x", .notAbsolute), ("1x://h", .notAbsolute),
            ("http://", .missingHost), ("http://:80", .missingHost), ("http://[127.0.0.1]", .missingHost),
            ("http://::1/", .missingHost), ("http://[::1", .missingHost), ("http://h:x", .badPort),
            ("http://h:65536", .badPort), ("http://[::1]x", .badPort), ("http://u@h", .userInfo),
            ("http://h/#f", .fragment), ("http://h/ x", .badCharacter), ("http://h/ä", .badCharacter),
            ("urn:ietf:wg:oauth:2.0:oob", .outOfBand), ("urn:ietf:wg:oauth:2.0:oob:auto", .outOfBand),
        ] as [(String, RedirectURI.Fault)])
    func `what is no redirect URI says why`(_ text: String, _ fault: RedirectURI.Fault) {
        #expect(throws: fault) { try RedirectURI(parsing: text) }
        #expect(!fault.description.isEmpty)
    }

    @Test(
        arguments: [
            ("/cb", "127.0.0.1:8400", true), ("/cb", "localhost:8400", true), ("/cb", "[::1]:8400", true),
            ("/cb", "LOCALHOST:8400", true), ("/cb", "127.0.0.1:8401", false), ("/cb", "127.0.0.1", false),
            ("/cb", "evil.example:8400", false), ("/cb", "127.0.0.1.evil.example:8400", false), ("/cb", nil, false),
            ("/cb", "", false), ("/cb", "::1:8400", false), ("/favicon.ico", "127.0.0.1:8400", false),
            ("/cb/", "127.0.0.1:8400", false), ("", "127.0.0.1:8400", false),
        ] as [(String, String?, Bool)])
    func `a request under another name or path is not ours`(_ path: String, _ host: String?, _ ours: Bool) throws {
        let listener = try #require(RedirectURI(parsing: "http://127.0.0.1:8400/cb").listener)
        #expect(listener.takes(path: path, host: host) == ours)
    }

    @Test func `what is not declared is the usual one`() throws {
        #expect(try RedirectURI(declared: nil) == .standard)
        #expect(RedirectURI.standard.description == "http://127.0.0.1")
        #expect(try RedirectURI(declared: "http://127.0.0.1/").listening(on: 5).description == "http://127.0.0.1:5/")
        #expect(throws: RedirectURI.Fault.fragment) { try RedirectURI(declared: "http://127.0.0.1/#a") }
    }

    @Test func `port 80 may be left out by the browser`() throws {
        let listener = try #require(RedirectURI(parsing: "http://127.0.0.1:80/").listener)
        #expect(listener.takes(path: "/", host: "127.0.0.1"))
        #expect(listener.takes(path: "", host: "127.0.0.1:80"))
    }
}

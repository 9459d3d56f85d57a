import KeelBase
import KeelNet
import Testing

struct ProxyRulesTests {
    private static let provider = HostPort(host: "login.example.com", port: 443)

    private static func rules(_ variables: [String: String], proxiesLoopback: Bool = false) -> ProxyRules {
        ProxyRules(proxiesLoopback: proxiesLoopback) { variables[$0].map { Secret(copying: $0) } }
    }

    static let named: [([String: String], variable: String?, address: String?)] = [
        ([:], nil, nil),
        (["HTTPS_PROXY": "http://proxy.example.com:3128"], "HTTPS_PROXY", "proxy.example.com:3128"),
        (["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:2"], "https_proxy", "a:1"),
        (["https_proxy": "", "HTTPS_PROXY": "b:2"], "HTTPS_PROXY", "b:2"),
        (["ALL_PROXY": "proxy.example.com"], "ALL_PROXY", "proxy.example.com:1080"),
        (["all_proxy": "a:1", "HTTPS_PROXY": "b:2"], "HTTPS_PROXY", "b:2"),
        (["HTTPS_PROXY": "HTTP://[2001:db8::1]:3128/"], "HTTPS_PROXY", "[2001:db8::1]:3128"),
        (["HTTP_PROXY": "http://a:1", "http_proxy": "http://a:1"], nil, nil),
    ]

    @Test(arguments: named)
    func `the environment names the proxy as it does for curl`(
        variables: [String: String], variable: String?, address: String?
    ) throws {
        let proxy = try Self.rules(variables).proxy(for: Self.provider)
        #expect(proxy?.variable == variable && proxy?.address.description == address)
        #expect(proxy?.credentials == nil)
    }

    static let forMail: [([String: String], variable: String?, address: String?)] = [
        ([:], nil, nil),
        (["ALL_PROXY": "socks5://a:1"], "ALL_PROXY", "a:1"),
        (["ALL_PROXY": "a:1", "all_proxy": "socks5h://b"], "all_proxy", "b:1080"),
        (["HTTPS_PROXY": "http://a:1", "https_proxy": "http://a:1", "HTTP_PROXY": "http://a:1"], nil, nil),
        (["ALL_PROXY": "a:1", "NO_PROXY": ".example.com"], nil, nil),
        (["MAILKEEL_MAIL_PROXY": "c:3", "ALL_PROXY": "a:1", "NO_PROXY": "*"], "MAILKEEL_MAIL_PROXY", "c:3"),
        (["MAILKEEL_MAIL_PROXY": "", "ALL_PROXY": "a:1"], "ALL_PROXY", "a:1"),
        (["MAILKEEL_MAIL_PROXY": "none", "ALL_PROXY": "a:1"], nil, nil),
    ]

    @Test(arguments: forMail)
    func `mail goes by variables of its own, and never where only HTTP should`(
        variables: [String: String], variable: String?, address: String?
    ) throws {
        let rules = ProxyRules.mail { variables[$0].map { Secret(copying: $0) } }
        let proxy = try rules.proxy(for: HostPort(host: "imap.example.com", port: 993))
        #expect(proxy?.variable == variable && proxy?.address.description == address)
        #expect(try rules.proxy(for: HostPort(host: "127.0.0.1", port: 993)) == nil)
    }

    @Test(arguments: [("http", Proxy.Scheme.http), ("SOCKS5", .socks5), ("socks5h", .socks5)])
    func `the scheme says how a proxy is asked`(name: String, scheme: Proxy.Scheme) throws {
        let proxy = try Self.rules(["ALL_PROXY": "\(name)://user@proxy.example.com"]).proxy(for: Self.provider)
        #expect(proxy?.scheme == scheme && proxy?.address.port == 1080)
        #expect(proxy?.credentials?.password.isEmpty == true)
    }

    static let exceptions: [(String, host: String, port: Int, isProxied: Bool)] = [
        ("*", "login.example.com", 443, false),
        ("example.com", "login.example.com", 443, false),
        ("example.com", "example.com", 443, false),
        ("example.com", "badexample.com", 443, true),
        (".example.com", "login.example.com", 443, false),
        ("*.example.com", "login.example.com", 443, false),
        ("EXAMPLE.com.", "Login.Example.COM", 443, false),
        ("other.test, example.com", "login.example.com", 443, false),
        ("other.test example.com", "login.example.com", 443, false),
        ("login.example.com:443", "login.example.com", 443, false),
        ("login.example.com:8443", "login.example.com", 443, true),
        ("10.0.0.0/8", "10.1.2.3", 443, false),
        ("10.0.0.0/8", "11.1.2.3", 443, true),
        ("192.168.16.0/20", "192.168.31.255", 443, false),
        ("192.168.16.0/20", "192.168.32.0", 443, true),
        ("0.0.0.0/0", "192.168.32.0", 443, false),
        ("192.0.2.1", "192.0.2.1", 443, false),
        ("192.0.2.1:8443", "192.0.2.1", 443, true),
        ("2001:db8::/32", "2001:db8::1", 443, false),
        ("[2001:db8::1]:443", "2001:db8::1", 443, false),
        ("2001:db8::1", "2001:db8:0::1", 443, false),
        ("10.0.0.0/8", "2001:db8::1", 443, true),
        ("10.0.0.0/33, 10.0.0.0/x, /8, ,:", "10.1.2.3", 443, true),
        ("", "login.example.com", 443, true),
    ]

    @Test(arguments: exceptions)
    func `hosts of the list need no proxy`(list: String, host: String, port: Int, isProxied: Bool) throws {
        for name in ["no_proxy", "NO_PROXY"] {
            let proxy = try Self.rules(["HTTPS_PROXY": "a:1", name: list]).proxy(for: HostPort(host: host, port: port))
            #expect((proxy != nil) == isProxied)
        }
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST", "idp.localhost"])
    func `this machine is never reached through a proxy`(host: String) throws {
        let endpoint = HostPort(host: host, port: 443)
        #expect(try Self.rules(["HTTPS_PROXY": "a:1"]).proxy(for: endpoint) == nil)
        #expect(try Self.rules(["HTTPS_PROXY": "a:1"], proxiesLoopback: true).proxy(for: endpoint) != nil)
    }

    @Test func `credentials are decoded and kept as a secret`() throws {
        let proxy = try #require(
            try Self.rules(["HTTPS_PROXY": "http://us%40er:p%3A%2Fw@proxy.example.com:3128"]).proxy(for: Self.provider))
        #expect(proxy.address.description == "proxy.example.com:3128")
        #expect(proxy.credentials?.userName.matches(Secret(copying: "us@er")) == true)
        #expect(proxy.credentials?.password.matches(Secret(copying: "p:/w")) == true)
    }

    @Test(arguments: [
        "https://user:hunter2@proxy.example.com", "socks4://user:hunter2@proxy.example.com:1080",
        "socks5://:hunter2@proxy.example.com", "http://user:hunter2@pr\u{F6}xy.example.com",
        "ftp://hunter2@proxy", "http://", "http://user:hunter2@", "http://user:hunter2@proxy:0",
        "http://user:hunter2@proxy:65536", "http://user:hunter2@proxy:x", "http://user:hunter2%4@proxy:1",
        "http://user:hunter2@pro\r\nxy:1", "http://user:hunter2@[::1:1", "http://user:hunter2@[::1]x:1",
    ])
    func `a setting that cannot be used fails where it is needed, and is not repeated`(value: String) throws {
        let rules = Self.rules(["HTTPS_PROXY": value, "NO_PROXY": "direct.example.com"])
        #expect(try rules.proxy(for: HostPort(host: "direct.example.com", port: 443)) == nil)
        let failure = #expect(throws: ProxyFailure.self) { _ = try rules.proxy(for: Self.provider) }
        #expect(failure?.variable == "HTTPS_PROXY" && failure?.address == nil)
        #expect(!"\(String(describing: failure))".contains("hunter2"))
    }
}

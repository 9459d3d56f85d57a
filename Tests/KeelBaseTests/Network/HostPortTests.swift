import KeelBase
import Testing

struct HostPortTests {
    @Test func `an IPv6 literal stands in brackets`() {
        #expect(HostPort(host: "imap.example.com", port: 993).description == "imap.example.com:993")
        #expect(HostPort(host: "2001:db8::1", port: 993).description == "[2001:db8::1]:993")
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.255.255", true), ("127.0.0.0", true), ("::1", true),
        ("localhost", false), ("127.0.0.1.", false), ("127.0.0.1.example.com", false), ("127.0.0.256", false),
        ("127.1", false), ("127.0.0", false), ("127.0.0.0.1", false), ("127..0.1", false), ("127.0.0.+1", false),
        ("0127.0.0.1", false), ("128.0.0.1", false), ("0.0.0.0", false), ("::", false), ("::2", false),
        ("::ffff:127.0.0.1", false), ("", false),
    ])
    func `only a literal address in the loopback ranges counts`(host: String, isLoopback: Bool) {
        #expect(HostPort.isLoopbackLiteral(host) == isLoopback)
        #expect(HostPort(host: host, port: 1).isLoopbackLiteral == isLoopback)
    }

    @Test(arguments: [
        (MailProtocol.imap, ConnectionSecurity.tls, 993), (.imap, .starttls, 143), (.imap, .none, 143),
        (.pop3, .tls, 995), (.pop3, .starttls, 110), (.smtp, .tls, 465), (.smtp, .starttls, 587),
    ])
    func `the registered ports`(type: MailProtocol, security: ConnectionSecurity, port: Int) {
        #expect(type.defaultPort(security) == port)
    }
}

import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

/// One refused value in an account that is in order otherwise.
struct ValueTests {
    private static func account(_ line: String, type: String = "imap") -> String {
        Manifest.account("type: \(type)", "server: h.example.com", "userName: u", "password: { fromEnv: P }", line)
    }

    @Test(arguments: [
        "mechanism: 1️⃣[XOAUTH2]", "tls: 1️⃣x", "tls: 1️⃣[x]", "tls:1️⃣", "port: 1️⃣[993]", "port: 1️⃣{ a: b }", "active: 1️⃣[true]",
        "proof: 1️⃣[required]", "tls: { caFile: 1️⃣[a] }", "lifecycle: { ignoreChanges: 1️⃣port }",
        "lifecycle: { ignoreChanges: [1️⃣[port]] }", "recordIn: 1️⃣{ a: b }",
    ])
    func `a value of another type is refused, once`(line: String) {
        Fixture(Self.account(line), "manifest.wrong-type").check()
    }

    @Test(arguments: [
        "tls: { caFile: 1️⃣no }", "tls: { caFile: 1️⃣~ }", "tls: { caFile: 1️⃣\"\" }", "tls: { caFile: 1️⃣Yes }",
        "tls: { caFile: 1️⃣off }", "tls: { caFile: 1️⃣n }", "tls: { caFile: 1️⃣\"a\\tb\" }",
        "tls: { caFile: 1️⃣\"a\\nb\" }", "tls: { pin: 1️⃣no }", "tls: { pin: 1️⃣abc }",
        "tls: { pin: 1️⃣jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8 }",
        "tls: { pin: 1️⃣jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y9= }",
        "tls: { pin: 1️⃣sha256/jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8= }",
        "recordIn:1️⃣", "recordIn: 1️⃣no",
        "port: 1️⃣\"0993\"", "port: 1️⃣0993", "port: 1️⃣\"+993\"", "port: 1️⃣+993", "port: 1️⃣9:93", "port: 1️⃣70000",
        "port: 1️⃣65536", "port: 1️⃣0", "port: 1️⃣-1", "port: 1️⃣993.0", "port: 1️⃣1_000", "port: 1️⃣0x3E1", "port: 1️⃣1e3",
        "port: 1️⃣\"\"", "port:1️⃣", "port: 1️⃣imaps", "port: 1️⃣\"993\"", "port: 1️⃣'993'",
        "active: 1️⃣\"true\"", "active: 1️⃣'false'", "active: 1️⃣yes", "active: 1️⃣on", "active: 1️⃣True", "active: 1️⃣1",
        "active:1️⃣",
        "proof: 1️⃣optional", "connectionSecurity: 1️⃣ssl", "connectionSecurity: 1️⃣TLS", "connectionSecurity: 1️⃣no",
        "authentication: 1️⃣oauth", "mechanism: 1️⃣xoauth2",
        "maxConnections: 1️⃣0", "maxConnections: 1️⃣101", "maxConnections: 1️⃣+2", "maxConnections: 1️⃣02",
        "maxConnections: 1️⃣two", "maxConnections: 1️⃣1.5",
        "lifecycle: { ignoreChanges: [1️⃣no] }", "lifecycle: { ignoreChanges: [port, 1️⃣port] }",
        "lifecycle: { ignoreChanges: [1️⃣\"port debug\"] }",
    ])
    func `a value that the field does not take is refused, once`(line: String) {
        Fixture(Self.account(line), "manifest.bad-value").check()
    }

    @Test(
        arguments: [
            ("port: 993", .integer(993), "port"), ("maxConnections: 1", .integer(1), "maxConnections"),
            ("maxConnections: 100", .integer(100), "maxConnections"),
            ("active: false", .boolean(false), "active"),
            (
                "tls: { pin: jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8= }",
                .text("jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8="), "tls.pin"
            ),
            ("tls: { caFile: 0123 }", .text("0123"), "tls.caFile"),
            ("tls: { caFile: 1.10 }", .text("1.10"), "tls.caFile"),
            ("tls: { caFile: \"no\" }", .text("no"), "tls.caFile"),
            ("tls: { caFile: norway }", .text("norway"), "tls.caFile"),
            ("tls: { caFile: 2027-03-01 }", .text("2027-03-01"), "tls.caFile"),
            ("tls: { caFile: é日😀 }", .text("é日😀"), "tls.caFile"),
            ("lifecycle: { ignoreChanges: [port, debug] }", .set(["debug", "port"]), "lifecycle.ignoreChanges"),
            ("lifecycle: { ignoreChanges: [] }", .set([]), "lifecycle.ignoreChanges"),
        ] as [(String, FieldValue, String)])
    func `a good value is kept as written`(line: String, value: FieldValue, field: String) {
        let loaded = Loaded(Self.account(line))
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("a")?.spec.declared[field] == value)
    }

    @Test(arguments: [
        "https://imap.example.com", "imap.example.com/", "imap example.com", "imap.exämple.com", "imap_x.example.com",
        "host:993",
        "user@host", "[::1]", "a..b", ".a", "-a.b", "a-.b",
    ])
    func `a server is a name or an address alone`(server: String) {
        Fixture(
            Manifest.account("type: imap", "server: 1️⃣\"\(server)\"", "userName: u", "password: { fromEnv: P }"),
            "manifest.bad-value"
        ).check()
    }

    @Test(arguments: [
        ("IMAP.Example.COM", "imap.example.com"), ("::1", "::1"), ("192.0.2.1", "192.0.2.1"),
        ("xn--exmple-cua.com", "xn--exmple-cua.com"),
    ])
    func `names of servers have no case`(server: String, kept: String) {
        let loaded = Loaded(
            Manifest.account("type: imap", "server: \"\(server)\"", "userName: u", "password: { fromEnv: P }"))
        #expect(loaded.findings.isEmpty && loaded.account("a")?.endpoint.host == kept)
    }

    /// Plans show user names in headings; none may turn the writing of its line.
    @Test(arguments: [
        "\\u202Emoc.oso", "a\\u2066b", "a\\u200Fb", "a\\u061Cb", "a\\u2028b", "a\\u2029b", "a\\eb", "a\\u0085b",
        "a\\0b",
    ])
    func `text that could disguise a line is refused`(text: String) {
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: 1️⃣\"\(text)\"", "password: { fromEnv: P }"),
            "manifest.bad-value"
        ).check()
    }

    @Test(arguments: [
        ("active: yes", "yes, no, on and off mean different things to different parsers"),
        ("active: \"true\"", "remove the quotes"), ("tls: { caFile: no }", "put it in quotes: \"no\""),
        ("tls: { caFile: }", "give it a value, or remove the line"), ("server: h:993", "write the port in spec.port"),
        (
            "tls: { pin: abc }",
            "it is the hash of the server's public key (SubjectPublicKeyInfo), not of its certificate"
        ),
        (
            "tls: { pin: sha256/jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8= }",
            "did you mean \"jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8=\"?"
        ),
        (
            "tls: { pin: \"8d:5e:78:45:8d:44:3f:13:4a:c2:b4:0a:21:ae:50:30:60:cd:3d:26:e3:dd:5c:0b:3e:d5:da:1e:21:04:f3:2f\" }",
            "did you mean \"jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8=\"?"
        ),
        ("connectionSecurity: startls", "did you mean \"starttls\"?"),
    ])
    func `the repair is said`(line: String, help: String) {
        let lines =
            ["type: imap", "userName: u", "password: { fromEnv: P }", line]
            + (line.hasPrefix("server") ? [] : ["server: h"])
        #expect(Loaded(Manifest.document("EmailAccount", "a", lines)).helps == [help])
    }

    @Test func `the message for a bare no tells what YAML makes of it`() {
        let loaded = Loaded(Manifest.account("type: imap", "server: h", "userName: no", "password: { fromEnv: P }"))
        #expect(loaded.messages == ["spec.userName must be text, but YAML 1.1 reads no as false"])
    }
}

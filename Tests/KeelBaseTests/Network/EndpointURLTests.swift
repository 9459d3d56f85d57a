import KeelBase
import Testing

struct EndpointURLTests {
    @Test(arguments: [
        ("https://login.example.com/token", "https://login.example.com/token", "login.example.com:443"),
        ("https://login.example.com", "https://login.example.com/", "login.example.com:443"),
        ("HTTPS://Login.Example.COM/Token", "https://login.example.com/Token", "login.example.com:443"),
        ("https://login.example.com:8443/", "https://login.example.com:8443/", "login.example.com:8443"),
        ("https://login.example.com:443/", "https://login.example.com:443/", "login.example.com:443"),
        ("https://example.com?a=b/c?d@e:f", "https://example.com/?a=b/c?d@e:f", "example.com:443"),
        ("https://example.com/user@host/x:y", "https://example.com/user@host/x:y", "example.com:443"),
        ("https://example.com/a%20b", "https://example.com/a%20b", "example.com:443"),
        ("https://example.com/t?", "https://example.com/t?", "example.com:443"),
        ("https://[2001:DB8::1]/t", "https://[2001:db8::1]/t", "[2001:db8::1]:443"),
        ("https://[2001:db8::1]:9443/t", "https://[2001:db8::1]:9443/t", "[2001:db8::1]:9443"),
        ("http://127.0.0.1:8080/t", "http://127.0.0.1:8080/t", "127.0.0.1:8080"),
        ("http://127.0.0.1", "http://127.0.0.1/", "127.0.0.1:80"),
        ("http://[::1]:8080/t", "http://[::1]:8080/t", "[::1]:8080"),
    ])
    func `an endpoint is read and written`(text: String, written: String, authority: String) throws {
        let url = try EndpointURL(parsing: text)
        #expect(url.description == written)
        #expect(url.authority.description == authority)
        #expect(try EndpointURL(parsing: url.description) == url)
    }

    @Test(
        arguments: [
            ("", .notAbsolute), ("login.example.com/token", .notAbsolute), ("//login.example.com/token", .notAbsolute),
            ("https:/login.example.com", .notAbsolute), ("/token", .notAbsolute),
            ("ftp://example.com/", .unsupportedScheme), ("://example.com/", .unsupportedScheme),
            ("javascript://example.com/", .unsupportedScheme), ("a/https://example.com/", .unsupportedScheme),
            ("http://example.com/", .clearText), ("http://localhost/", .clearText),
            ("http://localhost:8080/", .clearText),
            ("http://10.0.0.1/", .clearText), ("http://127.0.0.1.example.com/", .clearText),
            ("http://127.1/", .clearText),
            ("http://[::2]/", .clearText), ("http://[::ffff:127.0.0.1]/", .clearText),
            ("https://", .missingHost), ("https:///token", .missingHost), ("https://:443/", .missingHost),
            ("https://[]/", .missingHost), ("https://[::1/", .missingHost), ("https://?x", .missingHost),
            ("https://example.com:/", .badPort), ("https://example.com:0/", .badPort),
            ("https://example.com:65536/", .badPort), ("https://example.com:+443/", .badPort),
            ("https://example.com:443a/", .badPort), ("https://[::1]443/", .badPort), ("https://[::1]:/", .badPort),
            ("https://user@example.com/", .userInfo), ("https://user:secret@example.com/", .userInfo),
            ("http://127.0.0.1@example.com/", .userInfo), ("https://@example.com/", .userInfo),
            ("https://example.com/#top", .fragment), ("https://example.com#", .fragment),
            ("https://example.com/a b", .badCharacter), ("https://example.com/\n", .badCharacter),
            ("https://example.com\\@evil.example/", .badCharacter), ("https://ex\u{E4}mple.com/", .badCharacter),
            ("https://example.com/<x>", .badCharacter), ("https://example.com/{tenant}/", .badCharacter),
            ("https://example.com/\u{0}", .badCharacter), ("https://example.com/\u{7F}", .badCharacter),
        ] as [(String, EndpointURL.Fault)])
    func `what is no endpoint is refused with its reason`(text: String, fault: EndpointURL.Fault) {
        #expect(throws: fault) { try EndpointURL(parsing: text) }
        #expect(!fault.description.isEmpty)
    }

    /// Readers disagree where such a host ends, so credentials could go to another place than a reviewer thinks.
    @Test(arguments: [
        "https://::1/", "https://::1:443/", "https://good.example:443:evil.example/", "https://a:b:443/",
        "https://[good.example]/", "https://a]b/", "https://a[b/", "https://good.example%2eevil.example/",
        "https://good.example%00/", "https://a,b/", "https://a;b/", "https://a*b/", "https://(a)/",
    ])
    func `a host that readers would read differently is refused`(text: String) {
        #expect(throws: EndpointURL.Fault.self) { try EndpointURL(parsing: text) }
    }

    @Test(arguments: [
        ("https://a.example/x", "https://a.example"), ("https://a.example:443/x", "https://a.example"),
        ("https://a.example:8443/x", "https://a.example:8443"), ("http://127.0.0.1:80/x", "http://127.0.0.1"),
        ("http://127.0.0.1:443/x", "http://127.0.0.1:443"), ("https://[::1]:443/x", "https://[::1]"),
    ])
    func `an origin has one text, however its port is written`(text: String, origin: String) throws {
        let url = try EndpointURL(parsing: text)
        #expect(url.origin == origin && url.description == text)
    }

    @Test func `a path can be replaced at the same origin`() throws {
        let url = try EndpointURL(parsing: "https://login.example.com:8443/realms/mail?x=y")
        let other = url.replacingPath("/.well-known/openid-configuration")
        #expect(other.description == "https://login.example.com:8443/.well-known/openid-configuration")
        #expect(other.origin == "https://login.example.com:8443" && url.query == "x=y")
    }
}

import KeelBase
import Testing

struct SecretTests {
    private static let canary = "c4n4ry-in-the-mine"

    private struct Credentials {
        let user = "support"
        let password: Secret
        let spare: Secret?
        let list: [Secret]
        let named: [String: Secret]
        let pair: (Int, Secret)
    }

    private enum Outcome { case token(Secret) }

    private struct Leak: Error { let token: Secret }

    @Test func `no way of printing shows it`() {
        let secret = Secret(copying: Self.canary)
        let holder = Credentials(
            password: secret, spare: secret, list: [secret], named: ["a": secret], pair: (1, secret))
        var dumped = ""
        dump(holder, to: &dumped)
        dump(secret, to: &dumped)
        var printed = ""
        print(holder, secret, Outcome.token(secret), Optional(secret) as Any, [secret], to: &printed)
        debugPrint(holder, secret, Outcome.token(secret), to: &printed)
        let texts = [
            dumped, printed, "\(holder)", "\(Outcome.token(secret))", "\(Leak(token: secret))", "\([secret])",
            String(describing: secret), String(reflecting: secret), String(reflecting: holder),
            String(describing: secret as Any), secret.description, secret.debugDescription,
        ]
        for text in texts {
            #expect(!text.contains(Self.canary))
            #expect(text.contains("(secret)"))
        }
    }

    @Test func `reflection finds nothing in it`() {
        let mirror = Mirror(reflecting: Secret(copying: Self.canary))
        #expect(mirror.children.isEmpty)
        #expect(mirror.superclassMirror == nil)
    }

    @Test(arguments: ["", "x", "p\u{E4}ss", "a\u{0}b", "line\n"])
    func `reveal gives back what went in`(text: String) {
        let secret = Secret(copying: text)
        #expect(secret.reveal() == Array(text.utf8))
        #expect(secret.revealText() == text)
        #expect(secret.count == text.utf8.count && secret.isEmpty == text.isEmpty)
        #expect(secret.withBytes { span in span.count } == text.utf8.count)
    }

    @Test func `a copy holds the same bytes after the first is gone`() {
        func make() -> Secret {
            let first = Secret(copying: Self.canary)
            return first
        }
        let copy = make()
        #expect(copy.revealText() == Self.canary)
    }

    @Test(arguments: [
        ("", "", true), ("a", "a", true), ("abc", "abd", false), ("xbc", "abc", false), ("abc", "abcd", false),
        ("abc", "", false),
    ])
    func `matches compares all bytes`(left: String, right: String, same: Bool) {
        #expect(Secret(copying: left).matches(Secret(copying: right)) == same)
    }

    @Test func `a request and a response show no body`() throws {
        let secret = Secret(copying: Self.canary)
        let request = HTTPRequest(
            .post, try EndpointURL(parsing: "https://example.com/token"), authorization: secret, body: secret)
        let texts = ["\(request)", "\(HTTPResponse(status: 200, body: secret))"]
        for text in texts { #expect(!text.contains(Self.canary)) }
    }
}

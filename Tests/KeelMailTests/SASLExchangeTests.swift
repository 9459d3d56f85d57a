import KeelBase
import KeelMail
import Testing

@Suite struct SASLExchangeTests {
    private static let endpoint = HostPort(host: "server.example.com", port: 143)

    private static func bearer(
        _ mechanism: SASLMechanism, _ userName: String, _ token: String
    ) throws -> SASLExchange {
        try SASLExchange(
            mechanism, userName: userName, credential: .accessToken(Secret(copying: token)), endpoint: endpoint)
    }

    private static func password(
        _ mechanism: SASLMechanism, _ userName: String = "tim", _ password: String = "tanstaaftanstaaf",
        offered: [String] = [], endPoint: [UInt8]? = nil, nonce: String = "nonce"
    ) throws -> SASLExchange {
        try SASLExchange(
            mechanism, userName: userName, credential: .password(Secret(copying: password)), endpoint: endpoint,
            offered: offered, endPoint: endPoint, nonce: nonce)
    }

    private static func challenge(_ text: String) -> [UInt8] { Base64.encode(Array(text.utf8)) }

    private static func plain(_ line: SASLExchange.Line?) -> String? {
        line.flatMap { Base64.decode($0.text.reveal()) }.map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Bearer mechanisms

    @Test(arguments: [
        (
            "someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        ),
        (
            "test@contoso.onmicrosoft.com", "EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA",
            "dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0ozVmUwYmpMQldaV0NjbFJDM0VvQUEBAQ=="
        ),
    ])
    func `XOAUTH2 is as Google and Microsoft document it`(_ user: String, _ token: String, _ line: String) throws {
        let exchange = try Self.bearer(.xoauth2, user, token)
        #expect(exchange.initialResponse?.text.revealText() == line)
        #expect(exchange.initialResponse?.holdsCredential == true)
    }

    @Test func `OAUTHBEARER is as RFC 7628 has it`() throws {
        let exchange = try Self.bearer(
            .oauthBearer, "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")
        #expect(
            exchange.initialResponse?.text.revealText()
                == "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxb"
                + "VRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB")
    }

    @Test func `a comma or an equals sign in a name separates nothing`() throws {
        let bearer = try Self.bearer(.oauthBearer, "a,b=c@x", "t")
        #expect(Self.plain(bearer.initialResponse)?.hasPrefix("n,a=a=2Cb=3Dc@x,\u{1}host=") == true)
        let scram = try Self.password(.scramSHA256, "a,b=c")
        #expect(Self.plain(scram.initialResponse) == "n,,n=a=2Cb=3Dc,r=nonce")
    }

    @Test(arguments: [(SASLMechanism.xoauth2, ""), (.oauthBearer, "AQ==")])
    func `an error is answered as the mechanism demands, and kept`(_ mechanism: SASLMechanism, _ answer: String) throws
    {
        var exchange = try Self.bearer(mechanism, "u", "CANARY-token-of-some-length")
        let json =
            #"{"status":"invalid_token","openid-configuration":"https://x/","scope":"CANARY-token-of-some-length"}"#
        #expect(exchange.doubt == nil)
        #expect(try exchange.answer(toBase64: Self.challenge(json)).text.revealText() == answer)
        #expect(
            exchange.error?.description == "status invalid_token, scope (credential), openid-configuration https://x/")
        #expect(exchange.doubt == .successAfterRefusal)
        #expect(throws: MailFailure(.protocolViolation(.repeatedChallenge))) {
            try exchange.answer(toBase64: Self.challenge(json))
        }
    }

    // MARK: Passwords

    @Test func `PLAIN is one line`() throws {
        var exchange = try Self.password(.plain)
        #expect(Self.plain(exchange.initialResponse) == "\u{0}tim\u{0}tanstaaftanstaaf")
        #expect(throws: MailFailure.self) { try exchange.answer(toBase64: Self.challenge("more")) }
    }

    @Test func `LOGIN tells the name, then the password, whatever it is asked`() throws {
        var exchange = try Self.password(.login)
        #expect(exchange.initialResponse == nil)
        let name = try exchange.answer(toBase64: Self.challenge("Username:"))
        #expect(Self.plain(name) == "tim" && !name.holdsCredential)
        #expect(exchange.doubt == .successWithoutCredential)
        let secret = try exchange.answer(toBase64: [])
        #expect(Self.plain(secret) == "tanstaaftanstaaf" && secret.holdsCredential)
        #expect(exchange.doubt == nil)
    }

    @Test func `CRAM-MD5 is as RFC 2195 has it`() throws {
        var exchange = try Self.password(.cramMD5)
        let line = try exchange.answer(
            toBase64: Array("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+".utf8))
        #expect(line.text.revealText() == "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw")
        var other = try Self.password(.cramMD5)
        #expect(throws: MailFailure(.protocolViolation(.unreadableChallenge))) { try other.answer(toBase64: []) }
    }

    // MARK: SCRAM

    struct Vector: Sendable {
        let mechanism: SASLMechanism
        let nonce: String
        let first: String
        let final: String
        let signature: String
    }

    /// RFC 7677 section 3 and RFC 5802 section 5.
    static let vectors = [
        Vector(
            mechanism: .scramSHA256, nonce: "rOprNGfwEbeRWgbNEkqO",
            first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            final:
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            signature: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
        Vector(
            mechanism: .scramSHA1, nonce: "fyko+d2lbbFgONRv9qkxdawL",
            first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            signature: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="),
    ]

    @Test(arguments: vectors)
    func `SCRAM is as its RFC has it`(_ vector: Vector) throws {
        var exchange = try Self.password(vector.mechanism, "user", "pencil", nonce: vector.nonce)
        #expect(Self.plain(exchange.initialResponse) == "n,,n=user,r=\(vector.nonce)")
        #expect(exchange.initialResponse?.holdsCredential == false)
        let proof = try exchange.answer(toBase64: Self.challenge(vector.first))
        #expect(Self.plain(proof) == vector.final)
        #expect(proof.holdsCredential)
        #expect(exchange.doubt == .successWithoutServerProof)
        #expect(try exchange.answer(toBase64: Self.challenge(vector.signature)).text.isEmpty)
        #expect(exchange.doubt == nil)
    }

    @Test(arguments: vectors)
    func `a server that does not know the password is not believed`(_ vector: Vector) throws {
        var exchange = try Self.password(vector.mechanism, "user", "pencil", nonce: vector.nonce)
        _ = try exchange.answer(toBase64: Self.challenge(vector.first))
        let forged = vector.signature.replacing("v=r", with: "v=s").replacing("v=6", with: "v=7")
        #expect(throws: MailFailure(.serverNotAuthentic)) { try exchange.answer(toBase64: Self.challenge(forged)) }
        #expect(exchange.doubt == .successWithoutServerProof)
    }

    @Test(
        arguments: [
            ("r=nonceX,s=QUJD,i=4095", .tooFewRounds), ("r=nonceX,s=QUJD,i=1000001", .tooManyRounds),
            ("r=nonceX,s=QUJD,i=99999999999999999999", .tooManyRounds),
            ("r=nonceX,s=QUJD,i=abc", .unreadableChallenge), ("r=nonceX,s=QUJD,i=", .unreadableChallenge),
            ("r=nonceX,s=QUJD,i=-4096", .unreadableChallenge), ("r=nonce,s=QUJD,i=4096", .foreignNonce),
            ("r=Xnonce,s=QUJD,i=4096", .foreignNonce), ("r=,s=QUJD,i=4096", .foreignNonce),
            ("m=x,r=nonceX,s=QUJD,i=4096", .unreadableChallenge), ("r=nonceX,s=,i=4096", .unreadableChallenge),
            ("r=nonceX,s=*,i=4096", .unreadableChallenge), ("r=nonceX", .unreadableChallenge),
            ("", .unreadableChallenge), ("s=QUJD,r=nonceX,i=4096", .unreadableChallenge),
        ] as [(String, MailFailure.Violation)])
    func `what a SCRAM server may not ask for`(_ message: String, _ violation: MailFailure.Violation) throws {
        var exchange = try Self.password(.scramSHA256)
        #expect(throws: MailFailure(.protocolViolation(violation))) {
            try exchange.answer(toBase64: Self.challenge(message))
        }
    }

    @Test func `an error of SCRAM is kept, and nothing is believed after it`() throws {
        var exchange = try Self.password(.scramSHA256)
        _ = try exchange.answer(toBase64: Self.challenge("r=nonceX,s=QUJD,i=4096"))
        #expect(try exchange.answer(toBase64: Self.challenge("e=invalid-proof")).text.isEmpty)
        #expect(exchange.error?.description == "status invalid-proof")
        #expect(exchange.doubt == .successAfterRefusal)
    }

    @Test func `a connection is bound where the server offers it`() throws {
        let hash = [UInt8](repeating: 7, count: 32)
        var bound = try Self.password(
            .scramSHA256, offered: ["SCRAM-SHA-256", "scram-sha-256-plus"], endPoint: hash)
        #expect(bound.name == "SCRAM-SHA-256-PLUS")
        #expect(Self.plain(bound.initialResponse)?.hasPrefix("p=tls-server-end-point,,n=tim") == true)
        let final = Self.plain(try bound.answer(toBase64: Self.challenge("r=nonceX,s=QUJD,i=4096")))
        let binding = Base64.text(Array("p=tls-server-end-point,,".utf8) + hash)
        #expect(final?.hasPrefix("c=\(binding),r=nonceX,p=") == true)
        // Said to a server that would have offered it, this tells that somebody cut the offer out.
        let stripped = try Self.password(.scramSHA256, offered: ["SCRAM-SHA-256"], endPoint: hash)
        #expect(stripped.name == "SCRAM-SHA-256")
        #expect(Self.plain(stripped.initialResponse)?.hasPrefix("y,,") == true)
    }

    /// What comes of a password is seen by its proof. The first rows are the examples of RFC 4013 section 3.
    @Test(arguments: [
        ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("a\u{A0}b\u{3000}c", "a b c"), ("x\u{FE0F}", "x"),
        ("Äpfel, Öl & Maß: ñandú, Ørsted", "Äpfel, Öl & Maß: ñandú, Ørsted"), ("Ωμέγα σίγμας", "Ωμέγα σίγμας"),
        ("пароль Ж", "пароль Ж"), ("密碼パスワード", "密碼パスワード"), ("비밀번호", "비밀번호"), ("👍", "👍"),
    ])
    func `SCRAM computes with the prepared password`(_ password: String, _ prepared: String) throws {
        func proof(_ password: String) throws -> String? {
            var exchange = try Self.password(.scramSHA256, "tim", password)
            return Self.plain(try exchange.answer(toBase64: Self.challenge("r=nonceX,s=QUJD,i=4096")))
        }
        #expect(try proof(password) == proof(prepared))
        // PLAIN shows it to the server, which prepares it itself.
        #expect(Self.plain(try Self.password(.plain, "tim", password).initialResponse) == "\u{0}tim\u{0}\(password)")
    }

    @Test(arguments: [
        "\u{AA}", "\u{2168}", "a\u{7}", "\u{627}1", "e\u{301}", "\u{212B}", "\u{2126}", "\u{212A}", "ﬁ", "Ａ", "①", "x²",
        "\u{AD}", "\u{1100}\u{1161}", "\u{E000}", "a\u{200B}", "שלום", "\u{FFFD}", "ẞ",
    ])
    func `what nobody here can prepare is not given to SCRAM`(_ password: String) {
        for mechanism in [SASLMechanism.scramSHA1, .scramSHA256] {
            #expect(throws: MailFailure(.unpreparablePassword)) { try Self.password(mechanism, "tim", password) }
        }
    }

    @Test func `a name is prepared for SCRAM where that can be done`() throws {
        #expect(Self.plain(try Self.password(.scramSHA1, "j\u{AD}ane").initialResponse) == "n,,n=jane,r=nonce")
        #expect(Self.plain(try Self.password(.scramSHA1, "x²").initialResponse) == "n,,n=x²,r=nonce")
    }

    // MARK: What cannot be sent

    @Test(arguments: SASLMechanism.allCases)
    func `each mechanism carries one kind of credential`(_ mechanism: SASLMechanism) {
        let isBearer = mechanism == .xoauth2 || mechanism == .oauthBearer
        #expect(throws: MailFailure(.mechanismNotSupported(mechanism))) {
            isBearer ? try Self.password(mechanism) : try Self.bearer(mechanism, "u", "t")
        }
    }

    @Test(arguments: SASLMechanism.allCases, ["", "a\u{0}b", "a\u{1}b", "a\r\nb"])
    func `what would end its field or line is refused`(_ mechanism: SASLMechanism, _ text: String) {
        let isBearer = mechanism == .xoauth2 || mechanism == .oauthBearer
        #expect(throws: MailFailure(.unusableUserName)) {
            isBearer ? try Self.bearer(mechanism, text, "t") : try Self.password(mechanism, text)
        }
        #expect(throws: MailFailure(isBearer ? .unusableToken : .unusablePassword)) {
            isBearer ? try Self.bearer(mechanism, "u", text) : try Self.password(mechanism, "u", text)
        }
    }

    @Test(arguments: SASLMechanism.allCases)
    func `it shows nothing of itself`(_ mechanism: SASLMechanism) throws {
        let isBearer = mechanism == .xoauth2 || mechanism == .oauthBearer
        let exchange = try isBearer ? Self.bearer(mechanism, "u", "CANARY") : Self.password(mechanism, "u", "CANARY")
        var text = "\(exchange) \(String(reflecting: exchange))"
        dump(exchange, to: &text)
        #expect(!text.contains("CANARY"))
    }
}

import KeelBase
import KeelCrypto
import KeelOAuth
import KeelTestSupport
import Testing

struct AssertionTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let audience = "https://login.example/token"

    private static func part(_ index: Int, of token: Secret) throws -> JSON {
        let parts = token.revealText().split(separator: ".", omittingEmptySubsequences: false)
        try #require(parts.count == 3)
        return try JSON(parsing: try #require(Base64.decode(parts[index].utf8, .url)))
    }

    private func clientAssertion(
        _ pem: String = StandardKeys.rsa, algorithm: SigningAlgorithm? = nil, keyID: String? = nil
    ) throws -> Secret {
        try ClientAssertion.sign(
            clientID: "app", audience: Self.audience, key: try SigningKey(parsing: Secret(copying: pem)),
            algorithm: algorithm, keyID: keyID, at: Self.now)
    }

    /// RFC 7523 section 3.
    @Test func `a client is issuer and subject of its assertion, for five minutes`() throws {
        let claims = try Self.part(1, of: clientAssertion())
        #expect(claims["iss"] == "app")
        #expect(claims["sub"] == "app")
        #expect(claims["aud"] == .string(Self.audience))
        #expect(claims["iat"] == 1_799_999_940)
        #expect(claims["nbf"] == 1_799_999_940)
        #expect(claims["exp"] == 1_800_000_300)
        #expect(claims["scope"] == nil)
    }

    @Test func `no assertion is used twice`() throws {
        let identifiers = try (0..<3).map { _ in try #require(Self.part(1, of: clientAssertion())["jti"]?.string) }
        #expect(Set(identifiers).count == 3)
    }

    @Test(arguments: [
        (StandardKeys.rsa, SigningAlgorithm?.none, "RS256"), (StandardKeys.rsa, .ps256, "PS256"),
        (StandardKeys.p256, nil, "ES256"),
    ])
    func `the key decides the algorithm unless somebody does`(
        pem: String, algorithm: SigningAlgorithm?, name: String
    ) throws {
        let header = try Self.part(0, of: clientAssertion(pem, algorithm: algorithm))
        #expect(header == .present(("alg", .string(name)), ("typ", "JWT")))
    }

    @Test func `the key is named where it has a name`() throws {
        #expect(try Self.part(0, of: clientAssertion(keyID: "2026-11"))["kid"] == "2026-11")
    }

    @Test func `a key that cannot sign so says it`() throws {
        let failure = try #require(throws: SigningKeyFailure.self) {
            _ = try clientAssertion(StandardKeys.p256, algorithm: .ps256)
        }
        #expect(failure.code == .algorithmMismatch)
    }

    @Test func `a bearer assertion names whom it acts for and holds an hour at most`() throws {
        let key = try SigningKey(parsing: Secret(copying: StandardKeys.p256))
        let assertion = try BearerAssertion.sign(
            issuer: "robot", subject: "desk@example.com", audience: Self.audience, scopes: ["mail", "openid"], key: key,
            at: Self.now)
        let claims = try Self.part(1, of: assertion)
        #expect(claims["iss"] == "robot")
        #expect(claims["sub"] == "desk@example.com")
        #expect(claims["scope"] == "mail openid")
        let issued = try #require(claims["iat"]?.integer)
        let expires = try #require(claims["exp"]?.integer)
        #expect(issued < Int(Self.now.seconds))
        #expect(expires - issued == 3600)
    }
}

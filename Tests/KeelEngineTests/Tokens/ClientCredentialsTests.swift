import KeelBase
import KeelEngine
import KeelOAuth
import KeelTestSupport
import Testing

/// How a client shows who it is, from what its profile gives.
struct ClientCredentialsTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let endpoint = "https://login.example.com/token"
    private static let secret = ClientCredentials([.clientSecret: Secret(copying: "hush")])
    private static let key = ClientCredentials([.clientCertificate: Secret(copying: StandardKeys.rsa)])
    private static let pipeline = ClientCredentials([.clientAssertion: Secret(copying: "from.the.pipeline")])

    private static func authentication(
        _ credentials: ClientCredentials, _ method: ClientAuthenticationMethod, at endpoint: String = endpoint
    ) throws -> ClientAuthentication {
        try credentials.authentication(
            method, clientID: "app", tokenEndpoint: try EndpointURL(parsing: endpoint), at: now)
    }

    private static func claims(_ token: Secret) throws -> (header: JSON, claims: JSON) {
        let parts = token.revealText().split(separator: ".")
        let decoded = try parts.prefix(2).map { try JSON(parsing: try #require(Base64.decode($0.utf8, .url))) }
        return (try #require(decoded.first), try #require(decoded.last))
    }

    @Test(
        arguments: zip(
            [Self.secret, Self.key, Self.pipeline, ClientCredentials()],
            [ClientAuthenticationMethod.basic, .privateKeyJWT, .privateKeyJWT, .none]))
    func `what it has decides how it shows itself`(
        credentials: ClientCredentials, expected: ClientAuthenticationMethod
    ) {
        #expect(credentials.method(nil, of: .clientCredentials, nil) == expected)
        #expect(credentials.method(.post, of: .clientCredentials, nil) == .post)
    }

    @Test func `the certificate of a bearer's profile signs the grant, not the client, unless it is said`() {
        #expect(Self.key.method(nil, of: .jwtBearer, nil) == .none)
        #expect(Self.key.method(.privateKeyJWT, of: .jwtBearer, nil) == .privateKeyJWT)
    }

    @Test(arguments: [
        ("https://login.example.com/token", "RS256"), ("https://login.microsoftonline.com/t/token", "PS256"),
    ])
    func `an assertion is signed for the token endpoint, as that one wants it`(
        endpoint: String, algorithm: String
    ) throws {
        guard case .assertion(let first) = try Self.authentication(Self.key, .privateKeyJWT, at: endpoint),
            case .assertion(let second) = try Self.authentication(Self.key, .privateKeyJWT, at: endpoint)
        else { throw CredentialFailure(.clientCertificate, "no assertion", remedy: "") }
        let (header, claims) = try Self.claims(first)
        #expect(header["alg"] == .string(algorithm))
        #expect(claims["aud"] == .string(endpoint))
        #expect(claims["iss"] == "app")
        #expect(claims["sub"] == "app")
        #expect(try Self.claims(second).claims["jti"] != claims["jti"])
    }

    @Test func `an assertion that somebody else signed is shown as it is`() throws {
        guard case .assertion(let shown) = try Self.authentication(Self.pipeline, .privateKeyJWT) else {
            throw CredentialFailure(.clientAssertion, "no assertion", remedy: "")
        }
        #expect(shown.revealText() == "from.the.pipeline")
    }

    @Test(
        arguments: zip(
            [ClientAuthenticationMethod.basic, .post, .privateKeyJWT],
            [CredentialField.clientSecret, .clientSecret, .clientCertificate]))
    func `what is missing is named by its field`(method: ClientAuthenticationMethod, field: CredentialField) throws {
        let failure = try #require(throws: CredentialFailure.self) {
            try Self.authentication(ClientCredentials(), method)
        }
        #expect(failure.field == field)
        #expect(failure.reason.contains(method.rawValue))
    }

    @Test func `a key that cannot sign is told by the key's own words, without the key`() throws {
        let broken = ClientCredentials([.clientCertificate: Secret(copying: "not a key at all")])
        let failure = try #require(throws: CredentialFailure.self) {
            try Self.authentication(broken, .privateKeyJWT)
        }
        #expect(failure.field == .clientCertificate)
        #expect(!failure.description.contains("not a key at all"))
    }

    @Test func `all that is secret is withheld from a provider's words`() {
        let both = ClientCredentials([.clientSecret: Secret(copying: "a"), .password: Secret(copying: "b")])
        #expect(Set(both.withheld.map { $0.revealText() }) == ["a", "b"])
    }
}

/// The requests of the grants that no person is needed for.
struct GrantTermsTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private static func terms(
        _ grant: GrantType, _ credentials: [CredentialField: Secret], method: ClientAuthenticationMethod = .none
    ) throws -> GrantTerms {
        GrantTerms(
            grant: grant, subject: "one@example.com",
            tokenEndpoint: try EndpointURL(parsing: "https://login.example.com/token"), clientID: "app",
            method: method, credentials: ClientCredentials(credentials), scopes: ["mail.imap"],
            parameters: ["resource": "https://mail.example.com", "prompt": "consent"], trust: .system)
    }

    private static func form(_ terms: GrantTerms) throws -> [String: String] {
        let request = try #require(try terms.request(at: now))
        return ScriptedTransport.Exchange(request: request, trust: .system).form
    }

    private static func serviceAccount(_ endpoint: String) -> Secret {
        Secret(
            copying: JSON.sorted([
                "type": "service_account", "private_key": .string(StandardKeys.rsa),
                "client_email": "robot@desk.example", "token_uri": .string(endpoint),
            ]).text())
    }

    @Test func `a password is the subject's, and what speaks to a page stays out`() throws {
        let form = try Self.form(Self.terms(.password, [.password: Secret(copying: "open sesame")]))
        #expect(form["grant_type"] == "password")
        #expect(form["username"] == "one@example.com")
        #expect(form["password"] == "open sesame")
        #expect(form["scope"] == "mail.imap")
        #expect(form["resource"] == "https://mail.example.com")
        #expect(form["prompt"] == nil)
        #expect(form["client_id"] == "app")
    }

    @Test func `a service account acts for the subject, with the scopes in what it signs`() throws {
        let file = Self.serviceAccount("https://login.example.com/token")
        let form = try Self.form(Self.terms(.jwtBearer, [.serviceAccount: file]))
        #expect(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
        #expect(form["scope"] == nil)
        #expect(form["client_id"] == nil)
        let parts = try #require(form["assertion"]).split(separator: ".")
        let claims = try JSON(parsing: try #require(Base64.decode(parts[1].utf8, .url)))
        #expect(claims["iss"] == "robot@desk.example")
        #expect(claims["sub"] == "one@example.com")
        #expect(claims["scope"] == "mail.imap")
        #expect(claims["aud"] == "https://login.example.com/token")
    }

    @Test func `a certificate acts for the subject in the client's name`() throws {
        let form = try Self.form(Self.terms(.jwtBearer, [.clientCertificate: Secret(copying: StandardKeys.p256)]))
        #expect(form["scope"] == "mail.imap")
        #expect(form["client_id"] == "app")
        let parts = try #require(form["assertion"]).split(separator: ".")
        let claims = try JSON(parsing: try #require(Base64.decode(parts[1].utf8, .url)))
        #expect(claims["iss"] == "app")
        #expect(claims["sub"] == "one@example.com")
    }

    @Test(arguments: [(GrantType.password, CredentialField.password), (.jwtBearer, .serviceAccount)])
    func `a grant without its credential names the field`(grant: GrantType, field: CredentialField) throws {
        let failure = try #require(throws: CredentialFailure.self) { try Self.terms(grant, [:]).request(at: Self.now) }
        #expect(failure.field == field)
    }

    @Test(arguments: [GrantType.authorizationCode, .deviceCode])
    func `a grant of a person's is never asked for alone`(grant: GrantType) throws {
        #expect(try Self.terms(grant, [:]).request(at: Self.now) == nil)
    }
}

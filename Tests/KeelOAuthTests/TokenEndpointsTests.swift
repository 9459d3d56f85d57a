import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

/// Revocation and introspection.
struct TokenEndpointsTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    @Test func `a token is shown with its kind and the client's authentication`() throws {
        let client = RequestFixture.client(.basic(Secret(copying: "s")))
        let endpoint = try EndpointURL(parsing: "https://idp.example/revoke")
        let token = Secret(copying: "t/1")
        for request in [
            Revocation.request(client, endpoint: endpoint, token: token, hint: .refreshToken),
            Introspection.request(client, endpoint: endpoint, token: token, hint: .refreshToken),
        ] {
            let exchange = ScriptedTransport.Exchange(request: request, trust: .system)
            #expect(exchange.form == ["token": "t/1", "token_type_hint": "refresh_token"])
            #expect(exchange.basic?.user == "app" && exchange.url == "https://idp.example/revoke")
        }
    }

    @Test(
        arguments: [
            (200, "", .revoked), (200, "<html>", .revoked), (204, "", .revoked),
            (400, #"{"error":"invalid_token"}"#, .alreadyInvalid),
        ] as [(Int, String, Revocation.Outcome)])
    func `a token is gone when the provider says so`(_ status: Int, _ body: String, _ outcome: Revocation.Outcome)
        throws
    {
        #expect(try Revocation.interpret(RequestFixture.json(status, body), at: Self.now) == outcome)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let kind: OAuthFailure.Kind
        let expected: FailureClass
        var wait: Int?
        var testDescription: String { "\(status) \(body)" }
    }

    @Test(arguments: [
        Refusal(status: 503, body: "", kind: .http(status: 503), expected: .transient, wait: 30),
        Refusal(
            status: 400, body: #"{"error":"unsupported_token_type"}"#, kind: .unsupportedTokenType, expected: .ambiguous
        ),
        Refusal(status: 401, body: #"{"error":"invalid_client"}"#, kind: .invalidClient, expected: .fixClient),
        Refusal(status: 302, body: "", kind: .http(status: 302), expected: .ambiguous),
        Refusal(status: 404, body: "<html>", kind: .http(status: 404), expected: .ambiguous),
        Refusal(status: 400, body: "", kind: .emptyRefusal(status: 400), expected: .ambiguous),
        Refusal(
            status: 400, body: String(repeating: " ", count: 300_000), kind: .emptyRefusal(status: 400),
            expected: .ambiguous),
    ])
    func `a token that is not gone may be asked for again`(_ row: Refusal) throws {
        let headers = row.wait.map { [(name: "Retry-After", value: "\($0)")] } ?? []
        let failure = try #require(
            #expect(throws: OAuthFailure.self) {
                try Revocation.interpret(RequestFixture.json(row.status, row.body, headers: headers), at: Self.now)
            })
        #expect(failure.kind == row.kind && failure.classified() == row.expected && failure.retryAfter == row.wait)
    }

    @Test func `introspection tells scopes, times and who it is, in whatever form`() throws {
        let token = try Introspection.interpret(
            RequestFixture.json(
                #"""
                {"active":true,"scope":"mail send","exp":1800003600.9,"iat":"1799999999.5","client_id":"app",
                 "username":"Support Desk","sub":"support","iss":"https://idp.example"}
                """#), at: Self.now)
        #expect(token.isActive && token.scopes == ["mail", "send"] && token.clientID == "app")
        #expect(token.expiresAt?.seconds == 1_800_003_600 && token.issuedAt?.seconds == 1_799_999_999)
        #expect(token.identity?.match(subject: "support") == .matched)
        #expect(token.identity?.userName == "Support Desk")
    }

    @Test func `nothing else is believed of a token that is not active`() throws {
        let token = try Introspection.interpret(
            RequestFixture.json(#"{"active":false,"scope":"mail","sub":"s"}"#), at: Self.now)
        #expect(!token.isActive && token.scopes == nil && token.identity == nil)
    }

    @Test(arguments: [#"{"active":"true"}"#, #"{"active":true}"#])
    func `an active token need not say more`(_ body: String) throws {
        let token = try Introspection.interpret(RequestFixture.json(body), at: Self.now)
        #expect(token.isActive && token.scopes == nil && token.expiresAt == nil && token.identity == nil)
    }

    @Test(
        arguments: [
            (200, "{}", .malformed(.activeMissing)), (200, #"{"active":1}"#, .malformed(.activeMissing)),
            (200, "", .malformed(.bodyEmpty)), (401, #"{"error":"invalid_client"}"#, .invalidClient),
            (403, "", .emptyRefusal(status: 403)),
        ] as [(Int, String, OAuthFailure.Kind)])
    func `introspection that does not say whether it is active is a failure`(
        _ status: Int, _ body: String, _ kind: OAuthFailure.Kind
    ) {
        let failure = #expect(throws: OAuthFailure.self) {
            try Introspection.interpret(RequestFixture.json(status, body), at: Self.now)
        }
        #expect(failure?.kind == kind)
    }
}

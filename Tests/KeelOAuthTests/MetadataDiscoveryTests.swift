import KeelBase
import KeelOAuth
import Testing

@Suite struct MetadataDiscoveryTests {
    private let now = Timestamp(seconds: 0)

    /// Answers each request from `site`, 404 where it has nothing.
    private func discover(
        _ issuer: String, _ site: [String: HTTPResponse]
    ) throws -> (asked: [String], result: Result<AuthorizationServerMetadata, OAuthFailure>) {
        var discovery = try MetadataDiscovery(issuer: issuer)
        var asked: [String] = []
        var step = discovery.start()
        while case .send(let request) = step {
            #expect(request.method == .get && request.body == nil && request.authorization == nil)
            asked.append(request.url.description)
            step = discovery.receive(site[request.url.description] ?? HTTPResponse(status: 404), at: now)
        }
        guard case .finished(let result) = step else { throw Unexpected() }
        return (asked, result)
    }

    private struct Unexpected: Error {}

    private func document(_ issuer: String, _ more: String = "", token: String = "https://t.example/token")
        -> HTTPResponse
    {
        HTTPResponse(
            status: 200,
            body: Secret(copying: "{\"issuer\":\"\(issuer)\",\"token_endpoint\":\"\(token)\"\(more)}"))
    }

    private func failure(_ result: Result<AuthorizationServerMetadata, OAuthFailure>) throws -> OAuthFailure {
        guard case .failure(let failure) = result else { throw Unexpected() }
        return failure
    }

    @Test(arguments: [
        (
            "https://idp.example",
            [
                "https://idp.example/.well-known/oauth-authorization-server",
                "https://idp.example/.well-known/openid-configuration",
            ]
        ),
        (
            "https://idp.example/",
            [
                "https://idp.example/.well-known/oauth-authorization-server",
                "https://idp.example/.well-known/openid-configuration",
            ]
        ),
        (
            "https://login.example:8443/tenant/v2.0",
            [
                "https://login.example:8443/.well-known/oauth-authorization-server/tenant/v2.0",
                "https://login.example:8443/tenant/v2.0/.well-known/openid-configuration",
            ]
        ),
        (
            "http://127.0.0.1:4593/api/oidc/",
            [
                "http://127.0.0.1:4593/.well-known/oauth-authorization-server/api/oidc",
                "http://127.0.0.1:4593/api/oidc/.well-known/openid-configuration",
            ]
        ),
    ])
    func `the places follow from the issuer`(_ issuer: String, _ places: [String]) throws {
        #expect(try discover(issuer, [:]).asked == places)
        #expect(try MetadataDiscovery(issuer: issuer).candidates.map(\.description) == places)
    }

    @Test func `the first place that has the issuer's document ends the search`() throws {
        let issuer = "https://idp.example/a"
        let (asked, result) = try discover(
            issuer, ["https://idp.example/.well-known/oauth-authorization-server/a": document(issuer)])
        #expect(asked.count == 1)
        #expect(try result.get().tokenEndpoint.description == "https://t.example/token")
    }

    @Test func `OpenID Connect's place is the second choice`() throws {
        let issuer = "https://idp.example/a"
        let (asked, result) = try discover(
            issuer,
            [
                "https://idp.example/.well-known/oauth-authorization-server/a": document("https://idp.example"),
                "https://idp.example/a/.well-known/openid-configuration": document(issuer),
            ])
        #expect(asked.count == 2)
        #expect(try result.get().issuer == issuer)
    }

    @Test(arguments: [
        "https://idp.example/", "https://IDP.example", "https://idp.example:443", "https://evil.example",
    ])
    func `an issuer that is not equal to the letter is refused`(_ other: String) throws {
        let place = "https://idp.example/.well-known/openid-configuration"
        let failure = try failure(discover("https://idp.example", [place: document(other)]).result)
        #expect(failure.kind == .metadataMismatch)
        #expect(failure.places.map(\.outcome) == [.status(404), .issuerMismatch(ForeignText(other))])
        #expect(failure.description.contains("names the issuer \(other)"))
    }

    @Test func `a failure says what each place answered`() throws {
        let failure = try failure(
            discover(
                "https://idp.example",
                [
                    "https://idp.example/.well-known/openid-configuration":
                        HTTPResponse(status: 200, body: Secret(copying: "<html>Welcome</html>"))
                ]
            ).result)
        #expect(failure.kind == .metadataNotFound)
        #expect(failure.transience == .permanent)
        #expect(
            failure.description
                == "metadata_not_found; https://idp.example/.well-known/oauth-authorization-server answered HTTP 404"
                + "; https://idp.example/.well-known/openid-configuration is no metadata: the body is an HTML page")
    }

    @Test func `a server out of order is not one without metadata`() throws {
        let place = "https://idp.example/.well-known/oauth-authorization-server"
        let busy = HTTPResponse(status: 503, headers: [(name: "Retry-After", value: "30")])
        let failure = try failure(discover("https://idp.example", [place: busy]).result)
        #expect(failure.transience == .transient)
        #expect(failure.retryAfter == 30)
    }

    @Test(arguments: [
        ("", MetadataPlace.Outcome.notMetadata(.bodyEmpty)), ("[]", .notMetadata(.bodyNotJSON)),
        ("{}", .issuerMissing), (#"{"issuer":7}"#, .issuerMissing),
        (#"{"issuer":"https://idp.example"}"#, .tokenEndpointMissing),
        (
            #"{"issuer":"https://idp.example","token_endpoint":"http://idp.example/t"}"#,
            .tokenEndpointUnusable(.clearText)
        ),
        (
            #"{"issuer":"https://idp.example","token_endpoint":"http://127.0.0.1/t"}"#,
            .tokenEndpointUnusable(.clearText)
        ),
        (#"{"issuer":"https://idp.example","token_endpoint":"/token"}"#, .tokenEndpointUnusable(.notAbsolute)),
        (String(repeating: " ", count: 300_000), .notMetadata(.bodyTooLarge)),
    ])
    func `a document that cannot be used says why`(_ body: String, _ outcome: MetadataPlace.Outcome) throws {
        let place = "https://idp.example/.well-known/oauth-authorization-server"
        let response = HTTPResponse(status: 200, body: Secret(copying: body))
        #expect(try failure(discover("https://idp.example", [place: response]).result).places.first?.outcome == outcome)
    }

    @Test func `optional members are read, and left out when they cannot be used`() throws {
        let place = "https://idp.example/.well-known/oauth-authorization-server"
        let more = #"""
            ,"authorization_endpoint":"https://a.example/auth","device_authorization_endpoint":"http://a.example/d",
            "introspection_endpoint":17,"revocation_endpoint":"https://a.example/r","jwks_uri":"https://a.example/k",
            "grant_types_supported":["client_credentials",3,null]
            """#
        let metadata = try discover("https://idp.example", [place: document("https://idp.example", more)]).result.get()
        #expect(metadata.endpoints.authorization?.description == "https://a.example/auth")
        #expect(metadata.endpoints.deviceAuthorization == nil)
        #expect(metadata.endpoints.introspection == nil)
        #expect(metadata.endpoints.revocation?.path == "/r")
        #expect(metadata.jwksURI?.path == "/k")
        #expect(metadata.grantTypesSupported == ["client_credentials", "3"])
        #expect(metadata.tokenEndpointAuthMethodsSupported == nil)
    }

    @Test func `what identity, client checks and answers need is read`() throws {
        let place = "https://idp.example/.well-known/oauth-authorization-server"
        let more = #"""
            ,"userinfo_endpoint":"https://idp.example/me","pushed_authorization_request_endpoint":"https://idp.example/par",
            "authorization_response_iss_parameter_supported":true,"code_challenge_methods_supported":["plain","S256"]
            """#
        let metadata = try discover("https://idp.example", [place: document("https://idp.example", more)]).result.get()
        #expect(metadata.endpoints.userinfo?.path == "/me")
        #expect(metadata.endpoints.pushedAuthorization?.path == "/par")
        #expect(metadata.announcesIssuer && metadata.codeChallengeMethodsSupported == ["plain", "S256"])
        let bare = try discover("https://idp.example", [place: document("https://idp.example")]).result.get()
        #expect(!bare.announcesIssuer && bare.codeChallengeMethodsSupported == nil)
    }

    @Test(
        arguments: [
            ("https://idp.example", "https://idp.example/t", []),
            ("https://idp.example", "https://IDP.example:8443/t", []),
            ("https://idp.example/a", "https://login.idp.example/t", []),
            ("https://login.idp.example", "https://idp.example/t", ["token"]),
            ("https://idp.example", "https://notidp.example/t", ["token"]),
            ("https://idp.example", "https://idp.example.evil.example/t", ["token"]),
            ("http://127.0.0.1:4593/x", "http://127.0.0.1:9999/t", []),
            ("http://127.0.0.1:4593", "http://127.0.0.2:4593/t", ["token"]),
        ] as [(String, String, [String])])
    func `an endpoint off the issuer's site is told`(_ issuer: String, _ token: String, _ names: [String]) throws {
        let place = try #require(MetadataDiscovery(issuer: issuer).candidates.first).description
        let metadata = try discover(issuer, [place: document(issuer, token: token)]).result.get()
        #expect(metadata.offSite == names)
    }

    @Test func `each endpoint off the site has its name`() throws {
        let place = "https://idp.example/.well-known/oauth-authorization-server"
        let names = ["authorization", "device_authorization", "revocation", "introspection", "userinfo"]
        let more = names.map { ",\"\($0)_endpoint\":\"https://cdn.example/\($0)\"" }.joined()
        let metadata = try discover(
            "https://idp.example", [place: document("https://idp.example", more, token: "https://idp.example/t")]
        ).result.get()
        #expect(Set(metadata.offSite) == Set(names))
    }

    @Test(
        arguments: [
            (nil, true, ClientAuthenticationMethod.basic),
            (#"["client_secret_post","client_secret_basic"]"#, true, .basic),
            (#"["client_secret_post"]"#, true, .post), (#"["private_key_jwt"]"#, true, nil), ("[]", true, nil),
            (nil, false, ClientAuthenticationMethod.none),
            (#"["client_secret_post"]"#, false, ClientAuthenticationMethod.none),
        ] as [(String?, Bool, ClientAuthenticationMethod?)])
    func `the method follows from what the server takes`(
        _ supported: String?, _ hasSecret: Bool, _ method: ClientAuthenticationMethod?
    ) throws {
        let place = "https://idp.example/.well-known/oauth-authorization-server"
        let more = supported.map { ",\"token_endpoint_auth_methods_supported\":\($0)" } ?? ""
        let metadata = try discover("https://idp.example", [place: document("https://idp.example", more)]).result.get()
        #expect(metadata.authenticationMethod(hasSecret: hasSecret) == method)
    }

    @Test(arguments: [
        "http://idp.example", "idp.example", "https://idp.example?x=1", "https://idp.example/#a",
        "https://u:p@idp.example",
    ])
    func `an issuer that is no https URL is refused before anything is sent`(_ issuer: String) {
        let failure = #expect(throws: OAuthFailure.self) { try MetadataDiscovery(issuer: issuer) }
        #expect(failure?.kind == .invalidIssuer)
    }
}

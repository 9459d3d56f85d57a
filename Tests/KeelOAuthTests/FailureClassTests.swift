import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

/// What may be done about a failure: decided by codes and statuses, in one place.
struct FailureClassTests {
    private static let now = Timestamp(seconds: 1_000_000)

    private static func failure(_ status: Int, _ body: String) throws -> OAuthFailure {
        let result = Result { () throws(OAuthFailure) in
            try TokenResponse.interpret(RequestFixture.json(status, body), requestedScopes: [], at: now)
        }
        guard case .failure(let failure) = result else { throw Unexpected() }
        return failure
    }

    private struct Unexpected: Error {}

    /// A small catalogue.
    private static func known(_ number: Int) -> FailureClass? {
        [
            7_000_222: FailureClass.fixClient, 90033: .transient, 53003: .fixTenant, 9_002_313: .fixManifest,
            700_082: .reauthorize,
        ][number]
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let expected: FailureClass
        var grant: GrantType?
        var testDescription: String { "\(status) \(body.prefix(90)) \(grant?.rawValue ?? "")" }

        init(_ status: Int, _ body: String, _ expected: FailureClass, grant: GrantType? = nil) {
            self.status = status
            self.body = body
            self.expected = expected
            self.grant = grant
        }

        static func error(_ code: String, _ expected: FailureClass, grant: GrantType? = nil, more: String = "") -> Row {
            Row(400, "{\"error\":\"\(code)\"\(more)}", expected, grant: grant)
        }
    }

    @Test(arguments: [
        Row.error("invalid_request", .fixManifest), .error("invalid_client", .fixClient),
        .error("invalid_grant", .reauthorize), .error("unauthorized_client", .fixClient),
        .error("unsupported_grant_type", .fixManifest), .error("invalid_scope", .fixManifest),
        .error("access_denied", .reauthorize), .error("server_error", .transient),
        .error("temporarily_unavailable", .transient), .error("interaction_required", .reauthorize),
        .error("login_required", .reauthorize), .error("consent_required", .reauthorize),
        .error("account_selection_required", .reauthorize), .error("unsupported_response_type", .fixManifest),
        .error("invalid_target", .fixManifest), .error("authorization_pending", .transient),
        .error("slow_down", .throttled), .error("expired_token", .reauthorize),
        .error("authorization_declined", .reauthorize), .error("bad_verification_code", .reauthorize),
        .error("unsupported_token_type", .ambiguous), .error("invalid_token", .reauthorize),
        .error("insufficient_scope", .fixTenant), .error("insufficient_scope", .reauthorize, grant: .authorizationCode),
        .error("what_is_this", .ambiguous), Row(500, #"{"error":"what_is_this"}"#, .transient),
        // Load is load, whatever the body says.
        Row(429, #"{"error":"invalid_grant"}"#, .throttled), Row(503, #"{"error":"invalid_client"}"#, .transient),
        Row(503, #"{"error":"invalid_grant","error_codes":[7000222]}"#, .transient),
        // What stands between us and the provider.
        Row(502, "<html>", .transient), Row(504, "", .transient), Row(408, "", .transient), Row(500, "", .transient),
        Row(401, "", .ambiguous), Row(400, "", .ambiguous), Row(403, "<html>", .ambiguous), Row(404, "", .ambiguous),
        Row(405, "", .ambiguous), Row(302, "", .ambiguous), Row(407, "<html>", .ambiguous), Row(501, "", .ambiguous),
        Row(200, "<html>Sign in to the guest network</html>", .ambiguous), Row(200, "", .ambiguous),
        Row(200, "{}", .ambiguous), Row(400, #"{"access_token":"t"}"#, .ambiguous),
        // Numbers are finer than the error, where somebody knows them.
        .error("invalid_grant", .fixClient, more: #","error_codes":[7000222]"#),
        .error("invalid_grant", .fixTenant, more: #","error_codes":[1,53003]"#),
        .error("invalid_grant", .transient, more: #","error_description":"AADSTS90033: A passing fault""#),
        .error("invalid_grant", .reauthorize, more: #","error_description":"It was AADSTS90033""#),
        .error("invalid_grant", .reauthorize, more: #","error_codes":[123]"#),
        .error("invalid_client", .fixClient, more: #","error_codes":"7000222""#),
        // "Malformed" is the request's fault, or that of the token which was refused.
        .error("invalid_request", .fixManifest, more: #","error_codes":[9002313]"#),
        .error("invalid_grant", .reauthorize, more: #","error_codes":[9002313]"#),
        // Finer codes.
        .error("invalid_grant", .reauthorize, more: #","error_subtype":"invalid_rapt""#),
        .error("interaction_required", .fixTenant, more: #","suberror":"message_only""#),
        .error("interaction_required", .reauthorize, more: #","suberror":"basic_action""#),
        .error("invalid_grant", .reauthorize, more: #","suberror":"unheard_of""#),
        // A grant without a person has nobody who could authorize again.
        .error("invalid_grant", .fixClient, grant: .clientCredentials),
        .error("invalid_grant", .fixManifest, grant: .jwtBearer),
        .error("unauthorized_client", .fixTenant, grant: .jwtBearer),
        .error("unauthorized_client", .fixClient, grant: .clientCredentials),
        .error("consent_required", .fixTenant, grant: .clientCredentials),
        .error("access_denied", .fixTenant, grant: .jwtBearer), .error("invalid_grant", .reauthorize, grant: .password),
        .error("invalid_grant", .reauthorize, grant: .deviceCode),
        .error("server_error", .transient, grant: .jwtBearer),
        // Nor is there anybody where a number or a finer code asks for a person.
        .error("invalid_grant", .fixClient, grant: .clientCredentials, more: #","error_codes":[700082]"#),
        .error("invalid_grant", .fixClient, grant: .jwtBearer, more: #","error_codes":[700082]"#),
        .error("invalid_grant", .fixClient, grant: .jwtBearer, more: #","error_subtype":"invalid_rapt""#),
        .error("invalid_grant", .reauthorize, grant: .deviceCode, more: #","error_codes":[700082]"#),
        .error("invalid_grant", .reauthorize, grant: .password, more: #","error_codes":[700082]"#),
    ])
    func `a failure has one class`(_ row: Row) throws {
        #expect(try Self.failure(row.status, row.body).classified(grant: row.grant, known: Self.known) == row.expected)
    }

    @Test(
        arguments: [
            (.refused, .network), (.timedOut, .network), (.closed, .network), (.unreachable, .network),
            (.nameNotResolved(host: "h"), .network), (.other(ForeignText("x")), .network),
            (.tls(.handshake(ForeignText("x"))), .tls), (.trustUnusable(path: "ca", ForeignText("x")), .tls),
        ] as [(ConnectionFailure, FailureClass)])
    func `a connection that failed has a class too`(_ failure: ConnectionFailure, _ expected: FailureClass) {
        #expect(FailureClass(failure) == expected)
    }

    /// Nothing but an error that speaks of the grant may lead to a person's work, so that no proxy, fault or wrong client can
    /// end a grant that is good.
    @Test(arguments: 0..<64 as Range<UInt64>)
    func `only an error about the grant or the person asks for a person`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let codes = [
            "invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
            "server_error", "temporarily_unavailable", "insufficient_scope", "invalid_target", "x", "",
        ]
        let statuses = [200, 301, 302, 400, 401, 403, 404, 405, 407, 408, 429, 500, 501, 502, 503, 504]
        for _ in 0..<40 {
            let code = codes[Int.random(in: 0..<codes.count, using: &generator)]
            let words = "invalid_grant AADSTS70008 token expired, log in again"
            let body = [
                "{\"error\":\"\(code)\",\"error_description\":\"\(words)\"}", "<html>invalid_grant</html>", "",
                "invalid_grant", "{\"message\":\"invalid_grant\"}", "[]",
            ][Int.random(in: 0..<6, using: &generator)]
            let status = statuses[Int.random(in: 0..<statuses.count, using: &generator)]
            let found = try Self.failure(status, body).classified { _ in .reauthorize }
            #expect(found != .reauthorize, "\(status) \(body)")
        }
    }

    @Test func `what a support case needs is kept as data, cleaned and capped`() throws {
        let failure = try Self.failure(
            400,
            #"""
            {"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired.\r\nTrace",
             "error_codes":[700082,70008],"timestamp":"2026-11-21 07:30:00Z","trace_id":"t\u001b[0m-1",
             "correlation_id":"c-1","error_uri":"https://login.example/error?code=700082","suberror":"bad_token"}
            """#)
        #expect(failure.status == 400)
        #expect(failure.evidence.numbers == [700_082, 70008])
        #expect(
            failure.json.text()
                == #"{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired. Trace","#
                + #""suberror":"bad_token","error_codes":[700082,70008],"trace_id":"t�[0m-1","correlation_id":"c-1","#
                + #""timestamp":"2026-11-21 07:30:00Z","error_uri":"https://login.example/error?code=700082","status":400}"#
        )
        let long = try Self.failure(400, "{\"error\":\"x\",\"trace_id\":\"\(String(repeating: "a", count: 9000))\"}")
        #expect((long.evidence.traceID ?? "").count <= ForeignText.limit + 1)
    }
}

import KeelBase
import KeelOAuth
import Testing

@Suite struct TokenResponseTests {
    private let now = Timestamp(seconds: 1_000_000)

    private func interpret(
        _ status: Int, _ body: String, headers: [(name: String, value: String)] = [], withholding: [Secret] = []
    ) -> Result<IssuedTokens, OAuthFailure> {
        let response = HTTPResponse(status: status, headers: headers, body: Secret(copying: body))
        return Result { () throws(OAuthFailure) in
            try TokenResponse.interpret(response, requestedScopes: ["mail", "send"], at: now, withholding: withholding)
        }
    }

    private func failure(
        _ status: Int, _ body: String, headers: [(name: String, value: String)] = [], withholding: [Secret] = []
    ) throws -> OAuthFailure {
        switch interpret(status, body, headers: headers, withholding: withholding) {
        case .failure(let failure): return failure
        case .success: throw Unexpected()
        }
    }

    private struct Unexpected: Error {}

    // MARK: Successes

    struct Issued: Sendable, CustomTestStringConvertible {
        let members: String
        var lifetime: Int64 = 3600
        var stated = false
        var scopes = ["mail", "send"]
        var refresh: String?
        var status = 200
        var testDescription: String { members }
    }

    @Test(arguments: [
        Issued(members: #""token_type":"Bearer""#),
        Issued(members: #""token_type":"bearer","expires_in":60"#, lifetime: 60, stated: true),
        Issued(members: #""token_type":"BEARER","expires_in":"7200""#, lifetime: 7200, stated: true),
        Issued(members: #""expires_in":3599.9"#, lifetime: 3599, stated: true),
        Issued(members: #""expires_in":"3599.5""#, lifetime: 3599, stated: true),
        Issued(members: #""expires_in":null"#),
        Issued(members: #""expires_in":"soon""#),
        Issued(members: #""expires_in":"nan""#),
        Issued(members: #""expires_in":{}"#),
        Issued(members: #""expires_in":-5"#, lifetime: 0, stated: true),
        Issued(members: #""expires_in":1e300"#, lifetime: 31_536_000, stated: true),
        Issued(members: #""expires_in":1e999"#),
        Issued(members: #""expires_in":9223372036854775807"#, lifetime: 31_536_000, stated: true),
        Issued(members: #""scope":"mail""#, scopes: ["mail"]),
        Issued(members: #""scope":" send  mail ""#, scopes: ["send", "mail"]),
        Issued(members: #""scope":"""#),
        Issued(members: #""scope":["mail","other"]"#, scopes: ["mail", "other"]),
        Issued(members: #""refresh_token":"r1","id_token":"x.y.z""#, refresh: "r1"),
        Issued(members: #""refresh_token":"""#),
        Issued(members: #""refresh_token":17"#),
        Issued(members: #""error":"""#),
        Issued(members: #""error":null,"extra":[[[{"deep":true}]]]"#),
        Issued(members: #""token_type":"Bearer""#, status: 201),
    ])
    func `a token is issued`(_ row: Issued) throws {
        let tokens = try interpret(row.status, #"{"access_token":"tok-1","# + row.members + "}").get()
        #expect(tokens.accessToken.revealText() == "tok-1")
        #expect(tokens.expiresAt == now.adding(seconds: row.lifetime))
        #expect(tokens.statesLifetime == row.stated)
        #expect(tokens.grantedScopes == row.scopes)
        #expect(tokens.refreshToken?.revealText() == row.refresh)
    }

    @Test func `a byte order mark before the JSON is no error`() throws {
        #expect(try interpret(200, "\u{FEFF}{\"access_token\":\"t\"}").get().accessToken.count == 1)
    }

    @Test func `missing scopes are those that were not granted`() throws {
        let tokens = try interpret(200, #"{"access_token":"t","scope":"send x"}"#).get()
        #expect(tokens.missing(from: ["mail", "send"]) == ["mail"])
    }

    // MARK: Failures

    struct Refused: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let kind: OAuthFailure.Kind
        var transience = OAuthFailure.Transience.permanent
        var testDescription: String { "\(status) \(body.prefix(60))" }
    }

    @Test(arguments: [
        Refused(status: 400, body: #"{"error":"invalid_request"}"#, kind: .invalidRequest),
        Refused(status: 401, body: #"{"error":"invalid_client"}"#, kind: .invalidClient),
        Refused(status: 400, body: #"{"error":"invalid_grant"}"#, kind: .invalidGrant, transience: .needsPerson),
        Refused(status: 400, body: #"{"error":"unauthorized_client"}"#, kind: .unauthorizedClient),
        Refused(status: 400, body: #"{"error":"unsupported_grant_type"}"#, kind: .unsupportedGrantType),
        Refused(status: 400, body: #"{"error":"invalid_scope"}"#, kind: .invalidScope),
        Refused(status: 403, body: #"{"error":"access_denied"}"#, kind: .accessDenied, transience: .needsPerson),
        Refused(status: 403, body: #"{"error":"insufficient_scope"}"#, kind: .insufficientScope),
        Refused(
            status: 400, body: #"{"error":"interaction_required"}"#, kind: .interactionRequired,
            transience: .needsPerson),
        Refused(status: 400, body: #"{"error":"login_required"}"#, kind: .loginRequired, transience: .needsPerson),
        Refused(status: 400, body: #"{"error":"consent_required"}"#, kind: .consentRequired, transience: .needsPerson),
        Refused(status: 500, body: #"{"error":"server_error"}"#, kind: .serverError, transience: .transient),
        Refused(
            status: 400, body: #"{"error":"temporarily_unavailable"}"#, kind: .temporarilyUnavailable,
            transience: .transient),
        Refused(status: 200, body: #"{"error":"invalid_client","access_token":"t"}"#, kind: .invalidClient),
        Refused(status: 429, body: #"{"error":"invalid_request"}"#, kind: .invalidRequest, transience: .transient),
        Refused(status: 503, body: #"{"error":"invalid_client"}"#, kind: .invalidClient, transience: .transient),
        Refused(status: 400, body: #"{"error":"new_error"}"#, kind: .unrecognized),
        Refused(status: 500, body: #"{"error":"new_error"}"#, kind: .unrecognized, transience: .transient),
        Refused(status: 400, body: #"{"error":"INVALID_CLIENT"}"#, kind: .unrecognized),
        Refused(status: 400, body: "", kind: .emptyRefusal(status: 400)),
        Refused(status: 401, body: " \r\n", kind: .emptyRefusal(status: 401)),
        Refused(status: 403, body: "", kind: .emptyRefusal(status: 403)),
        Refused(status: 404, body: "", kind: .http(status: 404)),
        Refused(status: 500, body: "", kind: .http(status: 500), transience: .transient),
        Refused(status: 501, body: "", kind: .http(status: 501)),
        Refused(status: 408, body: "", kind: .http(status: 408), transience: .transient),
        Refused(status: 302, body: "", kind: .http(status: 302)),
        Refused(status: 502, body: "<html>Bad Gateway</html>", kind: .http(status: 502), transience: .transient),
        Refused(status: 400, body: "<!DOCTYPE html>", kind: .http(status: 400)),
        Refused(status: 400, body: #"{"access_token":"t"}"#, kind: .http(status: 400)),
        Refused(status: 403, body: #"{"error":{"code":403,"message":"no"}}"#, kind: .http(status: 403)),
        Refused(status: 200, body: "", kind: .malformed(.bodyEmpty)),
        Refused(status: 200, body: "  <html>Sign in to the guest network</html>", kind: .malformed(.bodyHTML)),
        Refused(status: 200, body: "access_token=t&token_type=bearer", kind: .malformed(.bodyNotJSON)),
        Refused(status: 200, body: #"["access_token"]"#, kind: .malformed(.bodyNotJSON)),
        Refused(status: 200, body: #"{"access_token":"t""#, kind: .malformed(.bodyNotJSON)),
        Refused(status: 200, body: "{}", kind: .malformed(.accessTokenMissing)),
        Refused(status: 200, body: #"{"access_token":""}"#, kind: .malformed(.accessTokenMissing)),
        Refused(status: 200, body: #"{"access_token":["t"]}"#, kind: .malformed(.accessTokenMissing)),
        Refused(status: 200, body: #"{"access_token":"t\u0001x"}"#, kind: .malformed(.accessTokenUnusable)),
        Refused(status: 200, body: #"{"access_token":"t\r\nX: y"}"#, kind: .malformed(.accessTokenUnusable)),
        Refused(status: 200, body: #"{"access_token":"tö"}"#, kind: .malformed(.accessTokenUnusable)),
        Refused(
            status: 200, body: #"{"access_token":"t","token_type":"mac"}"#, kind: .malformed(.tokenTypeUnsupported)),
        Refused(
            status: 200, body: #"{"access_token":""# + String(repeating: "a", count: 300_000) + #""}"#,
            kind: .malformed(.bodyTooLarge)),
        Refused(
            status: 500, body: String(repeating: "<", count: 300_000), kind: .http(status: 500), transience: .transient),
    ])
    func `a response without tokens has a kind`(_ row: Refused) throws {
        let failure = try failure(row.status, row.body)
        #expect(failure.kind == row.kind)
        #expect(failure.transience == row.transience)
    }

    @Test func `every kind that is an OAuth error has the error as its code`() throws {
        for code in ["invalid_request", "invalid_client", "invalid_scope", "temporarily_unavailable"] {
            #expect(try failure(400, "{\"error\":\"\(code)\"}").code == code)
        }
        #expect(try failure(400, "").code == "empty_refusal")
        #expect(try failure(502, "").code == "http_error")
        #expect(try failure(200, "").code == "malformed_response")
    }

    @Test func `Microsoft's finer code, suberror and correlation are kept`() throws {
        let failure = try failure(
            401,
            #"""
            {"error":"invalid_client","error_description":"AADSTS7000222: The secret\r\nis expired.",
             "error_codes":[7000222],"timestamp":"x","trace_id":"t-1","correlation_id":"c-1","suberror":"bad_token"}
            """#)
        #expect(failure.vendorCode == "AADSTS7000222")
        #expect(failure.suberror == "bad_token")
        #expect(failure.correlationID == "c-1")
        #expect(
            failure.answer
                == ServerAnswer(
                    code: "invalid_client", words: ForeignText("AADSTS7000222: The secret is expired.")))
        #expect(
            failure.description
                == "invalid_client: AADSTS7000222: The secret is expired. (AADSTS7000222, bad_token)")
    }

    @Test(arguments: [
        ("AADSTS7000222: The secret is expired.", "AADSTS7000222"), ("AADSTS7000222", "AADSTS7000222"),
        ("Trouble AADSTS7000222: expired", nil), ("AADSTS: expired", nil), ("AADSTS99999999999", nil),
        ("aadsts7000222: expired", nil),
    ])
    func `a number at the very start of the words is a code`(_ words: String, _ code: String?) throws {
        let failure = try failure(401, "{\"error\":\"invalid_client\",\"error_description\":\"\(words)\"}")
        #expect(failure.vendorCode == code)
    }

    @Test func `free text decides nothing`() throws {
        let failure = try failure(
            400, #"{"error":"invalid_grant","error_description":"slow down, temporarily_unavailable (AADSTS90033)"}"#)
        #expect(failure.vendorCode == nil)
        #expect(failure.transience == .needsPerson)
        #expect(failure.classified { _ in .transient } == .reauthorize)
    }

    @Test func `Google's subtype is a suberror`() throws {
        #expect(
            try failure(400, #"{"error":"invalid_grant","error_subtype":"invalid_rapt"}"#).suberror == "invalid_rapt")
    }

    @Test func `words are cleaned and capped`() throws {
        let words = "\\u001b[31mred\\u202e" + String(repeating: "x", count: 5000)
        let failure = try failure(400, "{\"error\":\"invalid_client\",\"error_description\":\"\(words)\"}")
        #expect(!failure.description.unicodeScalars.contains("\u{1B}"))
        #expect(!failure.description.unicodeScalars.contains("\u{202E}"))
        #expect(failure.description.count < 600)
    }

    struct Wait: Sendable {
        let header: String
        var date: String?
        let seconds: Int?
    }

    @Test(arguments: [
        Wait(header: "120", seconds: 120), Wait(header: " 7 ", seconds: 7), Wait(header: "999999999", seconds: 86_400),
        Wait(header: "-1", seconds: nil), Wait(header: "soon", seconds: nil),
        Wait(header: "Mon, 12 Jan 1970 13:47:10 GMT", seconds: 30),
        Wait(header: "Mon, 12 Jan 1970 13:46:00 GMT", seconds: 0),
        Wait(
            header: "Sun, 06 Nov 1994 08:50:37 GMT", date: "Sun, 06 Nov 1994 08:49:37 GMT", seconds: 60),
        Wait(header: "Mon, 12 Foo 1970 13:47:10 GMT", seconds: nil),
    ])
    func `Retry-After is seconds or a date`(_ row: Wait) throws {
        let date = row.date.map { [(name: "date", value: $0)] } ?? []
        let failure = try failure(503, "", headers: [(name: "retry-after", value: row.header)] + date)
        #expect(failure.retryAfter == row.seconds)
    }

    @Test(arguments: [
        #"{"refresh_token":"SECRET-2"}"#, #"{"access_token":"t\u0001","refresh_token":"SECRET-2"}"#,
        #"{"access_token":"t","token_type":"mac","refresh_token":"SECRET-2"}"#,
    ])
    func `a refresh token survives an answer that is of no use otherwise`(_ body: String) throws {
        let failure = try failure(200, body)
        #expect(failure.rescuedRefreshToken?.revealText() == "SECRET-2")
        var text = "\(failure) \(failure.json.text())"
        dump(failure, to: &text)
        #expect(!text.contains("SECRET"))
        #expect(try self.failure(400, body).rescuedRefreshToken == nil)
    }

    @Test(
        arguments: [
            ("Mon, 12 Jan 1970 13:46:40 GMT", nil), ("Mon, 12 Jan 1970 13:47:40 GMT", nil),
            ("Mon, 12 Jan 1970 13:47:41 GMT", 61), ("Mon, 12 Jan 1970 13:41:40 GMT", -300), ("soon", nil), (nil, nil),
        ] as [(String?, Int?)])
    func `a clock that is more than a minute off is told`(_ date: String?, _ skew: Int?) throws {
        let headers = date.map { [(name: "Date", value: $0)] } ?? []
        let failure = try failure(401, #"{"error":"invalid_client"}"#, headers: headers)
        #expect(failure.clockSkew == skew && failure.json["clock_skew"]?.integer == skew)
    }

    @Test func `no token or secret gets into an error`() throws {
        let token = "tok-SECRET-1234567890"
        let bodies = [
            (200, "access_token=\(token)"), (200, "<html>\(token)</html>"), (200, "{\"access_token\":\"\(token)\","),
            (200, "{\"access_token\":\"\(token)\",\"token_type\":\"mac\"}"),
            (400, "{\"access_token\":\"\(token)\",\"error\":\"invalid_client\"}"), (500, token),
            (400, "{\"error\":\"\(token)\",\"error_description\":\"client_secret=\(token) is wrong\"}"),
        ]
        for (status, body) in bodies {
            let failure = try failure(status, body, withholding: [Secret(copying: token)])
            var text = "\(failure) \(String(reflecting: failure))"
            dump(failure, to: &text)
            #expect(!text.contains("SECRET"), "\(status) \(body.prefix(20))")
        }
    }

    @Test func `a dump of issued tokens holds none`() throws {
        let tokens = try interpret(200, #"{"access_token":"tok-SECRET","refresh_token":"ref-SECRET"}"#).get()
        var text = "\(tokens)"
        dump(tokens, to: &text)
        #expect(!text.contains("SECRET"))
    }
}

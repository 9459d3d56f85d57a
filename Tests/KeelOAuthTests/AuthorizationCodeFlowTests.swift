import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

struct AuthorizationCodeFlowTests {
    /// RFC 7636 appendix B.
    private static let octets: [UInt8] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191, 240,
        91, 88, 5, 88, 83, 132, 141, 121,
    ]
    private static let state = "AgICAgICAgICAgICAgICAg"
    private static let nonce = "AwMDAwMDAwMDAwMDAwMDAw"

    /// The vector's octets, then bytes that count.
    private static func random() -> (Int) -> Secret {
        var call = 0
        return { count in
            call += 1
            return call == 1 ? Secret(copying: octets) : Secret(copying: [UInt8](repeating: UInt8(call), count: count))
        }
    }

    private func request(
        endpoint: String = "https://idp.example/authorize", scopes: [String] = ["mail", "openid"],
        loginHint: String? = "desk.lead+x@contoso.example", additional: TokenRequest.Additional = [],
        issuer: String? = "https://idp.example", announcesIssuer: Bool = false
    ) throws -> AuthorizationRequest {
        AuthorizationRequest(
            endpoint: try EndpointURL(parsing: endpoint), clientID: "app",
            redirectURI: try RedirectURI(parsing: "http://127.0.0.1/cb").listening(on: 8400), scopes: scopes,
            loginHint: loginHint, additional: additional, issuer: issuer, announcesIssuer: announcesIssuer)
    }

    private func parameters(_ url: String) -> [String: String] {
        let query = url.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
        let request = HTTPRequest(.post, RequestFixture.endpoint, body: Secret(copying: query))
        return ScriptedTransport.Exchange(request: request, trust: .system).form
    }

    @Test func `the link holds the challenge of the RFC's verifier`() throws {
        let flow = AuthorizationCodeFlow(try request(), random: Self.random())
        #expect(flow.url.hasPrefix("https://idp.example/authorize?"))
        #expect(
            parameters(flow.url) == [
                "client_id": "app", "response_type": "code", "redirect_uri": "http://127.0.0.1:8400/cb",
                "scope": "mail openid", "state": Self.state, "nonce": Self.nonce,
                "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
                "login_hint": "desk.lead+x@contoso.example",
            ])
        #expect(!flow.url.contains("+") && !flow.url.contains("dBjftJeZ4CVP"))
    }

    @Test func `the code is redeemed with the verifier and the same redirect URI`() throws {
        let flow = AuthorizationCodeFlow(try request(), random: Self.random())
        let client = TokenEndpointClient(
            tokenEndpoint: RequestFixture.endpoint, clientID: "app", authentication: .none)
        let form = ScriptedTransport.Exchange(
            request: flow.redemption(Secret(copying: "c"), client), trust: .system
        ).form
        #expect(form["code_verifier"] == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(form["redirect_uri"] == "http://127.0.0.1:8400/cb")
    }

    @Test func `without openid there is no nonce`() throws {
        let flow = AuthorizationCodeFlow(try request(scopes: ["mail"]), random: Self.random())
        #expect(flow.nonce == nil && parameters(flow.url)["nonce"] == nil)
    }

    @Test func `two flows have nothing in common`() throws {
        let first = AuthorizationCodeFlow(try request())
        let second = AuthorizationCodeFlow(try request())
        for name in ["state", "nonce", "code_challenge"] {
            let values = [first, second].map { parameters($0.url)[name] ?? "" }
            #expect(values[0] != values[1] && values.allSatisfy { $0.count >= 22 })
        }
    }

    @Test func `a manifest adds parameters and replaces none of the protocol's`() throws {
        let flow = AuthorizationCodeFlow(
            try request(
                endpoint: "https://idp.example/authorize?tenant=t",
                additional: [
                    ("prompt", "consent"), ("access_type", "offline"), ("state", "mine"), ("scope", "all"),
                    ("redirect_uri", "https://evil.example"), ("code_challenge", "x"), ("response_mode", "form_post"),
                    ("client_secret", "s"), ("nonce", "n"),
                ]), random: Self.random())
        let sent = parameters(flow.url)
        #expect(flow.url.hasPrefix("https://idp.example/authorize?tenant=t&client_id=app&"))
        #expect(sent["prompt"] == "consent" && sent["access_type"] == "offline")
        #expect(sent["state"] == Self.state && sent["scope"] == "mail openid" && sent["nonce"] == Self.nonce)
        #expect(sent["redirect_uri"] == "http://127.0.0.1:8400/cb")
        #expect(sent["client_secret"] == nil && sent["response_mode"] == nil)
    }

    @Test(
        arguments: [
            ("prompt=consent", "prompt", "consent"), ("login_hint=a%40b.example", "login_hint", "a@b.example"),
            ("p=B2C_1&p%72ompt=none", "prompt", "none"),
            // What the protocol needs for this request is ours.
            ("state=theirs", "state", state), ("client_id=theirs&scope=all", "client_id", "app"),
            ("response_type=token", "response_type", "code"),
        ])
    func `no parameter comes twice, whatever the endpoint's query sets`(
        query: String, name: String, value: String
    ) throws {
        let flow = AuthorizationCodeFlow(
            try request(endpoint: "https://idp.example/authorize?\(query)", additional: [("prompt", "login")]),
            random: Self.random())
        let names = flow.url.split(separator: "?", maxSplits: 1)[1].split(separator: "&").map {
            $0.prefix { $0 != "=" }.replacing("%72", with: "r")
        }
        #expect(names.count == Set(names).count, "\(flow.url)")
        #expect(parameters(flow.url)[name] == value)
    }

    @Test(arguments: [("other@x.example", "other@x.example"), ("", nil)] as [(String, String?)])
    func `a manifest's own hint wins, and an empty one sends none`(_ own: String, _ sent: String?) throws {
        let flow = AuthorizationCodeFlow(try request(additional: [("login_hint", own)]), random: Self.random())
        #expect(parameters(flow.url)["login_hint"] == sent)
    }

    // MARK: Answers

    struct Answer: Sendable, CustomTestStringConvertible {
        let query: String
        var announces = false
        var issuer: String? = "https://idp.example"
        var kind: OAuthFailure.Kind?
        var testDescription: String { query }
    }

    private static let iss = "iss=https%3A%2F%2Fidp.example"

    @Test(arguments: [
        Answer(query: "code=c%2F1&state=\(state)"),
        Answer(query: "code=c%2F1&state=\(state)&\(iss)", announces: true),
        Answer(query: "state=\(state)&scope=mail+send&code=c%2F1&authuser=0&session_state=x.y"),
        Answer(query: "code=c%2F1&state=\(state)&iss=https://else.example", issuer: nil),
        Answer(query: "code=c%2F1", kind: .answerUnusable(.stateMissing)),
        Answer(query: "code=c%2F1&state=", kind: .answerUnusable(.stateMissing)),
        Answer(query: "code=c%2F1&state=\(state)x", kind: .answerUnusable(.stateMismatch)),
        Answer(query: "code=c%2F1&state=\(nonce)", kind: .answerUnusable(.stateMismatch)),
        Answer(query: "error=access_denied", kind: .answerUnusable(.stateMissing)),
        Answer(query: "error=access_denied&state=forged", kind: .answerUnusable(.stateMismatch)),
        Answer(query: "code=c%2F1&state=\(state)", announces: true, kind: .answerUnusable(.issuerMissing)),
        Answer(query: "error=access_denied&state=\(state)", announces: true, kind: .answerUnusable(.issuerMissing)),
        Answer(
            query: "code=c%2F1&state=\(state)&iss=https%3A%2F%2Fidp.example%2F",
            kind: .answerUnusable(.issuerMismatch)),
        Answer(query: "code=c%2F1&state=\(state)&iss=https://else.example", kind: .answerUnusable(.issuerMismatch)),
        Answer(query: "state=\(state)", kind: .answerUnusable(.codeMissing)),
        Answer(query: "state=\(state)&code=", kind: .answerUnusable(.codeMissing)),
        Answer(query: "state=\(state)&code=a%0Ab", kind: .answerUnusable(.codeUnusable)),
        Answer(query: "state=\(state)&code=%C3%A4", kind: .answerUnusable(.codeUnusable)),
        Answer(query: "error=access_denied&state=\(state)", kind: .accessDenied),
        Answer(query: "error=access_denied&code=c&state=\(state)", kind: .accessDenied),
        Answer(query: "error=consent_required&state=\(state)&\(iss)", announces: true, kind: .consentRequired),
        Answer(query: "error=login_required&state=\(state)", kind: .loginRequired),
        Answer(query: "error=interaction_required&state=\(state)", kind: .interactionRequired),
        Answer(query: "error=account_selection_required&state=\(state)", kind: .accountSelectionRequired),
        Answer(query: "error=invalid_scope&state=\(state)", kind: .invalidScope),
        Answer(query: "error=unauthorized_client&state=\(state)", kind: .unauthorizedClient),
        Answer(query: "error=unsupported_response_type&state=\(state)", kind: .unsupportedResponseType),
        Answer(query: "error=invalid_target&state=\(state)", kind: .invalidTarget),
        Answer(query: "error=temporarily_unavailable&state=\(state)", kind: .temporarilyUnavailable),
        Answer(query: "error=admin_policy_enforced&state=\(state)", kind: .unrecognized),
    ])
    func `only the answer to this request gives a code`(_ row: Answer) throws {
        let flow = AuthorizationCodeFlow(
            try request(issuer: row.issuer, announcesIssuer: row.announces), random: Self.random())
        let answer = try RedirectAnswer(query: Secret(copying: row.query))
        if let kind = row.kind {
            let failure = #expect(throws: OAuthFailure.self) { try flow.answer(to: answer) }
            #expect(failure?.kind == kind)
        } else {
            #expect(try flow.answer(to: answer).revealText() == "c/1")
        }
    }

    @Test func `another provider's answer names that provider`() throws {
        let flow = AuthorizationCodeFlow(try request(), random: Self.random())
        let answer = try RedirectAnswer(query: Secret(copying: "state=\(Self.state)&iss=https://else.example&code=c"))
        let failure = #expect(throws: OAuthFailure.self) { try flow.answer(to: answer) }
        #expect(failure?.description == "unusable_answer: https://else.example (iss names another provider)")
    }

    @Test func `Microsoft's refusal keeps its number, and no code is shown`() throws {
        let flow = AuthorizationCodeFlow(try request(), random: Self.random())
        let query =
            "error=access_denied&error_subcode=cancel&state=\(Self.state)&code=SECRET-CODE"
            + "&error_description=AADSTS65004%3a+User+declined+SECRET-CODE.%0d%0aTrace"
            + "&error_uri=https%3a%2f%2flogin.example%2ferror%3fcode%3d65004"
        let answer = try RedirectAnswer(query: Secret(copying: query))
        let failure = try #require(#expect(throws: OAuthFailure.self) { try flow.answer(to: answer) })
        #expect(failure.vendorCode == "AADSTS65004" && failure.suberror == "cancel")
        #expect(failure.evidence.errorURI == "https://login.example/error?code=65004")
        #expect(failure.answer.words.text == "AADSTS65004: User declined (withheld). Trace")
        var shown = "\(failure) \(failure.json.text()) \(answer) \(String(reflecting: answer))"
        dump(answer, to: &shown)
        dump(failure, to: &shown)
        dump(flow, to: &shown)
        #expect(!shown.contains("SECRET") && !shown.contains("dBjftJeZ4CVP"))
    }

    // MARK: Keeping it

    @Test(arguments: [true, false])
    func `a flow that was kept is the same flow`(_ hasIssuer: Bool) throws {
        let flow = AuthorizationCodeFlow(
            try request(
                scopes: hasIssuer ? ["openid"] : ["mail"], issuer: hasIssuer ? "https://idp.example" : nil,
                announcesIssuer: hasIssuer), random: Self.random())
        let back = try AuthorizationCodeFlow(record: flow.record)
        #expect(back.record.matches(flow.record))
        #expect(back.url == flow.url && back.scopes == flow.scopes && back.issuer == flow.issuer)
        let tail = hasIssuer ? "&" + Self.iss : ""
        let answer = try RedirectAnswer(query: Secret(copying: "code=c&state=\(Self.state)\(tail)"))
        #expect(try back.answer(to: answer).revealText() == "c")
    }

    @Test(
        arguments: [
            ("", .unreadable), ("[]", .unreadable), (#"{"version":2}"#, .otherVersion(2)),
            (#"{"version":1}"#, .incomplete("flow")),
            (#"{"version":1,"flow":"device_code"}"#, .otherFlow(ForeignText("device_code"))),
            (#"{"version":1,"flow":"authorization_code"}"#, .incomplete("url")),
        ] as [(String, FlowRecordFault)])
    func `what is no record of a code flow says so`(_ text: String, _ fault: FlowRecordFault) {
        #expect(throws: fault) { try AuthorizationCodeFlow(record: Secret(copying: text)) }
        #expect(!fault.description.isEmpty)
    }

    @Test func `every cut of a record is refused`() throws {
        let bytes = AuthorizationCodeFlow(try request(), random: Self.random()).record.reveal()
        for count in 0..<bytes.count {
            #expect(throws: FlowRecordFault.self) {
                try AuthorizationCodeFlow(record: Secret(copying: Array(bytes.prefix(count))))
            }
        }
    }
}

import KeelBase
import KeelSandbox
import Testing

@Suite struct `Orders for faults` {
    @Test(arguments: [
        "token-html", "token-slow=500", "token-slow=500:2", "token-lost:1", "revocation-unavailable=3:4",
        "device-slow=1", "device-slow-down:3", "token-microsoft-error=50076.basic_action", "imap-unavailable:1",
        "metadata-redirect=302", "provider-date-skew=-600", "mail-slow=1:2", "pop3-slow=1", "smtp-coalesced",
        "imap-greeting=* OK: ready", "smtp-login-answer=454 4.7.0 later: much:3", "imap-mechanisms=PLAIN LOGIN",
    ])
    func `are read`(text: String) throws {
        #expect(try FaultOrder(parsing: text).description == text)
    }

    @Test func `have a standard value`() throws {
        #expect(try FaultOrder(parsing: "token-delayed").description == "token-delayed=500")
        #expect(try FaultOrder(parsing: "revocation-too-many:1") != FaultOrder(.tokenTooMany, times: 1))
    }

    @Test(arguments: [
        ("unknown", FaultOrderFailure.unknown("unknown")), ("", .unknown("")),
        ("revocation-expires-in-string", .unknown("revocation-expires-in-string")),
        ("token-html=1", .takesNoValue(.tokenHTML)), ("token-slow=", .badValue(.tokenSlow)),
        ("token-slow=x", .badValue(.tokenSlow)), ("token-html:0", .badTimes("token-html:0")),
        ("token-html:x", .badTimes("token-html:x")), ("imap-cut=x", .badValue(.mailCut)),
        ("smtp-unavailable", .unknown("smtp-unavailable")), ("imap-greeting=", .badValue(.mailGreeting)),
    ])
    func `are refused`(text: String, failure: FaultOrderFailure) {
        #expect(throws: failure) { try FaultOrder(parsing: text) }
    }

    @Test func `come and go while the sandbox runs`() async throws {
        let rig = ProviderRig()
        #expect(await rig.order("token-unavailable=3:2").status == 204)
        #expect(await rig.order("revocation-html").status == 204)
        for _ in 0..<2 {
            let response = await rig.refresh("x")
            #expect(response.status == 503)
            #expect(response.header("Retry-After") == "3")
        }
        #expect(await rig.refresh("x").error == "invalid_grant")
        #expect(rig.logged("fault", "\"reason\":\"token-unavailable\"", "\"grant\":\"refresh_token\""))
        #expect(await rig.get("/control/faults").body.revealText() == #"{"faults":["revocation-html"]}"#)
        #expect(await rig.order("revocation-html:2").status == 204)
        #expect(await rig.get("/control/faults").body.revealText() == #"{"faults":["revocation-html:2"]}"#)
        #expect(await rig.post("/control/calm", []).status == 204)
        #expect(await rig.get("/control/faults").body.revealText() == #"{"faults":[]}"#)
        for text in ["unknown", "provider-certificate-expired", "token-html=1"] {
            #expect(await rig.order(text).status == 400)
        }
        #expect(await rig.post("/control/faults", []).status == 400)
    }

    @Test func `are not met by who orders them`() async throws {
        let rig = ProviderRig()
        await rig.order("provider-date-skew=86400:1")
        _ = await rig.get("/control/counts")
        let skewed = await rig.get("/jwks").header("Date")
        #expect(skewed != nil)
        #expect(skewed != (await rig.get("/jwks").header("Date")))
        #expect(rig.logged("fault", "\"service\":\"oauth_keys\"", "\"reason\":\"provider-date-skew\""))
    }

    @Test func `are counted, as all that happens`() async throws {
        let rig = ProviderRig { $0.faults = [FaultOrder(.tokenServerError, times: 1)] }
        _ = await rig.refresh("x")
        let token = try await rig.tokens().text("refresh_token")
        _ = await rig.refresh(token)
        _ = await rig.refresh(token)
        let counts = try await rig.get("/control/counts").json
        #expect(counts["fault"] == 1)
        #expect(counts["fault refresh_token"] == 1)
        #expect(counts["token_issued"] == 2)
        #expect(counts["token_issued refresh_token"] == 1)
        #expect(counts["token_issued authorization_code"] == 1)
        #expect(counts["reuse_detected"] == 1)
        #expect(counts["connection oauth_token"] == 4)
        #expect(counts["redirect_followed"] == nil)
    }

    @Test func `end what a person consented to`() async throws {
        let rig = ProviderRig()
        let ended = try await rig.tokens()
        let other = try await rig.tokens(user: "billing@sandbox.example")
        #expect(await rig.post("/control/end", [("user", ProviderRig.user)]).status == 204)
        #expect(await rig.post("/control/end", [("user", "planted")]).status == 400)
        #expect(await rig.get("/userinfo", bearer: try ended.text("access_token")).status == 401)
        #expect(await rig.refresh(try ended.text("refresh_token")).error == "invalid_grant")
        #expect(await rig.refresh(try other.text("refresh_token")).status == 200)
    }
}

@Suite struct `Faults of the provider` {
    @Test(arguments: [
        ("token-unavailable", 503, "Retry-After", "7"), ("token-too-many=30", 429, "Retry-After", "30"),
        ("token-server-error=502", 502, "Retry-After", nil), ("token-server-error", 500, "Retry-After", nil),
        ("token-redirect", 307, "Location", "https://localhost:18443/redirected"),
        ("token-redirect=302", 302, "Location", "https://localhost:18443/redirected"),
        ("token-html", 200, "Content-Type", "text/html; charset=utf-8"), ("token-empty", 200, "Content-Type", nil),
        ("token-lost", 444, "Location", nil),
    ])
    func `come before any work`(order: String, status: Int, header: String, value: String?) async throws {
        let rig = ProviderRig()
        let token = try await rig.tokens().text("refresh_token")
        await rig.order(order + ":1")
        let response = await rig.refresh(token)
        #expect(response.status == status)
        #expect(response.header(header) == value)
        #expect(await rig.refresh(token).status == 200)
    }

    @Test func `give a date to come back at`() async throws {
        let rig = ProviderRig()
        await rig.order("token-too-many-date=0")
        let response = await rig.refresh("x")
        #expect(response.status == 429)
        #expect(response.header("Retry-After")?.hasSuffix(" GMT") == true)
    }

    @Test func `fill the client's memory`() async throws {
        let rig = ProviderRig()
        await rig.order("token-huge")
        #expect(await rig.refresh("x").body.count > 1 << 20)
    }

    @Test func `drop the answer when the work is done`() async throws {
        let rig = ProviderRig()
        let token = try await rig.tokens().text("refresh_token")
        await rig.order("token-dropped:1")
        #expect(await rig.refresh(token).status == 444)
        #expect(rig.logged("token_issued", "\"used\":\"refresh-1\",\"refresh\":\"refresh-2\""))
        #expect(await rig.refresh(token).error == "invalid_grant")
        #expect(rig.count(of: "reuse_detected") == 1)
    }

    @Test(arguments: [
        ("token-oauth-error", 400, #"{"error":"invalid_grant","#),
        ("token-oauth-error=invalid_client", 401, #"{"error":"invalid_client","#),
        ("token-google-error", 400, #""error_description":"Token has been expired or revoked.""#),
        ("token-google-error=invalid_rapt", 400, #""error_subtype":"invalid_rapt""#),
        ("token-microsoft-error", 400, #""error_description":"AADSTS700082: "#),
        ("token-microsoft-error=7000222", 401, #""error_codes":[7000222]"#),
        ("token-microsoft-error=50076.basic_action", 400, #""suberror":"basic_action""#),
        ("token-microsoft-error=90055", 429, #""correlation_id":""#),
        ("token-microsoft-error=90033", 503, #"{"error":"temporarily_unavailable""#),
    ])
    func `refuse in a provider's own words`(order: String, status: Int, words: String) async {
        let rig = ProviderRig()
        await rig.order(order)
        let response = await rig.refresh("x")
        #expect(response.status == status)
        #expect(response.body.revealText().contains(words))
    }

    @Test(arguments: [
        ("token-expires-in-string", "expires_in", JSON.string("3600")), ("token-expires-in-missing", "expires_in", nil),
        ("token-expires-in-negative", "expires_in", .integer(-1)), ("token-type", "token_type", .string("bearer")),
        ("token-type=mac", "token_type", .string("mac")), ("token-scope-missing", "scope", nil),
        ("token-scopes-fewer", "scope", .string("openid")),
        ("token-scopes-more", "scope", .string("mail openid calendar")),
        ("token-no-refresh", "refresh_token", nil), ("token-no-id-token", "id_token", nil),
    ])
    func `bend the answer`(order: String, member: String, value: JSON?) async throws {
        let rig = ProviderRig()
        await rig.order(order + ":1")
        let bent = try await rig.tokens()
        #expect(bent[member] == value)
        #expect(try await rig.tokens()[member] != value)
    }

    @Test(arguments: [
        ("id-token-wrong-issuer", "iss", JSON.string("https://issuer.example")),
        ("id-token-wrong-audience", "aud", .string("another-client")),
        ("id-token-wrong-nonce", "nonce", .string("n1x")),
        ("consent-other-user", "email", .string("lead@sandbox.example")),
        ("consent-other-user=alerts@sandbox.example", "sub", .string("user-alerts")),
    ])
    func `bend who somebody is`(order: String, claim: String, value: JSON) async throws {
        let rig = ProviderRig()
        await rig.order(order)
        #expect(try await rig.tokens().claims()[claim] == value)
    }

    @Test func `bend the time`() async throws {
        let rig = ProviderRig()
        await rig.order("id-token-clock-skew")
        await rig.order("provider-date-skew=3600")
        let response = await rig.redeem(try await rig.code())
        let expiry = try #require(try response.json.claims()["exp"]?.integer)
        #expect(Int64(expiry) < rig.time.now.seconds)
        let right = await ProviderRig().get("/jwks").header("Date")
        #expect(response.header("Date") != right)
    }

    @Test func `bend the redirect`() async throws {
        let rig = ProviderRig()
        let query = ProviderRig.request(("approve", ProviderRig.user))
        for (order, member, value) in [
            ("redirect-wrong-issuer", "iss", "https://issuer.example"), ("redirect-no-issuer", "iss", nil),
            ("redirect-wrong-state", "state", "s1x"),
        ] {
            await rig.order(order + ":1")
            #expect(try await rig.answer(to: query)[member] == value)
        }
    }

    @Test func `bend the metadata`() async throws {
        let rig = ProviderRig()
        await rig.order("metadata-wrong-issuer:1")
        await rig.order("metadata-foreign-endpoint:1")
        let metadata = try await rig.get("/.well-known/openid-configuration").json
        #expect(metadata["issuer"] == "https://issuer.example")
        #expect(metadata["token_endpoint"] == "https://localhost:18443/token")
        await rig.order("metadata-minimal:1")
        let least = try await rig.get("/.well-known/openid-configuration").json
        #expect(least.members?.count == 4)
        #expect(least["userinfo_endpoint"] == nil)
    }

    @Test(arguments: [
        ("device-pending", "authorization_pending"), ("device-slow-down", "slow_down"),
        ("device-declined", "authorization_declined"), ("device-expired", "expired_token"),
    ])
    func `answer polls`(order: String, error: String) async throws {
        let rig = ProviderRig { $0.approvesAs = ProviderRig.user }
        let start = try await rig.post("/device_authorization", [("client_id", ProviderRig.app)]).json
        _ = await rig.get("/device", [("user_code", try start.text("user_code"))])
        await rig.order(order + ":2")
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", ProviderRig.app),
            ("device_code", try start.text("device_code")),
        ]
        for _ in 0..<2 {
            #expect(await rig.post("/token", form).error == error)
            rig.time.advance(seconds: 5)
        }
        rig.time.advance(seconds: 5)
        #expect(await rig.post("/token", form).error == (error == "slow_down" ? "slow_down" : nil))
    }
}

extension ProviderRig {
    @discardableResult
    fileprivate func order(_ text: String) async -> HTTPResponse { await post("/control/faults", [("fault", text)]) }
}

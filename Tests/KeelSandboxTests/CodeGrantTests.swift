import KeelBase
import KeelSandbox
import Testing

@Suite struct `The sandbox's authorization code grant` {
    @Test func `gives tokens to who shows the code and its verifier`() async throws {
        let rig = ProviderRig()
        let answer = try await rig.answer(to: ProviderRig.request() + [("approve", "Support@Sandbox.example")])
        #expect(answer["state"] == "s1")
        #expect(answer["iss"] == ProviderRig.issuer)
        let tokens = try await rig.redeem(try #require(answer["code"])).json
        #expect(tokens["token_type"] == "Bearer")
        #expect(tokens["expires_in"] == 3600)
        #expect(tokens["scope"] == "mail openid")
        #expect(tokens["refresh_token"]?.string?.isEmpty == false)
        let claims = try tokens.claims()
        #expect(claims["iss"]?.string == ProviderRig.issuer)
        #expect(claims["aud"]?.string == ProviderRig.app)
        #expect(claims["nonce"] == "n1")
        #expect(claims["sub"] == "user-support")
        #expect(claims["email"]?.string == ProviderRig.user)
        #expect(rig.logged("consent_given", "\"user\":\"support@sandbox.example\"", "\"scopes\":[\"mail\",\"openid\"]"))
        #expect(rig.logged("token_issued", "\"grant\":\"authorization_code\"", "\"refresh\":\"refresh-1\""))
    }

    @Test func `shows a page to a person, with the expected one first`() async throws {
        let rig = ProviderRig()
        let response = await rig.get(
            "/authorize", ProviderRig.request(("login_hint", "lead@sandbox.example"), ("state", "\"><script>")))
        #expect(response.status == 200)
        #expect(response.header("Content-Type") == "text/html; charset=utf-8")
        let page = response.body.revealText()
        #expect(page.contains("name=\"approve\" value=\"lead@sandbox.example\" checked"))
        #expect(page.contains("name=\"decline\" value=\"1\""))
        #expect(page.contains("&quot;&gt;&lt;script&gt;"))
        #expect(!page.contains("<script>"))
        #expect(rig.count(of: "consent_given") == 0)
    }

    @Test func `approves by itself when it is told to`() async throws {
        let rig = ProviderRig { $0.approvesAs = "billing@sandbox.example" }
        let answer = try await rig.answer(to: ProviderRig.request())
        let tokens = try await rig.redeem(try #require(answer["code"])).json
        #expect(try tokens.claims()["email"] == "billing@sandbox.example")
    }

    @Test(arguments: [
        ("decline", "1", "access_denied"), ("approve", "nobody@sandbox.example", "access_denied"),
        ("response_type", "token", "unsupported_response_type"), ("response_type", nil, "invalid_request"),
        ("code_challenge", nil, "invalid_request"), ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"), ("code_challenge_method", nil, "invalid_request"),
        ("scope", "mail admin", "invalid_scope"), ("prompt", "none", "interaction_required"),
    ])
    func `tells the client what is wrong`(name: String, value: String?, error: String) async throws {
        let rig = ProviderRig()
        let answer = try await rig.answer(to: ProviderRig.request((name, value)))
        #expect(answer["error"] == error)
        #expect(answer["state"] == "s1")
        #expect(answer["iss"] == ProviderRig.issuer)
        #expect(answer["code"] == nil)
        #expect(rig.logged("consent_refused", "\"reason\":\"\(error)\""))
    }

    @Test(arguments: [
        ("client_id", nil), ("client_id", "planted"), ("redirect_uri", nil),
        ("redirect_uri", "http://127.0.0.1:50000/elsewhere"), ("redirect_uri", "http://127.0.0.2:50000/callback"),
        ("redirect_uri", "https://127.0.0.1:50000/callback"), ("redirect_uri", "http://127.0.0.1.example/callback"),
        ("redirect_uri", "http://127.0.0.1:50000@evil.example/callback"),
    ])
    func `sends nobody to a place that it does not know`(name: String, value: String?) async {
        let rig = ProviderRig()
        let response = await rig.get("/authorize", ProviderRig.request((name, value), ("approve", ProviderRig.user)))
        #expect(response.status == 400)
        #expect(response.header("Location") == nil)
        #expect(!rig.log.joined().contains("planted"))
    }

    @Test(arguments: [
        "http://127.0.0.1:1/callback", "http://127.0.0.1", "http://[::1]:65535/", "http://localhost:8080/callback",
    ])
    func `takes any port of this machine`(uri: String) async throws {
        let rig = ProviderRig()
        let response = await rig.get(
            "/authorize", ProviderRig.request(("redirect_uri", uri), ("approve", ProviderRig.user)))
        #expect(response.header("Location")?.hasPrefix(uri + "?code=") == true)
    }

    @Test(arguments: [
        ("code_verifier", ""), ("code_verifier", String(repeating: "x", count: 43)), ("code_verifier", "short"),
        ("redirect_uri", "http://127.0.0.1:50001/callback"), ("redirect_uri", ""), ("code", "unknown"),
    ])
    func `wants all that belongs to the code`(name: String, value: String) async throws {
        let rig = ProviderRig()
        let response = await rig.redeem(try await rig.code(), (name, value))
        #expect(response.status == 400)
        #expect(response.error == "invalid_grant")
        #expect(rig.logged("token_refused", "\"grant\":\"authorization_code\""))
    }

    @Test func `lets a code live for a moment`() async throws {
        let rig = ProviderRig { $0.codeLifetime = 30 }
        let code = try await rig.code()
        rig.time.advance(seconds: 31)
        #expect(await rig.redeem(code).error == "invalid_grant")
    }

    @Test func `takes back what a code gave when it comes again`() async throws {
        let rig = ProviderRig()
        let code = try await rig.code()
        let tokens = try await rig.redeem(code).json
        #expect(await rig.redeem(code).error == "invalid_grant")
        #expect(rig.logged("code_reuse_detected"))
        #expect(await rig.refresh(try tokens.text("refresh_token")).error == "invalid_grant")
        #expect(await rig.get("/userinfo", bearer: try tokens.text("access_token")).status == 401)
    }

    @Test func `takes requests that were sent ahead`() async throws {
        let rig = ProviderRig()
        let response = await rig.post("/par", ProviderRig.request())
        #expect(response.status == 201)
        let pushed = try response.json
        #expect(pushed["expires_in"] == 90)
        let uri = try pushed.text("request_uri")
        let query = [("client_id", ProviderRig.app), ("request_uri", uri)]
        let answer = try await rig.answer(to: query + [("approve", ProviderRig.user)])
        #expect(answer["state"] == "s1")
        #expect(await rig.redeem(try #require(answer["code"])).status == 200)
        #expect(await rig.get("/authorize", [("client_id", "mailkeel-sandbox"), ("request_uri", uri)]).status == 400)
        rig.time.advance(seconds: 91)
        #expect(await rig.get("/authorize", query).status == 400)
        #expect(await rig.post("/par", ProviderRig.request(("scope", "admin"))).error == "invalid_scope")
        #expect(await rig.post("/par", ProviderRig.request(("client_id", "x"))).status == 401)
    }
}

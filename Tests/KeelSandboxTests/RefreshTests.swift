import KeelBase
import KeelSandbox
import Testing

@Suite struct `The sandbox's refresh tokens` {
    @Test func `rotate, and end their family when one is shown again`() async throws {
        let rig = ProviderRig()
        let first = try await rig.tokens().text("refresh_token")
        let answer = try await rig.refresh(first).json
        let second = try answer.text("refresh_token")
        #expect(second != first)
        #expect(try answer.claims()["nonce"] == nil)
        #expect(
            rig.logged(
                "token_issued", "\"grant\":\"refresh_token\"", "\"used\":\"refresh-1\",\"refresh\":\"refresh-2\""))
        #expect(await rig.refresh(first).error == "invalid_grant")
        #expect(rig.logged("reuse_detected", "\"used\":\"refresh-1\""))
        #expect(rig.count(of: "family_ended") == 1)
        #expect(await rig.refresh(second).error == "invalid_grant")
        #expect(await rig.get("/userinfo", bearer: try answer.text("access_token")).status == 401)
    }

    @Test func `stay when they do not rotate`() async throws {
        let rig = ProviderRig { $0.refresh.rotates = false }
        let first = try await rig.tokens().text("refresh_token")
        for _ in 0..<3 {
            let answer = try await rig.refresh(first).json
            #expect(answer["refresh_token"] == nil)
        }
    }

    @Test func `leave the family alone without reuse detection`() async throws {
        let rig = ProviderRig { $0.refresh.detectsReuse = false }
        let first = try await rig.tokens().text("refresh_token")
        let second = try await rig.refresh(first).json.text("refresh_token")
        #expect(await rig.refresh(first).error == "invalid_grant")
        #expect(await rig.refresh(second).status == 200)
    }

    @Test func `may be shown again within the grace`() async throws {
        let rig = ProviderRig { $0.refresh.grace = 30 }
        let first = try await rig.tokens().text("refresh_token")
        let second = try await rig.refresh(first).json.text("refresh_token")
        rig.time.advance(seconds: 20)
        let again = try await rig.refresh(first).json.text("refresh_token")
        #expect(again != second)
        #expect(await rig.refresh(second).status == 200)
        rig.time.advance(seconds: 11)
        #expect(await rig.refresh(first).error == "invalid_grant")
        #expect(await rig.refresh(again).error == "invalid_grant")
    }

    @Test func `expire`() async throws {
        let rig = ProviderRig { $0.refresh.lifetime = 100 }
        let first = try await rig.tokens().text("refresh_token")
        rig.time.advance(seconds: 100)
        #expect(await rig.refresh(first).error == "invalid_grant")
        #expect(rig.count(of: "reuse_detected") == 0)
    }

    @Test func `narrow and widen within what was consented, at no cost when refused`() async throws {
        let rig = ProviderRig()
        let first = try await rig.tokens(scope: "mail openid").text("refresh_token")
        #expect(await rig.refresh(first, scope: "mail mail.send").error == "invalid_scope")
        let narrow = try await rig.refresh(first, scope: "openid").json
        #expect(narrow["scope"] == "openid")
        let wide = try await rig.refresh(try narrow.text("refresh_token")).json
        #expect(wide["scope"] == "mail openid")

        let open = ProviderRig { $0.refresh.widening = .registered }
        let other = try await open.tokens(scope: "mail").text("refresh_token")
        #expect(try await open.refresh(other, scope: "mail mail.send").json["scope"] == "mail mail.send")
        #expect(await open.refresh(other, scope: "admin").error == "invalid_scope")
    }

    @Test func `are their own client's alone`() async throws {
        let other = SandboxClient(
            id: "other", secret: Secret(copying: "s"), scopes: ["mail"], grants: [.authorizationCode])
        let rig = ProviderRig { $0.clients = [other] }
        let first = try await rig.tokens().text("refresh_token")
        let form = [("grant_type", "refresh_token"), ("refresh_token", first)]
        #expect(await rig.post("/token", form, basic: "other:s").error == "invalid_grant")
        #expect(await rig.post("/revoke", [("token", first)], basic: "other:s").error == "invalid_grant")
        #expect(await rig.refresh(first).status == 200)
    }
}

@Suite struct `What the sandbox says about tokens` {
    @Test func `who somebody is`() async throws {
        let rig = ProviderRig()
        let tokens = try await rig.tokens(user: "lead@sandbox.example")
        let info = try await rig.get("/userinfo", bearer: try tokens.text("access_token")).json
        #expect(info["sub"] == "user-lead")
        #expect(info["preferred_username"] == "lead@sandbox.example")
        let unidentified = try await rig.tokens(scope: "mail")
        #expect(unidentified["id_token"] == nil)
        let refused = await rig.get("/userinfo", bearer: try unidentified.text("access_token"))
        #expect(refused.status == 403)
        #expect(refused.header("WWW-Authenticate")?.contains("error=\"insufficient_scope\"") == true)
        #expect(await rig.get("/userinfo").status == 400)
        #expect(await rig.get("/userinfo", bearer: "x").status == 401)
    }

    @Test func `in the token itself, where tokens are JWTs`() async throws {
        let rig = ProviderRig { $0.tokensAreJWT = true }
        let tokens = try await rig.tokens(scope: "mail openid")
        let claims = try tokens.claims(of: "access_token")
        #expect(claims["iss"]?.string == ProviderRig.issuer)
        #expect(claims["sub"] == "user-support")
        #expect(claims["preferred_username"]?.string == ProviderRig.user)
        #expect(claims["scope"] == "mail openid")
        #expect(await rig.get("/userinfo", bearer: try tokens.text("access_token")).status == 200)
    }

    @Test func `whether they live, to clients that can show who they are`() async throws {
        let client = SandboxClient(id: "c", secret: Secret(copying: "s"), scopes: ["mail"])
        let rig = ProviderRig { $0.clients = [client] }
        let tokens = try await rig.tokens()
        let refresh = try tokens.text("refresh_token")
        for name in ["access_token", "refresh_token"] {
            let said = try await rig.post("/introspect", [("token", try tokens.text(name))], basic: "c:s").json
            #expect(said["active"] == true)
            #expect(said["username"]?.string == ProviderRig.user)
            #expect(said["sub"] == "user-support")
            #expect(said["scope"] == "mail openid")
        }
        #expect(await rig.post("/introspect", [("token", refresh), ("client_id", ProviderRig.app)]).status == 401)
        _ = await rig.refresh(refresh)
        #expect(
            try await rig.post("/introspect", [("token", refresh)], basic: "c:s").json
                == .object([.init("active", false)]))
    }

    @Test func `that they are no more`() async throws {
        let rig = ProviderRig()
        let tokens = try await rig.tokens()
        let access = try tokens.text("access_token")
        let form = [("client_id", ProviderRig.app)]
        #expect(await rig.post("/revoke", form + [("token", access)]).status == 200)
        #expect(await rig.get("/userinfo", bearer: access).status == 401)
        let next = try await rig.refresh(try tokens.text("refresh_token")).json
        let newest = try next.text("refresh_token")
        #expect(
            await rig.post("/revoke", form + [("token", newest), ("token_type_hint", "access_token")]).status == 200)
        #expect(await rig.get("/userinfo", bearer: try next.text("access_token")).status == 401)
        #expect(await rig.refresh(newest).error == "invalid_grant")
        #expect(await rig.post("/revoke", form + [("token", "planted")]).status == 200)
        #expect(await rig.post("/revoke", form).error == "invalid_request")
        #expect(await rig.post("/revoke", [("token", newest)]).error == "invalid_client")
        #expect(rig.logged("revocation", "\"token\":\"token-1\""))
        #expect(rig.logged("revocation", "\"used\":\"refresh-2\""))
        #expect(rig.count(of: "family_ended") == 1)
    }
}

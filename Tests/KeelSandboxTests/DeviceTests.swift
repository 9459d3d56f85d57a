import KeelBase
import KeelSandbox
import Testing

@Suite struct `The sandbox's device grant` {
    @Test func `gives tokens to a device when a person has approved`() async throws {
        let rig = ProviderRig()
        let start = try await rig.start()
        #expect(start["interval"] == 5)
        #expect(start["expires_in"] == 900)
        let code = try start.text("device_code")
        #expect(await rig.poll(code).error == "authorization_pending")
        let userCode = try start.text("user_code")
        #expect(try start.text("verification_uri_complete") == "\(ProviderRig.issuer)/device?user_code=\(userCode)")
        let page = await rig.get("/device", [("user_code", userCode)])
        #expect(page.body.revealText().contains(userCode))
        let typed = userCode.lowercased().filter { $0 != "-" }
        #expect(await rig.get("/device", [("user_code", typed), ("approve", ProviderRig.user)]).status == 200)
        rig.time.advance(seconds: 5)
        let tokens = try await rig.poll(code).json
        #expect(tokens["scope"] == "mail openid")
        #expect(try tokens.claims()["email"]?.string == ProviderRig.user)
        #expect(await rig.refresh(try tokens.text("refresh_token")).status == 200)
        #expect(rig.logged("token_issued", "\"grant\":\"device_code\"", "\"user\":\"support@sandbox.example\""))
        rig.time.advance(seconds: 5)
        #expect(await rig.poll(code).error == "invalid_grant")
        #expect(await rig.get("/device", [("user_code", userCode)]).status == 404)
    }

    @Test func `tells a device that asks too often to wait longer each time`() async throws {
        let rig = ProviderRig()
        let code = try await rig.start().text("device_code")
        #expect(await rig.poll(code).error == "authorization_pending")
        rig.time.advance(seconds: 4)
        #expect(await rig.poll(code).error == "slow_down")
        rig.time.advance(seconds: 9)
        #expect(await rig.poll(code).error == "slow_down")
        rig.time.advance(seconds: 15)
        #expect(await rig.poll(code).error == "authorization_pending")
    }

    @Test func `ends when the person declines or the time is up`() async throws {
        let rig = ProviderRig { $0.deviceCodeLifetime = 60 }
        let declined = try await rig.start()
        #expect(
            await rig.get("/device", [("user_code", try declined.text("user_code")), ("decline", "1")]).status == 200)
        #expect(await rig.poll(try declined.text("device_code")).error == "access_denied")
        let late = try await rig.start()
        rig.time.advance(seconds: 60)
        #expect(await rig.get("/device", [("user_code", try late.text("user_code"))]).status == 404)
        #expect(await rig.poll(try late.text("device_code")).error == "expired_token")
    }

    @Test func `is for registered clients`() async throws {
        let client = SandboxClient(id: "c", secret: Secret(copying: "s"), scopes: ["mail"])
        let rig = ProviderRig { $0.clients = [client] }
        #expect(await rig.post("/device_authorization", [("client_id", "x")]).error == "invalid_client")
        #expect(await rig.post("/device_authorization", [], basic: "c:s").error == "unauthorized_client")
        #expect(await rig.poll("planted").error == "invalid_grant")
        #expect(!rig.log.joined().contains("planted"))
    }
}

extension ProviderRig {
    /// What the device gets to begin with.
    fileprivate func start() async throws -> JSON {
        try await post("/device_authorization", [("client_id", Self.app), ("scope", "mail openid")]).json
    }

    fileprivate func poll(_ code: String) async -> HTTPResponse {
        await post(
            "/token",
            [
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", Self.app),
                ("device_code", code),
            ])
    }
}

@Suite struct `The sandbox's password grant` {
    @Test func `signs in who has a password`() async throws {
        let user = SandboxUser(name: "a@sandbox.example", subject: "a", password: Secret(copying: "pass word"))
        let rig = ProviderRig { $0.users = [user, SandboxUser(name: "b@sandbox.example", subject: "b")] }
        for (name, password, status) in [
            ("a@sandbox.example", "pass word", 200), ("A@sandbox.example", "planted", 400),
            ("b@sandbox.example", "", 400), ("planted", "x", 400),
        ] {
            let form = [
                ("grant_type", "password"), ("client_id", ProviderRig.app), ("username", name), ("password", password),
                ("scope", "mail"),
            ]
            #expect(await rig.post("/token", form).status == status)
        }
        #expect(rig.logged("token_issued", "\"grant\":\"password\"", "\"user\":\"a@sandbox.example\""))
        #expect(!rig.log.joined().contains("planted"))
    }
}

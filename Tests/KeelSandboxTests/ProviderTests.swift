import KeelBase
import KeelSandbox
import Testing

@Suite struct `The sandbox's OAuth provider` {
    @Test(arguments: ["", "/tenant"])
    func `serves its metadata at both well-known places`(path: String) async throws {
        try await withSandbox(configure: { $0.issuerPath = path }) { rig in
            let issuer = "https://\(rig.sandbox.providerEndpoint)\(path)"
            #expect(rig.sandbox.issuer == issuer)
            for place in ["/.well-known/oauth-authorization-server\(path)", "\(path)/.well-known/openid-configuration"]
            {
                let response = try await rig.get(place)
                #expect(response.status == 200)
                #expect(response.header("Content-Type") == "application/json")
                let text = response.body.revealText()
                #expect(text.contains("\"issuer\":\"\(issuer)\""))
                #expect(text.contains("\"token_endpoint\":\"\(issuer)/token\""))
                #expect(text.contains("\"introspection_endpoint\":\"\(issuer)/introspect\""))
                #expect(text.contains("\"authorization_endpoint\":\"\(issuer)/authorize\""))
                #expect(text.contains("\"device_authorization_endpoint\":\"\(issuer)/device_authorization\""))
                #expect(text.contains("\"grant_types_supported\":[\"authorization_code\",\"refresh_token\","))
            }
            #expect(try await rig.post("\(path)/token", "grant_type=client_credentials").status == 200)
        }
    }

    @Test(arguments: ["tenant", "/tenant/", "/a b", "/a?b", "/a#b"])
    func `refuses an issuer path that cannot be one`(path: String) async {
        await #expect(throws: SandboxFailure.badIssuerPath(path)) {
            try await withSandbox(configure: { $0.issuerPath = path }) { _ in }
        }
    }

    @Test func `issues a bearer token by either method of client authentication`() async throws {
        try await withSandbox(configure: { $0.tokenLifetime = 90 }) { rig in
            for credentials in [SandboxRig.Credentials.own, .ownPosted] {
                let response = try await rig.post("/token", "grant_type=client_credentials&scope=mail", as: credentials)
                #expect(response.status == 200)
                #expect(response.header("Cache-Control") == "no-store")
                #expect(response.header("Pragma") == "no-cache")
                #expect(response.header("Date") != nil)
                let text = response.body.revealText()
                #expect(text.hasSuffix("\",\"token_type\":\"Bearer\",\"expires_in\":90,\"scope\":\"mail\"}"))
            }
            #expect(rig.logged("token_issued", "\"token\":\"token-1\"", "\"client_id\":\"mailkeel-sandbox\""))
            #expect(rig.logged("token_issued", "\"token\":\"token-2\"", "\"scopes\":[\"mail\"]"))
        }
    }

    @Test func `knows the clients that it is given, whatever their secrets hold`() async throws {
        let secret = "p%:+ä \"\\"
        let client = SandboxClient(
            id: "other", secret: Secret(copying: secret), scopes: ["read", "mail"], mailboxes: [])
        try await withSandbox(configure: { $0.clients = [client] }) { rig in
            let encoded = "p%25%3A%2B%C3%a4+%22%5C"
            let basic = try await rig.post(
                "/token", "grant_type=client_credentials", as: .basic("other:\(encoded)"))
            #expect(basic.status == 200)
            #expect(basic.body.revealText().contains("\"scope\":\"read mail\""))
            let posted = try await rig.post(
                "/token", "grant_type=client_credentials&client_id=other&client_secret=\(encoded)", as: .none)
            #expect(posted.status == 200)
        }
    }

    @Test(arguments: Refusal.all)
    func `refuses as RFC 6749 section 5.2 says`(refusal: Refusal) async throws {
        try await withSandbox { rig in
            let response = try await rig.post(
                "/token", refusal.form, as: refusal.credentials, contentType: refusal.contentType)
            #expect(response.status == refusal.status)
            #expect(response.body.revealText().hasPrefix("{\"error\":\"\(refusal.code)\",\"error_description\":\""))
            #expect(response.header("Content-Type") == "application/json")
            #expect(response.header("Cache-Control") == "no-store")
            #expect((response.header("WWW-Authenticate") != nil) == (refusal.status == 401))
            #expect(rig.logged("token_refused", "\"reason\":\"\(refusal.code)\""))
        }
    }

    @Test func `introspects live tokens for its clients alone`() async throws {
        try await withSandbox(configure: { $0.tokenLifetime = 60 }) { rig in
            let token = try await rig.token()
            let live = try await rig.post("/introspect", "token=\(token)&token_type_hint=access_token")
            #expect(live.status == 200)
            #expect(
                live.body.revealText().hasPrefix(
                    "{\"active\":true,\"scope\":\"mail\",\"client_id\":\"mailkeel-sandbox\""))
            #expect(try await rig.post("/introspect", "token=\(token)", as: .ownPosted).status == 200)
            #expect(try await rig.post("/introspect", "token=\(token)", as: .none).status == 401)
            #expect(try await rig.post("/introspect", "token=").status == 400)
            let unknown = try await rig.post("/introspect", "token=\(token)x")
            #expect(unknown.body.revealText() == "{\"active\":false}")
            rig.time.advance(seconds: 60)
            let expired = try await rig.post("/introspect", "token=\(token)")
            #expect(expired.body.revealText() == "{\"active\":false}")
            #expect(rig.logged("introspection", "\"token\":\"token-1\""))
            #expect(rig.logged("introspection", "\"reason\":\"inactive\""))
        }
    }

    @Test func `answers other methods with 405 and other paths with 404`() async throws {
        try await withSandbox { rig in
            let token = try await rig.get("/token")
            #expect(token.status == 405)
            #expect(token.header("Allow") == "POST")
            let metadata = try await rig.post("/.well-known/openid-configuration", "")
            #expect(metadata.status == 405)
            #expect(metadata.header("Allow") == "GET, HEAD")
            #expect(try await rig.get("/authorise").status == 404)
            #expect(try await rig.get("/.well-known/oauth-authorization-server/tenant").status == 404)
        }
    }
}

/// A token request that is refused.
struct Refusal: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let form: String
    let credentials: SandboxRig.Credentials
    let contentType: String
    let status: Int
    let code: String

    private init(
        _ what: String, _ form: String = "grant_type=client_credentials",
        as credentials: SandboxRig.Credentials = .own, contentType: String = "application/x-www-form-urlencoded",
        _ status: Int, _ code: String
    ) {
        testDescription = what
        self.form = form
        self.credentials = credentials
        self.contentType = contentType
        self.status = status
        self.code = code
    }

    static let all = [
        Refusal("no credentials", as: .none, 401, "invalid_client"),
        Refusal("an unknown client", as: .basic("nobody:secret"), 401, "invalid_client"),
        Refusal("a wrong secret", as: .basic("mailkeel-sandbox:wrong"), 401, "invalid_client"),
        Refusal("no secret", as: .basic("mailkeel-sandbox"), 401, "invalid_client"),
        Refusal("another scheme", as: .header("Bearer abc"), 401, "invalid_client"),
        Refusal("broken base 64", as: .header("Basic a"), 401, "invalid_client"),
        Refusal(
            "a wrong secret in the form",
            "grant_type=client_credentials&client_id=mailkeel-sandbox&client_secret=wrong", as: .none, 401,
            "invalid_client"),
        Refusal(
            "two methods of authentication", "grant_type=client_credentials&client_secret=x", 400, "invalid_request"),
        Refusal("another client_id", "grant_type=client_credentials&client_id=x", 400, "invalid_request"),
        Refusal("no grant type", "scope=mail", 400, "invalid_request"),
        Refusal("an empty grant type", "grant_type=", 400, "invalid_request"),
        Refusal("an unknown grant type", "grant_type=implicit", 400, "unsupported_grant_type"),
        Refusal("a grant type of others", "grant_type=authorization_code&code=x", 400, "unauthorized_client"),
        Refusal("a refresh without a person", "grant_type=refresh_token&refresh_token=x", 400, "unauthorized_client"),
        Refusal(
            "a public client on its own", "grant_type=client_credentials&client_id=mailkeel-sandbox-app", as: .none,
            400,
            "unauthorized_client"),
        Refusal("a parameter twice", "grant_type=client_credentials&scope=mail&scope=mail", 400, "invalid_request"),
        Refusal("a broken encoding", "grant_type=client_credentials&scope=%4", 400, "invalid_request"),
        Refusal("another media type", contentType: "application/json", 400, "invalid_request"),
        Refusal("a scope of others", "grant_type=client_credentials&scope=mail+admin", 400, "invalid_scope"),
        Refusal("a malformed scope", "grant_type=client_credentials&scope=mail++mail", 400, "invalid_scope"),
    ]
}

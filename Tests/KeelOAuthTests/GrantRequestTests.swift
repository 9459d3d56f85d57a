import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

/// The requests of each grant, as a token endpoint reads them.
struct GrantRequestTests {
    private static let additional = [
        (name: "resource", value: "https://mail.example/"), (name: "prompt", value: "consent"),
        (name: "access_type", value: "offline"), (name: "login_hint", value: "a@b.example"),
        (name: "grant_type", value: "other"), (name: "scope", value: "everything"), (name: "code", value: "mine"),
        (name: "client_secret", value: "mine"), (name: "client_assertion", value: "mine"),
    ]

    private static func client(_ authentication: ClientAuthentication = .none, id: String = "app") throws
        -> TokenEndpointClient
    {
        TokenEndpointClient(
            tokenEndpoint: try EndpointURL(parsing: "https://idp.example/token"), clientID: id,
            authentication: authentication)
    }

    private static func form(_ request: HTTPRequest) -> [String: String] {
        ScriptedTransport.Exchange(request: request, trust: .system).form
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let grant: String
        let form: [String: String]
        let make: @Sendable (TokenEndpointClient) -> HTTPRequest
        var testDescription: String { grant }
    }

    private static let rows: [Row] = [
        Row(grant: "client_credentials", form: ["scope": "mail send"]) {
            TokenRequest.clientCredentials($0, scopes: ["mail", "send"], additional: additional)
        },
        Row(
            grant: "authorization_code",
            form: ["code": "c/1+2", "code_verifier": "v~", "redirect_uri": "http://127.0.0.1:8123/"]
        ) {
            TokenRequest.authorizationCode(
                $0, code: Secret(copying: "c/1+2"), verifier: Secret(copying: "v~"),
                redirectURI: "http://127.0.0.1:8123/", additional: additional)
        },
        Row(grant: "refresh_token", form: ["refresh_token": "r&1", "scope": "mail"]) {
            TokenRequest.refresh(
                $0, refreshToken: Secret(copying: "r&1"), scopes: ["mail"], additional: additional)
        },
        Row(grant: "password", form: ["username": "u@x.example", "password": "p=ä", "scope": "mail"]) {
            TokenRequest.password(
                $0, userName: "u@x.example", password: Secret(copying: "p=ä"), scopes: ["mail"],
                additional: additional)
        },
        Row(
            grant: "urn:ietf:params:oauth:grant-type:jwt-bearer", form: ["assertion": "a.b.c", "scope": "mail"]
        ) {
            TokenRequest.jwtBearer($0, assertion: Secret(copying: "a.b.c"), scopes: ["mail"], additional: additional)
        },
        Row(grant: "urn:ietf:params:oauth:grant-type:device_code", form: ["device_code": "d"]) {
            TokenRequest.deviceCode($0, deviceCode: Secret(copying: "d"), additional: additional)
        },
    ]

    @Test(arguments: rows)
    func `a grant sends its own parameters, the manifest's, and nothing meant for a page`(_ row: Row) throws {
        let request = row.make(try Self.client())
        var expected = row.form
        expected["grant_type"] = row.grant
        expected["client_id"] = "app"
        expected["resource"] = "https://mail.example/"
        #expect(Self.form(request) == expected)
        #expect(request.method == .post && request.url.description == "https://idp.example/token")
    }

    @Test(arguments: rows)
    func `no dump of a request shows a secret of it`(_ row: Row) throws {
        var text = ""
        dump(row.make(try Self.client(.post(Secret(copying: "the-client-secret")))), to: &text)
        for (name, value) in row.form where ["code", "refresh_token", "password", "assertion"].contains(name) {
            #expect(!text.contains(value))
        }
        #expect(!text.contains("the-client-secret"))
    }

    @Test func `an assertion stands in the form with its type and the client's id`() throws {
        let request = TokenRequest.clientCredentials(
            try Self.client(.assertion(Secret(copying: "a.b.c"))), scopes: [], additional: Self.additional)
        let form = Self.form(request)
        #expect(form["client_id"] == "app")
        #expect(form["client_assertion"] == "a.b.c")
        #expect(form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        #expect(form["client_secret"] == nil && request.authorization == nil)
    }

    @Test func `a client without an id sends none`() throws {
        let request = TokenRequest.jwtBearer(
            try Self.client(id: ""), assertion: Secret(copying: "a.b.c"), scopes: [])
        #expect(Self.form(request)["client_id"] == nil)
    }

    @Test(arguments: [
        "access_type", "prompt", "login_hint", "response_mode", "display", "ui_locales", "acr_values", "max_age",
    ])
    func `what belongs to the page does not go to the token endpoint`(_ name: String) {
        #expect(AuthorizationParameters.forToken([(name: name, value: "x")]).isEmpty)
    }

    @Test func `what is not known goes everywhere`() {
        let own = [(name: "resource", value: "r"), (name: "mkt", value: "de")]
        #expect(AuthorizationParameters.forToken(own).map(\.name) == ["resource", "mkt"])
        #expect(AuthorizationParameters.forAuthorization(own).map(\.name) == ["resource", "mkt"])
    }
}

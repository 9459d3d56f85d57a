import KeelBase
import KeelOAuth
import Testing

@Suite struct TokenRequestTests {
    private func request(
        _ authentication: ClientAuthentication, id: String = "client", scopes: [String] = ["mail"],
        additional: [(name: String, value: String)] = []
    ) throws -> HTTPRequest {
        let client = TokenEndpointClient(
            tokenEndpoint: try EndpointURL(parsing: "https://idp.example/token"), clientID: id,
            authentication: authentication)
        return TokenRequest.clientCredentials(client, scopes: scopes, additional: additional)
    }

    @Test func `Basic form-encodes id and secret before it joins them`() throws {
        let request = try request(.basic(Secret(copying: "p+w:d ä")), id: "a:b c")
        let header = try #require(request.authorization).revealText()
        #expect(header == "Basic " + Base64.text(Array("a%3Ab+c:p%2Bw%3Ad+%C3%A4".utf8)))
        #expect(request.body?.revealText() == "grant_type=client_credentials&scope=mail")
    }

    @Test func `post puts id and secret into the body and sends no header`() throws {
        let request = try request(.post(Secret(copying: "a&b=c%~")), scopes: ["https://outlook.office365.com/.default"])
        #expect(request.authorization == nil)
        #expect(
            request.body?.revealText()
                == "grant_type=client_credentials&scope=https%3A%2F%2Foutlook.office365.com%2F.default"
                + "&client_id=client&client_secret=a%26b%3Dc%25%7E")
    }

    @Test func `a public client sends its id alone`() throws {
        #expect(
            try request(.none, scopes: []).body?.revealText() == "grant_type=client_credentials&client_id=client")
    }

    @Test func `scopes are one parameter separated by blanks`() throws {
        let body = try request(.basic(Secret(copying: "s")), scopes: ["b", "a"]).body?.revealText()
        #expect(body == "grant_type=client_credentials&scope=b+a")
    }

    @Test func `additional parameters follow and cannot replace the protocol's own`() throws {
        let request = try request(
            .basic(Secret(copying: "s")),
            additional: [
                ("resource", "https://m/"), ("grant_type", "password"), ("client_secret", "x"), ("resource", "y"),
            ])
        #expect(
            request.body?.revealText() == "grant_type=client_credentials&scope=mail&resource=https%3A%2F%2Fm%2F")
    }

    @Test func `a request asks for JSON and says that it is a form`() throws {
        let request = try request(.none)
        #expect(request.method == .post)
        #expect(request.url.description == "https://idp.example/token")
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Accept: application/json", "Content-Type: application/x-www-form-urlencoded",
            ])
    }

    @Test func `a dump of client and request holds no secret`() throws {
        let client = TokenEndpointClient(
            tokenEndpoint: try EndpointURL(parsing: "https://idp.example/token"), clientID: "client",
            authentication: .post(Secret(copying: "hunter2hunter2")))
        var text = ""
        dump(client, to: &text)
        dump(TokenRequest.clientCredentials(client, scopes: []), to: &text)
        #expect(!text.contains("hunter2"))
    }

    @Test(arguments: [
        (ClientAuthenticationMethod.basic, true, true), (.post, true, true), (.none, true, true),
        (.basic, false, false),
        (.post, false, false), (.none, false, true), (.privateKeyJWT, true, false),
    ])
    func `a method needs its secret`(_ method: ClientAuthenticationMethod, _ hasSecret: Bool, _ works: Bool) {
        let authentication = ClientAuthentication(method, secret: hasSecret ? Secret(copying: "s") : nil)
        #expect((authentication != nil) == works)
    }
}

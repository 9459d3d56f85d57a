import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

struct ClientProbeTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private func text(_ verdict: ClientProbe.Verdict) -> String {
        switch verdict {
        case .accepted: "accepted"
        case .refused(let failure): "refused \(failure.code)"
        case .ambiguous(let failure): "ambiguous \(failure.code)"
        }
    }

    private static func known(_ number: Int) -> FailureClass? {
        [
            7_000_215: FailureClass.fixClient, 700_016: .fixManifest, 90002: .fixManifest, 70000: .reauthorize,
            90033: .transient, 9_002_313: .fixManifest,
        ][number]
    }

    // MARK: A pushed request

    @Test func `a pushed request is what a person would be sent with, and the client's authentication`() throws {
        let request = AuthorizationRequest(
            endpoint: RequestFixture.endpoint, clientID: "app", redirectURI: .standard.listening(on: 8400),
            scopes: ["mail", "openid"], additional: [("prompt", "consent"), ("client_secret", "other")])
        let pushed = ClientProbe.pushedRequest(
            RequestFixture.client(.post(Secret(copying: "s"))),
            endpoint: try EndpointURL(parsing: "https://idp.example/par"), request)
        let form = ScriptedTransport.Exchange(request: pushed, trust: .system).form
        #expect(pushed.url.path == "/par" && pushed.method == .post)
        #expect(form["client_id"] == "app" && form["client_secret"] == "s" && form["prompt"] == "consent")
        #expect(form["response_type"] == "code" && form["redirect_uri"] == "http://127.0.0.1:8400")
        #expect(form["code_challenge"]?.count == 43 && form["nonce"] != nil && form["state"] != nil)
    }

    @Test(arguments: [
        (201, #"{"request_uri":"urn:x","expires_in":60}"#, "accepted"), (200, #"{"request_uri":"urn:x"}"#, "accepted"),
        (201, "{}", "ambiguous malformed_response"), (401, #"{"error":"invalid_client"}"#, "refused invalid_client"),
        (400, #"{"error":"invalid_request"}"#, "refused invalid_request"),
        (400, #"{"error":"invalid_scope"}"#, "refused invalid_scope"),
        (400, #"{"error":"unauthorized_client"}"#, "refused unauthorized_client"),
        (400, "", "ambiguous empty_refusal"), (503, "", "ambiguous http_error"), (404, "", "ambiguous http_error"),
        (429, #"{"error":"invalid_client"}"#, "ambiguous invalid_client"),
    ])
    func `a pushed request is taken, refused, or proves nothing`(_ status: Int, _ body: String, _ verdict: String) {
        #expect(text(ClientProbe.pushedVerdict(RequestFixture.json(status, body), at: Self.now)) == verdict)
    }

    // MARK: A device's request

    @Test(arguments: [
        (200, #"{"device_code":"d","user_code":"U","verification_uri":"https://h/"}"#, "accepted"),
        (400, #"{"error":"unauthorized_client"}"#, "refused unauthorized_client"),
        (401, #"{"error":"invalid_client"}"#, "refused invalid_client"),
        (400, #"{"error":"invalid_scope"}"#, "refused invalid_scope"), (400, "", "ambiguous empty_refusal"),
        (200, "{}", "ambiguous malformed_response"),
    ])
    func `a device's request is taken, refused, or proves nothing`(_ status: Int, _ body: String, _ verdict: String) {
        #expect(text(ClientProbe.deviceVerdict(RequestFixture.json(status, body), at: Self.now)) == verdict)
    }

    // MARK: A refresh with a token that is none

    @Test func `the dummy token is always the same, and says what it is`() {
        let forms = (0..<2).map { _ in
            ScriptedTransport.Exchange(
                request: ClientProbe.refreshRequest(RequestFixture.client(), scopes: ["mail"]), trust: .system
            ).form
        }
        #expect(forms[0] == forms[1] && forms[0]["refresh_token"]?.contains("client-check") == true)
        #expect(forms[0]["grant_type"] == "refresh_token")
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_grant"}"#, "accepted"), (401, #"{"error":"invalid_token"}"#, "accepted"),
        (400, #"{"error":"invalid_grant","error_codes":[70000]}"#, "accepted"),
        (401, #"{"error":"invalid_client"}"#, "refused invalid_client"),
        (400, #"{"error":"invalid_scope"}"#, "refused invalid_scope"),
        // A client that may not renew was known to the server; one that it does not know is called so too by some.
        (400, #"{"error":"unauthorized_client"}"#, "ambiguous unauthorized_client"),
        (400, #"{"error":"unsupported_grant_type"}"#, "ambiguous unsupported_grant_type"),
        (400, #"{"error":"unauthorized_client","error_codes":[700016]}"#, "refused unauthorized_client"),
        // Numbers are finer than the error beside them. What nobody knows proves nothing, and nor does "malformed", which the
        // token is.
        (400, #"{"error":"invalid_grant","error_codes":[123]}"#, "ambiguous invalid_grant"),
        (400, #"{"error":"invalid_request","error_codes":[9002313]}"#, "ambiguous invalid_request"),
        (400, #"{"error":"invalid_grant","error_codes":[7000215]}"#, "refused invalid_grant"),
        (400, #"{"error":"invalid_grant","error_codes":[9002313]}"#, "ambiguous invalid_grant"),
        (400, #"{"error":"invalid_grant","error_codes":[90033]}"#, "ambiguous invalid_grant"),
        (400, #"{"error":"invalid_request","error_codes":[90002]}"#, "refused invalid_request"),
        (400, #"{"error":"invalid_request"}"#, "ambiguous invalid_request"),
        // Glewlwyd says this of a wrong secret and of a bad token alike.
        (400, "", "ambiguous empty_refusal"),
        (503, #"{"error":"invalid_grant"}"#, "ambiguous invalid_grant"), (502, "<html>", "ambiguous http_error"),
        (200, #"{"access_token":"t"}"#, "ambiguous malformed_response"),
        (200, "<html>", "ambiguous malformed_response"),
    ])
    func `a refresh with a token that is none tells of the client`(_ status: Int, _ body: String, _ verdict: String) {
        let response = RequestFixture.json(status, body)
        #expect(text(ClientProbe.refreshVerdict(response, at: Self.now, known: Self.known)) == verdict)
    }
}

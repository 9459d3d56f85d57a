import KeelBase
import KeelOAuth

/// What requests are sent to in tests that do not look at it.
enum RequestFixture {
    static let endpoint: EndpointURL = {
        guard let url = try? EndpointURL(parsing: "https://idp.example/endpoint") else {
            preconditionFailure("not a URL: a mistake in this fixture")
        }
        return url
    }()

    static func client(_ authentication: ClientAuthentication = .none) -> TokenEndpointClient {
        TokenEndpointClient(tokenEndpoint: endpoint, clientID: "app", authentication: authentication)
    }

    static func json(_ body: String) -> HTTPResponse { json(200, body) }

    static func json(_ status: Int, _ body: String, headers: [(name: String, value: String)] = []) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Secret(copying: body))
    }
}

import KeelBase

/// An error answer of RFC 6749 section 5.2.
struct OAuthRefusal: Error {
    enum Code: String {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidScope = "invalid_scope"
        case unsupportedGrantType = "unsupported_grant_type"
    }

    let code: Code
    /// For the client's developer; ASCII without quotes and backslashes, as the section demands.
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// 401 with a challenge for a client that could not show who it is, else 400.
    var response: HTTPResponse {
        var response = HTTPResponse.json(
            status: code == .invalidClient ? 401 : 400,
            .object([("error", .string(code.rawValue)), ("error_description", .string(description))]))
        if code == .invalidClient {
            response.headers.append(("WWW-Authenticate", "Basic realm=\"mailkeel sandbox\""))
        }
        return response
    }
}

extension HTTPResponse {
    /// A JSON answer that no cache keeps (RFC 6749 section 5.1).
    static func json(status: Int, _ value: JSONText) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")],
            body: Secret(copying: value.bytes))
    }
}

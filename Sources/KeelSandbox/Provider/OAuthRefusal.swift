import KeelBase

/// An error answer of RFC 6749 sections 4.1.2.1 and 5.2, and of what builds on it.
struct OAuthRefusal: Error {
    enum Code: String {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case invalidScope = "invalid_scope"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        // The authorization endpoint.
        case accessDenied = "access_denied"
        case unsupportedResponseType = "unsupported_response_type"
        /// OpenID Connect Core section 3.1.2.6.
        case interactionRequired = "interaction_required"
        // RFC 8628 section 3.5.
        case authorizationPending = "authorization_pending"
        case slowDown = "slow_down"
        case expiredToken = "expired_token"
        /// What Microsoft says for `access_denied`.
        case authorizationDeclined = "authorization_declined"
        // RFC 6750 section 3.1.
        case invalidToken = "invalid_token"
        case insufficientScope = "insufficient_scope"
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

    /// For whoever showed an access token (RFC 6750 section 3).
    var challenge: HTTPResponse {
        HTTPResponse(
            status: code == .insufficientScope ? 403 : code == .invalidRequest ? 400 : 401,
            headers: [
                (
                    "WWW-Authenticate",
                    "Bearer realm=\"mailkeel sandbox\", error=\"\(code.rawValue)\", "
                        + "error_description=\"\(description)\""
                )
            ])
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

    /// A page for a person.
    static func page(status: Int = 200, _ page: HTMLPage) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
                // Nothing is loaded, run or framed; without form-action, because a form's answer leads to the client.
                ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
                ("Referrer-Policy", "no-referrer"),
            ], body: Secret(copying: page.text))
    }
}

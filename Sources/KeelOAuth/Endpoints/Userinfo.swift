import KeelBase

/// Asks a provider who consented (OpenID Connect Core section 5.3).
package enum Userinfo {
    package static func request(endpoint: EndpointURL, accessToken: Secret) -> HTTPRequest {
        HTTPRequest(
            .get, endpoint, headers: [(name: "Accept", value: "application/json")],
            authorization: Secret(copying: Array("Bearer ".utf8) + accessToken.reveal()))
    }

    /// Reads the claims: a JSON object, or a signed one (section 5.3.2), which came over TLS from the same place.
    package static func interpret(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = []
    ) throws(OAuthFailure) -> TokenIdentity {
        let signed = JSONFields(tokenPayload: response.body)
        let isSigned = (200...299).contains(response.status) && response.body.count <= TokenResponse.bodyLimit
        let fields =
            if isSigned, let signed { signed } else { try response.successFields(at: now, withholding: withholding) }
        guard let identity = TokenIdentity(.userinfo, fields) else {
            throw OAuthFailure(malformed: .claimsMissing, response, at: now)
        }
        return identity
    }
}

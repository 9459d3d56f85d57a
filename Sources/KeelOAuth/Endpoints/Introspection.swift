import KeelBase

/// Asks a provider what it knows of a token (RFC 7662).
package enum Introspection {
    package static func request(
        _ client: TokenEndpointClient, endpoint: EndpointURL, token: Secret, hint: TokenTypeHint
    ) -> HTTPRequest {
        .form(.token(token, hint), from: client, to: endpoint)
    }

    package static func interpret(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = []
    ) throws(OAuthFailure) -> IntrospectedToken {
        let fields = try response.successFields(at: now, withholding: withholding)
        guard let isActive = fields.flag("active") else {
            throw OAuthFailure(malformed: .activeMissing, response, at: now)
        }
        // Of a token that is not active nothing else may be believed (section 2.2).
        return IntrospectedToken(isActive ? fields : nil)
    }
}

/// What a provider knows of a token.
package struct IntrospectedToken: Sendable, Hashable {
    package let isActive: Bool
    /// Nil when the provider does not say.
    package let scopes: [String]?
    package let issuedAt: Timestamp?
    package let expiresAt: Timestamp?
    package let clientID: String?
    package let identity: TokenIdentity?

    /// Of an active token, its fields.
    init(_ fields: JSONFields?) {
        isActive = fields != nil
        scopes = fields.flatMap { TokenResponse.scopes($0) }
        issuedAt = fields?.time("iat")
        expiresAt = fields?.time("exp")
        clientID = fields?.text("client_id").flatMap(TokenIdentity.claim)
        identity = fields.flatMap { TokenIdentity(.introspection, $0) }
    }
}

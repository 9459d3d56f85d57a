import KeelBase

/// A registered client and the token endpoint that knows it.
package struct TokenEndpointClient: Sendable {
    package let tokenEndpoint: EndpointURL
    /// Not a secret (RFC 6749 section 2.2).
    package let clientID: String
    package let authentication: ClientAuthentication

    package init(tokenEndpoint: EndpointURL, clientID: String, authentication: ClientAuthentication) {
        self.tokenEndpoint = tokenEndpoint
        self.clientID = clientID
        self.authentication = authentication
    }
}

/// How the client shows the token endpoint who it is, with what it shows.
package enum ClientAuthentication: Sendable {
    /// The secret in an `Authorization: Basic` header.
    case basic(Secret)
    /// The secret in the form body.
    case post(Secret)
    /// A public client: only its id is sent.
    case none

    /// The method with its secret; nil when the method needs something other than what was given.
    package init?(_ method: ClientAuthenticationMethod, secret: Secret?) {
        switch (method, secret) {
        case (.basic, .some(let secret)): self = .basic(secret)
        case (.post, .some(let secret)): self = .post(secret)
        case (.none, _): self = .none
        case (.basic, nil), (.post, nil), (.privateKeyJWT, _): return nil
        }
    }
}

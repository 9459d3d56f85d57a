import KeelBase

/// A registered client and the token endpoint that knows it.
package struct TokenEndpointClient: Sendable {
    package let tokenEndpoint: EndpointURL
    /// Not a secret (RFC 6749 section 2.2). An empty one is not sent: a service account's assertion names who asks.
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
    /// A signed assertion in the form body (RFC 7523 section 2.2); it is made anew for each request.
    case assertion(Secret)
    /// A public client: only its id is sent.
    case none

    /// The method with its secret; nil when the method needs something other than what was given: an assertion is not a
    /// secret that lasts.
    package init?(_ method: ClientAuthenticationMethod, secret: Secret?) {
        switch (method, secret) {
        case (.basic, .some(let secret)): self = .basic(secret)
        case (.post, .some(let secret)): self = .post(secret)
        case (.none, _): self = .none
        case (.basic, nil), (.post, nil), (.privateKeyJWT, _): return nil
        }
    }
}

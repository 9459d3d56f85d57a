import KeelBase

/// All that a renewal needs but the tokens: as committed, so that neither manifests nor state are read for it.
package struct Recipe: Sendable, Hashable {
    package var grantType: GrantType
    /// The name of the OAuth profile, for messages.
    package var profile: String
    /// The identity that consents or is acted for; the `sub` of a `jwt_bearer` assertion.
    package var subject: String
    package var issuer: String?
    package var tokenEndpoint: EndpointURL
    package var revocationEndpoint: EndpointURL?
    package var clientID: String
    package var clientAuthentication: ClientAuthenticationMethod
    /// Where the client's secret or key is found (a `SecretSource` as JSON); nil for a public client, or
    /// when the secret is sealed beside the recipe.
    package var secretReference: String?
    /// The scopes to ask for; a set, kept in order.
    package var scopes: [String]
    /// Further parameters of a token request, such as `resource` (RFC 8707) or `audience`.
    package var tokenParameters: [String: String]
    /// A PEM file with the only authorities trusted for the endpoints; nil: the system's.
    package var caFile: String?
    /// Renew that long before the access token expires, in seconds.
    package var marginSeconds: Int

    package init(
        grantType: GrantType, profile: String, subject: String, issuer: String? = nil, tokenEndpoint: EndpointURL,
        revocationEndpoint: EndpointURL? = nil, clientID: String, clientAuthentication: ClientAuthenticationMethod,
        secretReference: String? = nil, scopes: [String], tokenParameters: [String: String] = [:],
        caFile: String? = nil, marginSeconds: Int
    ) {
        self.grantType = grantType
        self.profile = profile
        self.subject = subject
        self.issuer = issuer
        self.tokenEndpoint = tokenEndpoint
        self.revocationEndpoint = revocationEndpoint
        self.clientID = clientID
        self.clientAuthentication = clientAuthentication
        self.secretReference = secretReference
        self.scopes = scopes
        self.tokenParameters = tokenParameters
        self.caFile = caFile
        self.marginSeconds = marginSeconds
    }
}

/// A recipe as stored, verified.
package struct StoredRecipe: Sendable {
    package let recipe: Recipe
    /// The client's secret, when it is sealed beside the recipe.
    package let clientSecret: Secret?
    /// Goes up with each change.
    package let revision: Int
}

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
    /// The others, as far as they were known.
    package var endpoints: ProviderEndpoints
    package var clientID: String
    package var clientAuthentication: ClientAuthenticationMethod
    /// Where the secrets that show who the client is, or whom it acts for, are found; none for a public client, or
    /// when the client's secret is sealed beside the recipe.
    package var credentials: [CredentialField: SecretSource]
    /// The scopes to ask for; a set, kept in order.
    package var scopes: [String]
    /// Further parameters of a token request, such as `resource` (RFC 8707) or `audience`.
    package var tokenParameters: [String: String]
    /// A PEM file with the only authorities trusted for the endpoints; nil: the system's.
    package var caFile: String?
    /// Renew that long before the access token expires, in seconds.
    package var marginSeconds: Int
    /// How long a refresh token lives that nobody uses, in seconds; nil: not known.
    package var refreshTokenLifetime: Int64?
    /// What else dies when one of the grant's tokens is revoked.
    package var revocationReach: RevocationReach

    package init(
        grantType: GrantType, profile: String, subject: String, issuer: String? = nil, tokenEndpoint: EndpointURL,
        endpoints: ProviderEndpoints = ProviderEndpoints(), clientID: String,
        clientAuthentication: ClientAuthenticationMethod, credentials: [CredentialField: SecretSource] = [:],
        scopes: [String], tokenParameters: [String: String] = [:], caFile: String? = nil, marginSeconds: Int,
        refreshTokenLifetime: Int64? = nil, revocationReach: RevocationReach = .unknown
    ) {
        self.grantType = grantType
        self.profile = profile
        self.subject = subject
        self.issuer = issuer
        self.tokenEndpoint = tokenEndpoint
        self.endpoints = endpoints
        self.clientID = clientID
        self.clientAuthentication = clientAuthentication
        self.credentials = credentials
        self.scopes = scopes
        self.tokenParameters = tokenParameters
        self.caFile = caFile
        self.marginSeconds = marginSeconds
        self.refreshTokenLifetime = refreshTokenLifetime
        self.revocationReach = revocationReach
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

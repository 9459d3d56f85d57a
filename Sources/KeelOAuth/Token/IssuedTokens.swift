import KeelBase

/// What a token endpoint issued (RFC 6749 section 5.1). The token's type is `Bearer`, or it would not be here.
package struct IssuedTokens: Sendable {
    package let accessToken: Secret
    /// Counted from the receipt, by our clock.
    package let expiresAt: Timestamp
    /// Whether the server said how long the token lives; otherwise an hour was assumed.
    package let statesLifetime: Bool
    package let refreshToken: Secret?
    /// As the server named them; as requested when it named none (RFC 6749 section 5.1).
    package let grantedScopes: [String]
    /// Who consented (OpenID Connect Core section 3.1.3.3); `TokenIdentity` reads it.
    package let idToken: Secret?
    /// How many seconds the server's clock is ahead of ours, where it is more than a minute.
    package let clockSkew: Int?

    package init(
        accessToken: Secret, expiresAt: Timestamp, statesLifetime: Bool, refreshToken: Secret?,
        grantedScopes: [String], idToken: Secret? = nil, clockSkew: Int? = nil
    ) {
        self.accessToken = accessToken
        self.expiresAt = expiresAt
        self.statesLifetime = statesLifetime
        self.refreshToken = refreshToken
        self.grantedScopes = grantedScopes
        self.idToken = idToken
        self.clockSkew = clockSkew
    }

    /// Those of `scopes` that were not granted, in their order.
    ///
    /// Not an error by itself: a server may name a scope otherwise than it was asked for
    /// (Microsoft's `.default` stands for whatever was consented to).
    package func missing(from scopes: [String]) -> [String] {
        let granted = Set(grantedScopes)
        return scopes.filter { !granted.contains($0) }
    }
}

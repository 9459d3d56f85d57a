/// What else dies when one token is revoked (RFC 7009 section 2.1 leaves it to the provider).
package enum RevocationReach: String, Sendable, CaseIterable {
    /// Nothing can be revoked: the provider has no revocation endpoint.
    case none
    /// The token alone.
    case token
    /// The grant: its refresh tokens and the access tokens that came of them.
    case chain
    /// Everything that the user has granted to the client.
    case userAndClient
    /// Not known; it counts as the widest.
    case unknown
}

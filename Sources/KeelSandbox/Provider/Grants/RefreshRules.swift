/// How the provider treats refresh tokens.
package struct RefreshRules: Sendable {
    /// What counts as consented when a refresh asks for more scopes than its token was issued with.
    package enum Widening: Sendable {
        /// What the person was asked for.
        case asked
        /// All that the client is registered for, as after an administrator's consent.
        case registered
    }

    /// Whether each refresh gives a new refresh token and spends the old one.
    package var rotates = true
    /// Whether a spent token that is shown again ends all tokens of its consent (RFC 9700 section 4.14.2).
    package var detectsReuse = true
    /// For how many seconds a spent token still works, for clients that lost the answer.
    package var grace = 0
    /// How many seconds a refresh token lives; nil: for ever.
    package var lifetime: Int?
    package var widening = Widening.asked

    package init() {}
}

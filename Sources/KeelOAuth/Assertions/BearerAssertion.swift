import KeelBase
import KeelCrypto

/// An assertion that is itself the grant: whoever signs it may act for its subject (RFC 7523 section 2.1).
package enum BearerAssertion {
    /// The `grant_type` beside it.
    package static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    /// The longest that an assertion may hold, in seconds, from when it says that it was made: Google takes no more.
    package static let longestLifetime: Int64 = 3600

    /// A new assertion, to be used once.
    package static func sign(
        issuer: String, subject: String, audience: String, scopes: [String], key: SigningKey,
        algorithm: SigningAlgorithm? = nil, keyID: String? = nil, at now: Timestamp
    ) throws(SigningKeyFailure) -> Secret {
        let claims = AssertionClaims(
            issuer: issuer, subject: subject, audience: audience,
            lifetime: longestLifetime - AssertionClaims.backdating, scopes: scopes, now: now)
        return try JSONWebToken.signed(claims.json, by: key, algorithm ?? key.usualAlgorithm, keyID: keyID)
    }
}

import KeelBase
import KeelCrypto

/// What a client shows in place of a secret: a short-lived token that it signed itself (RFC 7523 section 3).
package enum ClientAssertion {
    /// The `client_assertion_type` beside it (RFC 7523 section 2.2).
    package static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// A new assertion, to be used once.
    ///
    /// Its audience is the token endpoint, or the issuer where the server wants that. It is signed as is usual for the key unless
    /// an algorithm is named; `keyID` is the name by which the server knows the key, where it has one.
    package static func sign(
        clientID: String, audience: String, key: SigningKey, algorithm: SigningAlgorithm? = nil, keyID: String? = nil,
        at now: Timestamp
    ) throws(SigningKeyFailure) -> Secret {
        let claims = AssertionClaims(issuer: clientID, subject: clientID, audience: audience, lifetime: 300, now: now)
        return try JSONWebToken.signed(claims.json, by: key, algorithm ?? key.usualAlgorithm, keyID: keyID)
    }
}

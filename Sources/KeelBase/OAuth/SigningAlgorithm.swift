/// How an assertion is signed (RFC 7518 section 3.1). Only asymmetric ones: what the other side keeps must not be able to sign.
package enum SigningAlgorithm: String, Sendable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-256. The one that every server with RSA keys takes.
    case rs256 = "RS256"
    /// RSASSA-PSS with SHA-256. Microsoft asks for it.
    case ps256 = "PS256"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
}

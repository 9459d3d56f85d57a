import Crypto
import FoundationEssentials
import KeelBase

/// Signs ID tokens with a key of this run (ES256, RFC 7518 section 3.4).
///
/// It has its own few lines for JWS, so that the client that reads them meets a writer that it does not share.
struct IDTokenSigner: Sendable {
    private let key = P256.Signing.PrivateKey()
    private static let keyID = "sandbox-1"

    /// The token, in its compact form (RFC 7515 section 7.1).
    func sign(_ claims: JSONText, type: String = "JWT") -> String {
        let header = JSONText.object([
            ("alg", .string("ES256")), ("typ", .string(type)), ("kid", .string(Self.keyID)),
        ])
        let input = Base64.text(header.bytes, .url) + "." + Base64.text(claims.bytes, .url)
        guard let signature = try? key.signature(for: Array(input.utf8)) else { return input + "." }
        return input + "." + Base64.text(Array(signature.rawRepresentation), .url)
    }

    /// The public key as a JWK set (RFC 7517 section 5).
    var keySet: JSONText {
        let point = Array(key.publicKey.rawRepresentation)
        return .object([
            (
                "keys",
                .array([
                    .object([
                        ("kty", .string("EC")), ("crv", .string("P-256")), ("use", .string("sig")),
                        ("alg", .string("ES256")), ("kid", .string(Self.keyID)),
                        ("x", .string(Base64.text(Array(point[..<32]), .url))),
                        ("y", .string(Base64.text(Array(point[32...]), .url))),
                    ])
                ])
            )
        ])
    }
}

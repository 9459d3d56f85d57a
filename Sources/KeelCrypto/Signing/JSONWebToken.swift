import KeelBase

/// Signed JSON Web Tokens (RFC 7519) in the compact form of RFC 7515 section 7.1.
package enum JSONWebToken {
    /// The token with these claims. Whoever has it can use it until it expires, so it is a secret.
    ///
    /// The header names the key by `keyID`, and by the thumbprint of its certificate where it has one.
    package static func signed(
        _ claims: JSON, by key: SigningKey, _ algorithm: SigningAlgorithm, keyID: String? = nil
    ) throws(SigningKeyFailure) -> Secret {
        let header = JSON.present(
            ("alg", .string(algorithm.rawValue)), ("typ", "JWT"), ("kid", keyID.map(JSON.string)),
            ("x5t#S256", (key.certificate?.thumbprint).map(JSON.string)))
        return try signed(claims.bytes(), header: header.bytes(), by: key, algorithm)
    }

    /// The same of bytes that are encoded already.
    package static func signed(
        _ payload: [UInt8], header: [UInt8], by key: SigningKey, _ algorithm: SigningAlgorithm
    ) throws(SigningKeyFailure) -> Secret {
        let dot = [UInt8(ascii: ".")]
        let input = Base64.encode(header, .url) + dot + Base64.encode(payload, .url)
        return Secret(copying: input + dot + Base64.encode(try key.signature(of: input, algorithm), .url))
    }
}

import KeelBase

/// An assertion as it came: a JWT in its compact form (RFC 7515 section 7.1). Nothing of it is believed before a key has
/// verified it.
struct SignedAssertion {
    let claims: JSON
    private let header: JSON
    private let signed: [UInt8]
    private let signature: [UInt8]

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let header = Base64.decode(parts[0].utf8, .url).flatMap({ try? JSON(parsing: $0) }),
            let claims = Base64.decode(parts[1].utf8, .url).flatMap({ try? JSON(parsing: $0) }),
            let signature = Base64.decode(parts[2].utf8, .url)
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Array((parts[0] + "." + parts[1]).utf8)
    }

    /// Whether one of these keys made it, and is named as it is registered.
    func isSigned(byOneOf keys: [SandboxKey]) -> Bool {
        // An extension that must be understood is none that this server knows (RFC 7515 section 4.1.11).
        guard let algorithm = header["alg"]?.string, header["crit"] == nil else { return false }
        return keys.contains { key in
            (key.thumbprint == nil || header["x5t#S256"]?.string == key.thumbprint)
                && (key.id == nil || header["kid"]?.string == key.id)
                && key.verifies(signature, over: signed, algorithm: algorithm)
        }
    }

    /// For whom it is: a text, or a list of them (RFC 7519 section 4.1.3).
    var audiences: [String] {
        claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.array?.compactMap(\.string) ?? []
    }
}

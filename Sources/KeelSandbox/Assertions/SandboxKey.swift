import Crypto
import CryptoExtras
import FoundationEssentials
import KeelBase

/// A public key that is registered at the provider: of a client, of another issuer, or of a service account.
package struct SandboxKey: Sendable {
    enum Material: Sendable {
        case p256(P256.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    let material: Material
    /// What its holder calls it (`kid`); nil: whatever the holder says.
    let id: String?
    /// The SHA-256 of its certificate, which assertions must then name (`x5t#S256`, RFC 7515 section 4.1.8).
    let thumbprint: String?

    /// Reads a public key or a certificate as PEM: P-256, or RSA of 2048 bits or more; nil for anything else.
    package init?(pem text: String, id: String? = nil) {
        self.id = id
        guard let begin = text.firstRange(of: "-----BEGIN CERTIFICATE-----") else {
            thumbprint = nil
            if let key = try? P256.Signing.PublicKey(pemRepresentation: text) {
                material = .p256(key)
            } else if let key = try? _RSA.Signing.PublicKey(pemRepresentation: text) {
                material = .rsa(key)
            } else {
                return nil
            }
            return
        }
        let body = text[begin.upperBound...].prefix { $0 != "-" }.filter { !$0.isWhitespace }
        guard let certificate = Base64.decode(body.utf8), let key = DERReader.publicKey(ofCertificate: certificate)
        else {
            return nil
        }
        thumbprint = Base64.text(Array(SHA256.hash(data: certificate)), .url)
        if let key = try? P256.Signing.PublicKey(derRepresentation: key) {
            material = .p256(key)
        } else if let key = try? _RSA.Signing.PublicKey(derRepresentation: key) {
            material = .rsa(key)
        } else {
            return nil
        }
    }

    /// Reads a JWK (RFC 7517) of one of these kinds; its `kid` holds.
    package init?(jwk text: String) {
        guard let jwk = try? JSON(parsing: Array(text.utf8)) else { return nil }
        func number(_ name: String) -> [UInt8]? { jwk[name]?.string.flatMap { Base64.decode($0.utf8, .url) } }
        id = jwk["kid"]?.string
        thumbprint = nil
        switch (jwk["kty"]?.string, jwk["crv"]?.string) {
        case ("EC", "P-256"):
            guard let x = number("x"), let y = number("y"), x.count == 32,
                let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
            else { return nil }
            material = .p256(key)
        case ("RSA", _):
            guard let modulus = number("n"), let exponent = number("e"),
                let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
            else { return nil }
            material = .rsa(key)
        default: return nil
        }
    }

    /// Whether the signature is this key's over these bytes (RFC 7518 sections 3.3 to 3.5).
    func verifies(_ signature: [UInt8], over message: [UInt8], algorithm: String) -> Bool {
        switch (material, algorithm) {
        case (.p256(let key), "ES256"):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: message)
        case (.rsa(let key), "RS256"):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
                padding: .insecurePKCS1v1_5)
        case (.rsa(let key), "PS256"):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
                padding: .PSS)
        default: return false
        }
    }
}

import Crypto
import KeelBase

/// HKDF-SHA256 (RFC 5869): one stored key, and from it a key for each purpose, so that no two uses share one.
package enum KeyDerivation {
    /// The key for `purpose`, 32 bytes. A purpose is a constant text that ends in its version: `vault/seal/v1`.
    package static func key(from secret: Secret, purpose: String) -> Secret {
        key(from: secret, salt: [], purpose: purpose)
    }

    /// The key for `purpose` that also depends on a public salt.
    package static func key(from secret: Secret, salt: [UInt8], purpose: String) -> Secret {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: secret.symmetricKey, salt: salt, info: Array(purpose.utf8), outputByteCount: 32
        ).secret
    }
}

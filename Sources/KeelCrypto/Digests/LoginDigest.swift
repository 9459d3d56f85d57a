import Crypto
import CryptoExtras
import KeelBase

/// The hash functions of SASL mechanisms and of APOP, for secrets alone.
///
/// MD5 and SHA-1 are here because servers know passwords by nothing better; nothing else may use them.
package enum LoginDigest: Sendable {
    case md5
    case sha1
    case sha256

    /// The digest of a secret.
    package func hash(_ secret: Secret) -> Secret {
        let bytes = secret.reveal()
        return switch self {
        case .md5: Secret(copying: Array(Insecure.MD5.hash(data: bytes)))
        case .sha1: Secret(copying: Array(Insecure.SHA1.hash(data: bytes)))
        case .sha256: Secret(copying: Array(SHA256.hash(data: bytes)))
        }
    }

    /// The code for a message (RFC 2104).
    package func code(for message: [UInt8], key: Secret) -> Secret {
        let key = key.symmetricKey
        return switch self {
        case .md5: Secret(copying: Array(HMAC<Insecure.MD5>.authenticationCode(for: message, using: key)))
        case .sha1: Secret(copying: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key)))
        case .sha256: Secret(copying: Array(HMAC<SHA256>.authenticationCode(for: message, using: key)))
        }
    }

    /// `Hi` of RFC 5802 section 2.2, which is PBKDF2 (RFC 8018 section 5.2); nil where the library refuses.
    package func salted(_ password: Secret, salt: [UInt8], iterations: Int) -> Secret? {
        let function: KDF.Insecure.PBKDF2.HashFunction
        let length: Int
        switch self {
        case .md5: (function, length) = (.insecureMD5, 16)
        case .sha1: (function, length) = (.insecureSHA1, 20)
        case .sha256: (function, length) = (.sha256, 32)
        }
        // The server has stored what comes of its number of rounds; the caller judges that number.
        return try? KDF.Insecure.PBKDF2.deriveKey(
            from: password.reveal(), salt: salt, using: function, outputByteCount: length,
            unsafeUncheckedRounds: iterations
        ).secret
    }
}

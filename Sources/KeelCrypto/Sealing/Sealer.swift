import Crypto
import FoundationEssentials
import KeelBase

/// Why a sealed value cannot be opened. It never says more: an attacker would learn from the difference.
package enum SealingFailure: Error, Sendable, Equatable {
    /// Not a sealed value, or of a later version.
    case unknownFormat
    /// Sealed under the key with this identifier, which is not the one given.
    case otherKey(KeyIdentifier)
    /// Changed, or moved from where it was sealed.
    case notAuthentic
}

/// Seals secrets so that they can be stored: unreadable without the key, and bound to their place.
///
/// The cipher is AES-256-GCM (NIST SP 800-38D): processors compute it, and it is the one that those who must
/// answer for what they approve have approved. Its weakness is the short nonce: after 2^32 values under one key
/// random nonces must be expected to meet (section 8.3), which a fleet that renews a hundred thousand grants each
/// hour reaches within five years. So each value is sealed under a key of its own, derived with a random salt of
/// 128 bits; with the nonce that makes 224 random bits, and the limit is out of reach.
///
/// Layout: version (1), key identifier (8), salt (16), nonce (12), ciphertext, tag (16). All before the ciphertext is
/// authenticated together with the caller's associated data.
package enum Sealer {
    private static let version: UInt8 = 1
    private static let saltLength = 16
    private static let nonceLength = 12
    private static let tagLength = 16
    private static let headerLength = 1 + KeyIdentifier.length + saltLength
    private static let overhead = headerLength + nonceLength + tagLength

    /// Seals a secret under `key` for the place that `associatedData` describes.
    package static func seal(_ secret: Secret, key: Secret, associatedData: [UInt8]) -> [UInt8] {
        let salt = RandomBytes.make(count: saltLength)
        let header = [version] + KeyIdentifier(of: key).bytes + salt
        let single = valueKey(key, salt)
        let box = secret.withBytes { span in
            unsafe span.withUnsafeBufferPointer { bytes in
                unsafe try? AES.GCM.seal(bytes, using: single, authenticating: header + associatedData)
            }
        }
        // A nil would mean that the library refuses its own nonce and a 32-byte key.
        guard let sealed = box?.combined else { preconditionFailure("AES-256-GCM cannot fail to seal") }
        return header + Array(sealed)
    }

    /// Opens what `seal` made with the same key and associated data.
    package static func open(
        _ sealed: [UInt8], key: Secret, associatedData: [UInt8]
    ) throws(SealingFailure) -> Secret {
        guard let identifier = keyIdentifier(of: sealed) else { throw .unknownFormat }
        guard identifier == KeyIdentifier(of: key) else { throw .otherKey(identifier) }
        let header = Array(sealed[..<headerLength])
        let single = valueKey(key, Array(header.suffix(saltLength)))
        guard let box = try? AES.GCM.SealedBox(combined: sealed[headerLength...]),
            var plain = try? AES.GCM.open(box, using: single, authenticating: header + associatedData)
        else { throw .notAuthentic }
        let secret = Secret(copying: Array(plain))
        plain.resetBytes(in: plain.startIndex..<plain.endIndex)
        return secret
    }

    /// Under which key a value was sealed; nil if it is not a sealed value of a version known here.
    package static func keyIdentifier(of sealed: [UInt8]) -> KeyIdentifier? {
        guard sealed.count >= overhead, sealed[0] == version else { return nil }
        return KeyIdentifier(sealed[1..<(1 + KeyIdentifier.length)])
    }

    private static func valueKey(_ key: Secret, _ salt: [UInt8]) -> SymmetricKey {
        KeyDerivation.key(from: key, salt: salt, purpose: "mailkeel/sealed-value/v1").symmetricKey
    }
}

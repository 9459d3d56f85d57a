import KeelBase
import KeelCrypto

/// SHA-256 of things that are no secret, for callers that know no cryptography.
package enum ContentDigest {
    /// 64 hexadecimal digits.
    package static func hexadecimal(of bytes: [UInt8]) -> String { Hexadecimal.text(SHA256Digest.bytes(of: bytes)) }
}

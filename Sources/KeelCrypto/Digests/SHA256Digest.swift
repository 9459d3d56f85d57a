import Crypto

/// SHA-256, for things that are no secret: documents, plans, settings.
///
/// Never keep or show the digest of a secret: whoever holds it can try guesses. For secrets there is
/// `MessageAuthentication`.
package enum SHA256Digest {
    /// The 32 bytes.
    package static func bytes(of message: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: message)) }
}

import Crypto

/// SHA-384, for certificates that were signed with it. For things that are no secret, as `SHA256Digest` is.
package enum SHA384Digest {
    /// The 48 bytes.
    package static func bytes(of message: [UInt8]) -> [UInt8] { Array(SHA384.hash(data: message)) }
}

/// SHA-512, for certificates that were signed with it. For things that are no secret, as `SHA256Digest` is.
package enum SHA512Digest {
    /// The 64 bytes.
    package static func bytes(of message: [UInt8]) -> [UInt8] { Array(SHA512.hash(data: message)) }
}

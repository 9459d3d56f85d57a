import Crypto
import KeelBase

/// HMAC-SHA256 (RFC 2104): codes that only the holder of the key can make or check.
package enum MessageAuthentication {
    /// The number of bytes in a code.
    package static let length = 32

    /// The code for a message.
    package static func code(for message: [UInt8], key: Secret) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: key.symmetricKey))
    }

    /// The code for a secret: its keyed fingerprint, and the only form in which a trace of a secret may be kept.
    package static func code(for secret: Secret, key: Secret) -> [UInt8] {
        var state = HMAC<SHA256>(key: key.symmetricKey)
        secret.withBytes { span in
            unsafe span.withUnsafeBufferPointer { unsafe state.update(data: $0) }
        }
        return Array(state.finalize())
    }

    /// Whether `code` is the code for `message`, in a time that does not depend on where they differ.
    package static func isValid(_ code: [UInt8], for message: [UInt8], key: Secret) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key.symmetricKey)
    }
}

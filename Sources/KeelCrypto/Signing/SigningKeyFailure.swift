/// Why a key cannot sign. Never holds any of it.
package struct SigningKeyFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// There is no private key.
        case missing = "signing_key_missing"
        /// A passphrase protects it.
        case encrypted = "signing_key_encrypted"
        /// A kind, size or format that is not used here.
        case unsupported = "signing_key_unsupported"
        /// Broken.
        case malformed = "signing_key_malformed"
        /// More than one private key.
        case ambiguous = "signing_key_ambiguous"
        /// A certificate beside it is broken.
        case certificateMalformed = "signing_certificate_malformed"
        /// No certificate beside it belongs to it.
        case certificateMismatch = "signing_certificate_mismatch"
        /// A key of that kind cannot sign so.
        case algorithmMismatch = "signing_algorithm_mismatch"
    }

    package let code: Code
    /// What is wrong, as a clause: `the private key is encrypted with a passphrase`.
    package let reason: String
    /// What mends it, as an imperative.
    package let remedy: String

    init(_ code: Code, _ reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(reason): \(remedy)" }
}

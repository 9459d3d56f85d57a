import KeelBase
import KeelCrypto

/// Why a service account's key file cannot be used. Never holds any of it but names of members and types.
package struct ServiceAccountFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Not a JSON object.
        case notJSON = "service_account_not_json"
        /// Credentials of another kind.
        case wrongType = "service_account_wrong_type"
        /// A member is missing, empty or not a text.
        case memberMissing = "service_account_member_missing"
        /// The address of the token endpoint cannot be used.
        case badEndpoint = "service_account_bad_endpoint"
        /// The key in it cannot sign.
        case badKey = "service_account_bad_key"
    }

    package let code: Code
    /// What is wrong, as a clause: `it has no client_email`.
    package let reason: String
    /// What mends it, as an imperative.
    package let remedy: String

    init(_ code: Code, _ reason: String, remedy: String = Self.download) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    init(_ failure: SigningKeyFailure) {
        self.init(.badKey, "its private_key cannot be used: \(failure.reason)")
    }

    package var description: String { "\(reason): \(remedy)" }

    static let download = "make a new JSON key for the service account, and store the file whole and unchanged"
}

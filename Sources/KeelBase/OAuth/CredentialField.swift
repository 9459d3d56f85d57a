/// The manifest's fields whose secrets show who somebody is to a token endpoint.
package enum CredentialField: String, Sendable, CaseIterable, Comparable {
    /// The client's secret (RFC 6749 section 2.3.1).
    case clientSecret = "client.secret"
    /// A client assertion that somebody else signed (RFC 7523 section 2.2): a pipeline's identity, say.
    case clientAssertion = "client.assertion"
    /// A certificate with the key that signs client assertions.
    case clientCertificate = "client.certificate"
    /// The key of a service account, as its provider gives it.
    case serviceAccount = "serviceAccount"
    /// The password of a user (RFC 6749 section 4.3).
    case password = "password"

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

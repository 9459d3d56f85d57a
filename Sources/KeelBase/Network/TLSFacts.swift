/// What a TLS connection turned out to be: evidence for a report, and what drift compares.
package struct TLSFacts: Sendable, Hashable {
    package enum Version: String, Sendable {
        case tls12 = "TLS 1.2"
        case tls13 = "TLS 1.3"
    }

    package let version: Version
    /// As the server presented it, the leaf first.
    package let chain: [CertificateFacts]
    /// The hash of the leaf that binds a login to this connection (`tls-server-end-point`, RFC 5929 section 4); nil where
    /// the signature of the certificate does not say with what to hash.
    package let endPoint: [UInt8]?

    package init(version: Version, chain: [CertificateFacts], endPoint: [UInt8]?) {
        self.version = version
        self.chain = chain
        self.endPoint = endPoint
    }
}

/// What a certificate says of itself.
package struct CertificateFacts: Sendable, Hashable {
    package let subject: ForeignText
    package let issuer: ForeignText
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    /// The SHA-256 of its public key (SubjectPublicKeyInfo) in base 64, as `tls.pin` names it.
    package let keyHash: String

    package init(
        subject: ForeignText, issuer: ForeignText, notBefore: Timestamp, notAfter: Timestamp, keyHash: String
    ) {
        self.subject = subject
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.keyHash = keyHash
    }
}

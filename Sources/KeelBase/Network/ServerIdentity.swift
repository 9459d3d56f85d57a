/// The certificate chain and key with which a loopback server answers TLS.
package struct ServerIdentity: Sendable {
    /// The leaf first, as PEM.
    package let certificateChainPEM: String
    /// The leaf's key, as PEM.
    package let privateKeyPEM: Secret

    package init(certificateChainPEM: String, privateKeyPEM: Secret) {
        self.certificateChainPEM = certificateChainPEM
        self.privateKeyPEM = privateKeyPEM
    }
}

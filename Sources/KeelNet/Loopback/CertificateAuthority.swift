import FoundationEssentials
import KeelBase
import SwiftASN1
import X509

/// A throw-away certificate authority for loopback servers: the sandbox's and those of tests. Its key is never stored.
package struct CertificateAuthority: Sendable {
    private let name: DistinguishedName
    private let key: Certificate.PrivateKey
    /// The authority's own certificate as PEM: what a client must trust, if it is the root.
    package let certificatePEM: String
    /// The authorities between a leaf and the root, nearest first; the root itself is not sent.
    private let intermediatesPEM: String

    /// Makes a self-signed root with a P-256 key. Throws what swift-certificates throws, for example for a name that
    /// cannot be encoded.
    package init(commonName: String, now: Timestamp, validFor days: Int) throws {
        // Begin early, so that a client whose clock is behind by a little does not refuse it.
        try self.init(
            commonName: commonName, notBefore: now.adding(seconds: -3600),
            notAfter: now.adding(seconds: Int64(days) * 86400), issuer: nil)
    }

    private init(commonName: String, notBefore: Timestamp, notAfter: Timestamp, issuer: Self?) throws {
        name = try DistinguishedName { CommonName(commonName) }
        let key = try Certificate.PrivateKey.makeP256()
        self.key = key
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: notBefore.date, notValidAfter: notAfter.date,
            issuer: issuer?.name ?? name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
                // Strict clients want it (RFC 5280 section 4.2.1.1).
                Self.identifier(of: issuer?.key ?? key)
            }, issuerPrivateKey: issuer?.key ?? key)
        certificatePEM = try certificate.pem
        intermediatesPEM = issuer.map { [certificatePEM] in certificatePEM + $0.intermediatesPEM } ?? ""
    }

    /// An authority that this one vouches for; what it issues is presented with its certificate.
    package func subordinate(commonName: String, notBefore: Timestamp, notAfter: Timestamp) throws -> Self {
        try Self(commonName: commonName, notBefore: notBefore, notAfter: notAfter, issuer: self)
    }

    /// A new key and a certificate for a TLS server on these hosts, which are names or IP address literals.
    package func issue(hosts: [String], notBefore: Timestamp, notAfter: Timestamp) throws -> ServerIdentity {
        let leafKey = try Certificate.PrivateKey.makeP256()
        let leaf = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: leafKey.publicKey,
            notValidBefore: notBefore.date, notValidAfter: notAfter.date, issuer: name,
            subject: DistinguishedName { if let first = hosts.first { CommonName(first) } },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(hosts.map(GeneralName.init(host:)))
                Self.identifier(of: key)
            }, issuerPrivateKey: key)
        return ServerIdentity(
            certificateChainPEM: try leaf.pem + intermediatesPEM,
            privateKeyPEM: Secret(copying: try leafKey.serializeAsPEM().pemString + "\n"))
    }
}

extension CertificateAuthority {
    /// A certificate that nobody but itself vouches for.
    package static func selfSigned(hosts: [String], notBefore: Timestamp, notAfter: Timestamp) throws -> ServerIdentity
    {
        let key = try Certificate.PrivateKey.makeP256()
        let name = try DistinguishedName { if let first = hosts.first { CommonName(first) } }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: notBefore.date, notValidAfter: notAfter.date, issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(hosts.map(GeneralName.init(host:)))
            }, issuerPrivateKey: key)
        return ServerIdentity(
            certificateChainPEM: try certificate.pem,
            privateKeyPEM: Secret(copying: try key.serializeAsPEM().pemString + "\n"))
    }

    private static func identifier(of key: Certificate.PrivateKey) -> AuthorityKeyIdentifier {
        AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier)
    }
}

extension Certificate.PrivateKey {
    /// A new P-256 key, made by writing down a random number as RFC 5915 says.
    ///
    /// swift-certificates makes no keys and swift-crypto has another home. The number must be below the order of the
    /// curve, which all but one in 2^32 are; the others are refused, so a few attempts suffice.
    fileprivate static func makeP256() throws -> Self {
        var random = SystemRandomNumberGenerator()
        func attempt() throws -> Self {
            let scalar = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            // SEQUENCE { INTEGER 1, OCTET STRING (32 bytes), [0] OBJECT IDENTIFIER prime256v1 }
            let der: [UInt8] =
                [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20] + scalar
                + [0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            return try Self(pemDocument: PEMDocument(type: "EC PRIVATE KEY", derBytes: der))
        }
        for _ in 0..<4 {
            if let key = try? attempt() { return key }
        }
        return try attempt()
    }
}

extension Certificate {
    fileprivate var pem: String {
        get throws { try serializeAsPEM().pemString + "\n" }
    }
}

extension GeneralName {
    fileprivate init(host: String) {
        self =
            IPAddress(host).map { .ipAddress(ASN1OctetString(contentBytes: $0.octets[...])) } ?? .dnsName(host)
    }
}

extension Timestamp {
    fileprivate var date: Date { Date(timeIntervalSince1970: Double(seconds)) }
}

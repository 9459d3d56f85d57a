import Crypto

/// What a connection over TLS can be bound to: the hash of the server's certificate (`tls-server-end-point`, RFC 5929
/// section 4.1), computed here and not by the client's code.
enum ServerEndPoint {
    /// With the function of the certificate's signature, SHA-256 for anything weaker; nil for what is no certificate.
    static func hash(ofFirstCertificateIn pem: String) -> [UInt8]? {
        guard let begin = pem.firstRange(of: "-----BEGIN CERTIFICATE-----") else { return nil }
        let body = pem[begin.upperBound...].prefix { $0 != "-" }.filter { !$0.isWhitespace }
        guard let bytes = SandboxBase64.decode(body.utf8), let algorithm = signatureAlgorithm(of: bytes) else {
            return nil
        }
        return if long384.contains(algorithm) {
            Array(SHA384.hash(data: bytes))
        } else if long512.contains(algorithm) {
            Array(SHA512.hash(data: bytes))
        } else {
            Array(SHA256.hash(data: bytes))
        }
    }

    /// ecdsa-with-SHA384 and sha384WithRSAEncryption, as DER.
    private static let long384: [[UInt8]] = [
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03], [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C],
    ]
    /// ecdsa-with-SHA512 and sha512WithRSAEncryption.
    private static let long512: [[UInt8]] = [
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04], [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D],
    ]

    /// The second part of a certificate (RFC 5280 section 4.1).
    private static func signatureAlgorithm(of certificate: [UInt8]) -> [UInt8]? {
        var outer = DERReader(certificate[...])
        guard let whole = outer.next(), whole.tag == 0x30 else { return nil }
        var parts = DERReader(whole.content)
        guard parts.next() != nil, let algorithm = parts.next(), algorithm.tag == 0x30 else { return nil }
        var fields = DERReader(algorithm.content)
        guard let identifier = fields.next(), identifier.tag == 0x06 else { return nil }
        return Array(identifier.content)
    }
}

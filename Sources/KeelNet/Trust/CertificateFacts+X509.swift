import KeelBase
import KeelCrypto
import SwiftASN1
import X509

extension CertificateFacts {
    init(_ certificate: Certificate) {
        self.init(
            subject: ForeignText(certificate.shownSubject), issuer: ForeignText(String(describing: certificate.issuer)),
            notBefore: Timestamp(certificate.notValidBefore), notAfter: Timestamp(certificate.notValidAfter),
            keyHash: certificate.keyHash)
    }
}

extension Certificate {
    /// The SHA-256 of the SubjectPublicKeyInfo in base 64 (RFC 7469 section 2.4): algorithm and key, as
    /// `openssl x509 -pubkey` gives them.
    var keyHash: String {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(publicKey)) != nil else { return "" }
        return Base64.text(SHA256Digest.bytes(of: serializer.serializedBytes))
    }

    /// The hash that binds a login to the connection: by the hash function of the signature, but never a weaker one than
    /// SHA-256 (RFC 5929 section 4.1). Nil for a signature without one hash function.
    var endPoint: [UInt8]? {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(self)) != nil else { return nil }
        let encoded = serializer.serializedBytes
        return switch signatureAlgorithm {
        case .sha1WithRSAEncryption, .sha256WithRSAEncryption, .ecdsaWithSHA256: SHA256Digest.bytes(of: encoded)
        case .sha384WithRSAEncryption, .ecdsaWithSHA384: SHA384Digest.bytes(of: encoded)
        case .sha512WithRSAEncryption, .ecdsaWithSHA512: SHA512Digest.bytes(of: encoded)
        default: nil
        }
    }
}

import Crypto
import CryptoExtras
import KeelBase

/// A private key that signs assertions: RSA of 2048 bits or more, or P-256.
package struct SigningKey: Sendable {
    /// The certificate beside the key that belongs to it.
    package let certificate: SigningCertificate?
    private let material: Material

    private enum Material: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
    }

    /// Reads a PEM text with one private key (PKCS#8, PKCS#1 or SEC1) and perhaps certificates, one of which is then the key's.
    package init(parsing pem: Secret) throws(SigningKeyFailure) {
        let blocks = try Self.blocks(pem)
        var key: Material?
        var certificates: [SigningCertificate] = []
        for block in blocks {
            if let kind = try PrivateKeyKind.read(block) {
                guard key == nil else {
                    throw SigningKeyFailure(
                        .ambiguous, "there is more than one private key",
                        remedy: "keep the one that is registered with the provider")
                }
                key = try Self.material(kind, block.content)
            } else if block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE" {
                guard let certificate = SigningCertificate(der: block.content.reveal()) else {
                    throw SigningKeyFailure(
                        .certificateMalformed, "a certificate beside the private key cannot be read",
                        remedy: "store it again as PEM, whole and unchanged")
                }
                certificates.append(certificate)
            }
        }
        guard let key else { throw Self.missing(blocks, pem) }
        material = key
        // A file often holds the chain as well, in either order.
        certificate = certificates.first { Self.publicKey(of: key, is: $0.publicKey) }
        if certificate == nil, !certificates.isEmpty {
            throw SigningKeyFailure(
                .certificateMismatch, "the certificate beside the private key belongs to another key",
                remedy: "put the certificate that was made for this key in its place")
        }
    }

    /// What a key of this kind signs with when nobody chose.
    package var usualAlgorithm: SigningAlgorithm {
        switch material {
        case .rsa: .rs256
        case .p256: .es256
        }
    }

    /// The signature of `message` as RFC 7518 sections 3.3 to 3.5 encode it.
    package func signature(of message: [UInt8], _ algorithm: SigningAlgorithm) throws(SigningKeyFailure) -> [UInt8] {
        let digest = SHA256.hash(data: message)
        do {
            switch (material, algorithm) {
            case (.rsa(let key), .rs256):
                return Array(try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
            case (.rsa(let key), .ps256): return Array(try key.signature(for: digest, padding: .PSS).rawRepresentation)
            case (.p256(let key), .es256): return Array(try key.signature(for: digest).rawRepresentation)
            case (.rsa, .es256), (.p256, .rs256), (.p256, .ps256): break
            }
        } catch {
            throw .malformed
        }
        throw SigningKeyFailure(
            .algorithmMismatch, "\(algorithm.rawValue) cannot be made with \(kind)",
            remedy: "use a key that fits, or another algorithm")
    }

    private var kind: String {
        switch material {
        case .rsa: "an RSA key"
        case .p256: "a P-256 key"
        }
    }
}

extension SigningKey {
    private static func blocks(_ pem: Secret) throws(SigningKeyFailure) -> [PEMBlock] {
        do throws(PEMBlock.Fault) {
            return try PEMBlock.all(in: pem)
        } catch {
            switch error {
            case .encrypted: throw .encrypted
            case .escapedLineEnds:
                throw SigningKeyFailure(
                    .malformed, "the PEM text has \\n written out where lines should end",
                    remedy: "store it with real line ends")
            case .malformed(let label) where label.hasSuffix("CERTIFICATE"):
                throw SigningKeyFailure(
                    .certificateMalformed, "a certificate beside the private key cannot be read",
                    remedy: "store it again as PEM, whole and unchanged")
            case .malformed: throw .malformed
            }
        }
    }

    private static func material(_ kind: PrivateKeyKind, _ content: Secret) throws(SigningKeyFailure) -> Material {
        do {
            switch kind {
            case .p256: return .p256(try P256.Signing.PrivateKey(derRepresentation: content.reveal()))
            case .rsa:
                // It takes 1024 bits and more, so that a short key is called short.
                let key = try _RSA.Signing.PrivateKey(unsafeDERRepresentation: content.reveal())
                if key.keySizeInBits >= 2048 { return .rsa(key) }
            }
        } catch CryptoKitError.incorrectParameterSize where kind == .rsa {
        } catch {
            throw .malformed
        }
        throw .unsupported("the RSA key has fewer than 2048 bits", SigningKeyFailure.makeAnother)
    }

    /// By what the encoding means: the same key can be encoded in more than one way.
    private static func publicKey(of key: Material, is encoded: [UInt8]) -> Bool {
        switch key {
        case .rsa(let key):
            (try? _RSA.Signing.PublicKey(derRepresentation: encoded))?.derRepresentation
                == key.publicKey.derRepresentation
        case .p256(let key):
            (try? P256.Signing.PublicKey(derRepresentation: encoded))?.rawRepresentation
                == key.publicKey.rawRepresentation
        }
    }

    private static func missing(_ blocks: [PEMBlock], _ pem: Secret) -> SigningKeyFailure {
        let remedy = "add the private key to it, as PEM"
        if blocks.contains(where: { $0.label.hasSuffix("CERTIFICATE") }) {
            return SigningKeyFailure(.missing, "there is a certificate without its private key", remedy: remedy)
        }
        if blocks.contains(where: { $0.label.hasSuffix("PUBLIC KEY") }) {
            return SigningKeyFailure(.missing, "there is only a public key", remedy: remedy)
        }
        // A DER sequence of some length: PKCS#12, or a key that was never made PEM.
        if pem.reveal().starts(with: [0x30, 0x82]) {
            return .unsupported(
                "it is binary, and not PEM",
                "convert it (openssl pkcs12 -in FILE -nodes for .pfx and .p12, openssl pkey -inform DER -in FILE for .der)"
            )
        }
        return SigningKeyFailure(.missing, "there is no private key in it", remedy: remedy)
    }
}

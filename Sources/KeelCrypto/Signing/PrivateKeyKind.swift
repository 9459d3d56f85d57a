import KeelBase
import SwiftASN1

/// What a private key is for, read from its frame before a library sees it: libraries say only that a key is not theirs.
enum PrivateKeyKind {
    case rsa
    case p256

    /// The kind of a decoded block; nil when the block is no private key.
    static func read(_ block: PEMBlock) throws(SigningKeyFailure) -> PrivateKeyKind? {
        switch block.label {
        case "RSA PRIVATE KEY": return .rsa
        case "EC PRIVATE KEY": return try curve(sec1Curve(block.content))
        case "PRIVATE KEY": return try framed(block.content)
        case "ENCRYPTED PRIVATE KEY": throw .encrypted
        case "OPENSSH PRIVATE KEY":
            throw .unsupported(
                "the private key is in the format of OpenSSH", "convert a copy of it with ssh-keygen -p -m PKCS8")
        case let label where label.hasSuffix("PRIVATE KEY"):
            throw .unsupported("the private key is of a kind that is not used here", SigningKeyFailure.makeAnother)
        default: return nil
        }
    }

    /// PKCS#8 (RFC 5958 section 2): version, algorithm, then the key.
    private static func framed(_ content: Secret) throws(SigningKeyFailure) -> PrivateKeyKind {
        let algorithm: ASN1ObjectIdentifier
        let parameters: ASN1Node?
        do {
            (algorithm, parameters) = try DER.sequence(try DER.parse(content.reveal()), identifier: .sequence) {
                nodes in
                _ = nodes.next()
                guard let frame = nodes.next() else { throw Unreadable() }
                while nodes.next() != nil {}
                return try DER.sequence(frame, identifier: .sequence) { nodes in
                    (try ASN1ObjectIdentifier(derEncoded: &nodes), nodes.next())
                }
            }
        } catch {
            throw .malformed
        }
        switch algorithm.description {
        case "1.2.840.113549.1.1.1": return .rsa
        case "1.2.840.10045.2.1":
            return try curve(parameters.flatMap { try? ASN1ObjectIdentifier(derEncoded: $0) })
        case "1.2.840.113549.1.1.10":
            throw .unsupported(
                "the private key is restricted to RSASSA-PSS",
                "make a plain RSA key; it signs PS256 as well (openssl genpkey -algorithm RSA)")
        case "1.3.101.112", "1.3.101.113":
            throw .unsupported("the private key is an EdDSA key", SigningKeyFailure.makeAnother)
        default: throw .unsupported("the private key is of a kind that is not used here", SigningKeyFailure.makeAnother)
        }
    }

    private struct Unreadable: Error {}

    /// The named curve of an EC key of its own format (RFC 5915 section 3); nil when it names none.
    private static func sec1Curve(_ content: Secret) throws(SigningKeyFailure) -> ASN1ObjectIdentifier? {
        do {
            return try DER.sequence(try DER.parse(content.reveal()), identifier: .sequence) { nodes in
                _ = nodes.next()
                _ = nodes.next()
                let parameters = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                    node in try? ASN1ObjectIdentifier(derEncoded: node)
                }
                while nodes.next() != nil {}
                return parameters ?? nil
            }
        } catch {
            throw .malformed
        }
    }

    private static func curve(_ name: ASN1ObjectIdentifier?) throws(SigningKeyFailure) -> PrivateKeyKind {
        guard name?.description == "1.2.840.10045.3.1.7" else {
            throw .unsupported("the private key is on another curve than P-256", SigningKeyFailure.makeAnother)
        }
        return .p256
    }
}

extension SigningKeyFailure {
    /// What to do about a key that cannot be used.
    static let makeAnother = "make an RSA key of 2048 bits or more, or a P-256 key, and register it with the provider"

    static let malformed = SigningKeyFailure(
        .malformed, "the private key cannot be read", remedy: "store it again as PEM, whole and unchanged")

    static let encrypted = SigningKeyFailure(
        .encrypted, "the private key is encrypted with a passphrase, and nobody is there to type it",
        remedy: "store it decrypted where other secrets are kept (openssl pkey -in FILE writes it so)")

    static func unsupported(_ reason: String, _ remedy: String) -> SigningKeyFailure {
        SigningKeyFailure(.unsupported, reason, remedy: remedy)
    }
}

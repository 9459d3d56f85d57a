import KeelBase
import SwiftASN1

/// A certificate that tells a provider which key signed, as far as signing needs it.
///
/// Nothing is verified: the provider decides whether it trusts the key, and knows it already.
package struct SigningCertificate: Sendable, Hashable {
    /// The `x5t#S256` of RFC 7515 section 4.1.8: base64url without padding of the SHA-256 of the certificate.
    package let thumbprint: String
    package let notBefore: Timestamp
    /// The last second in which it is valid.
    package let notAfter: Timestamp
    /// Its SubjectPublicKeyInfo, encoded.
    let publicKey: [UInt8]

    /// Reads a certificate (RFC 5280 section 4.1); nil when it is none.
    package init?(der: [UInt8]) {
        do {
            (notBefore, notAfter, publicKey) = try Self.fields(try DER.parse(der))
        } catch {
            return nil
        }
        thumbprint = Base64.text(SHA256Digest.bytes(of: der), .url)
    }

    private struct Unreadable: Error {}

    private static func fields(_ certificate: ASN1Node) throws -> (Timestamp, Timestamp, [UInt8]) {
        try DER.sequence(certificate, identifier: .sequence) { outer in
            guard let signed = outer.next(), outer.next() != nil, outer.next() != nil else { throw Unreadable() }
            return try DER.sequence(signed, identifier: .sequence) { nodes in
                _ = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { _ in () }
                // Serial number, signature algorithm, issuer; then validity, subject, public key.
                guard nodes.next() != nil, nodes.next() != nil, nodes.next() != nil, let validity = nodes.next(),
                    nodes.next() != nil, let key = nodes.next()
                else { throw Unreadable() }
                while nodes.next() != nil {}
                let (from, until) = try DER.sequence(validity, identifier: .sequence) { times in
                    (try time(times.next()), try time(times.next()))
                }
                return (from, until, Array(key.encodedBytes))
            }
        }
    }

    /// Either form of RFC 5280 section 4.1.2.5.
    private static func time(_ node: ASN1Node?) throws -> Timestamp {
        guard let node else { throw Unreadable() }
        let parts: [Int]
        if node.identifier == .utcTime {
            let time = try UTCTime(derEncoded: node)
            parts = [time.year, time.month, time.day, time.hours, time.minutes, time.seconds]
        } else {
            let time = try GeneralizedTime(derEncoded: node)
            parts = [time.year, time.month, time.day, time.hours, time.minutes, time.seconds]
        }
        let text = zip(parts, ["", "-", "-", "T", ":", ":"]).map { $1 + padded($0, to: $1.isEmpty ? 4 : 2) }.joined()
        guard let timestamp = Timestamp(parsing: text + "Z") else { throw Unreadable() }
        return timestamp
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

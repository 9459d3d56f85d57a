import Glibc
import KeelBase
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// Where trust anchors come from, and what has been read of them.
///
/// Making one costs nothing: a file is read and parsed when the first connection needs it, and only once. A file
/// that could not be used is tried again by the next connection, so that a daemon recovers when it is mended.
package final class TrustRoots: Sendable {
    private struct Parsed {
        var encoded: [String: [NIOSSLCertificate]] = [:]
        var decoded: [String: [Certificate]] = [:]
        /// By the CA file that is named, if one is.
        var anchors: [String?: TrustAnchors] = [:]
    }

    private let systemCAFile: String
    private let additionalCAFile: String?
    private let parsed = Mutex(Parsed())

    /// - Parameters:
    ///   - systemCAFile: The system's bundle, for example from `SSL_CERT_FILE`; nil: where distributions keep it.
    ///   - additionalCAFile: A PEM file whose certificates are trusted beside the system's (`MAILKEEL_CA_FILE`).
    ///     A connection that names its own CA file trusts neither.
    package init(systemCAFile: String? = nil, additionalCAFile: String? = nil) {
        self.systemCAFile = systemCAFile ?? Self.usualBundle
        self.additionalCAFile = additionalCAFile
    }

    /// What a connection with this trust verifies against. Throws `.trustUnusable`.
    func anchors(for trust: Trust) throws(ConnectionFailure) -> TrustAnchors {
        try parsed.withLock { parsed throws(ConnectionFailure) in
            if let known = parsed.anchors[trust.caFile] { return known }
            var certificates: [Certificate] = []
            for path in paths(of: trust) { certificates += try Self.decoded(path, &parsed) }
            let anchors = TrustAnchors(certificates)
            parsed.anchors[trust.caFile] = anchors
            return anchors
        }
    }

    /// The same certificates as NIOSSL wants them. Throws `.trustUnusable`.
    func encodedAnchors(for trust: Trust) throws(ConnectionFailure) -> [NIOSSLCertificate] {
        try parsed.withLock { parsed throws(ConnectionFailure) in
            var certificates: [NIOSSLCertificate] = []
            for path in paths(of: trust) { certificates += try Self.encoded(path, &parsed) }
            return certificates
        }
    }

    private func paths(of trust: Trust) -> [String] {
        if let own = trust.caFile { return [own] }
        return [systemCAFile] + (additionalCAFile.map { [$0] } ?? [])
    }

    private static func decoded(_ path: String, _ parsed: inout Parsed) throws(ConnectionFailure) -> [Certificate] {
        if let known = parsed.decoded[path] { return known }
        // A bundle may hold old certificates that a strict parser refuses; they anchor nothing, and the rest is good.
        let certificates = try encoded(path, &parsed).compactMap { try? Certificate($0) }
        guard !certificates.isEmpty else {
            throw .trustUnusable(path: path, ForeignText("none of its certificates can be parsed"))
        }
        parsed.decoded[path] = certificates
        return certificates
    }

    private static func encoded(
        _ path: String, _ parsed: inout Parsed
    ) throws(ConnectionFailure) -> [NIOSSLCertificate] {
        if let known = parsed.encoded[path] { return known }
        guard unsafe access(path, R_OK) == 0 else {
            throw .trustUnusable(path: path, ForeignText(unsafe String(cString: strerror(errno))))
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw .trustUnusable(path: path, ForeignText("it holds no PEM certificate, or a damaged one"))
        }
        parsed.encoded[path] = certificates
        return certificates
    }

    /// Debian, Fedora, openSUSE and Alpine, in this order; Debian's when there is none, so that an error can name it.
    private static var usualBundle: String {
        let places = [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem",
        ]
        return places.first { unsafe access($0, R_OK) == 0 } ?? places[0]
    }
}

/// Certificates that end a search for a trusted issuer.
struct TrustAnchors: Sendable {
    let store: CertificateStore
    private let bySubject: [DistinguishedName: [Certificate]]

    init(_ certificates: [Certificate]) {
        store = CertificateStore(certificates)
        bySubject = Dictionary(grouping: certificates, by: \.subject)
    }

    /// Whether exactly this certificate is an anchor.
    func contains(_ certificate: Certificate) -> Bool {
        bySubject[certificate.subject]?.contains(certificate) ?? false
    }

    /// The anchors with this name.
    func named(_ subject: DistinguishedName) -> [Certificate] { bySubject[subject] ?? [] }
}

extension Certificate {
    /// The certificate as swift-certificates reads it, which is stricter than BoringSSL.
    init(_ encoded: NIOSSLCertificate) throws {
        try self.init(derEncoded: encoded.toDERBytes())
    }
}

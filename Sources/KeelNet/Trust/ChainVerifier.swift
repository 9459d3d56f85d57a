import FoundationEssentials
import KeelBase
import SwiftASN1
import X509

/// Judges the certificates that a server presents, and says exactly what is wrong with them.
///
/// NIOSSL has one error for every certificate that it refuses. Who must act differs, though: an expired certificate
/// is the server's to renew, an unknown issuer may be ours to trust, a wrong name is a mistake in a manifest.
struct ChainVerifier: Sendable {
    /// The name that was declared: a host name or an IP address literal.
    let serverName: String
    let anchors: TrustAnchors

    /// No honest server sends more, and the search for a path can grow fast with their number.
    static let presentedLimit = 12

    /// Returns if the leaf, which is first, is trusted for the server name. When several things are wrong, it throws
    /// dates first, then the issuer, then the name.
    func verify(_ presented: [Certificate]) async throws(TLSFailure) {
        guard let leaf = presented.first else { throw .handshake(ForeignText("the server presented no certificate")) }
        let others = Array(presented.dropFirst().prefix(Self.presentedLimit))
        if anchors.contains(leaf) {
            // A server certificate that is itself the anchor is trusted for what it is, even when it is not marked
            // as an authority; self-signed certificates as Debian makes them are not.
            try checkDates(of: leaf)
        } else if await !hasTrustedPath(leaf, others) {
            try explain(leaf, others)
        }
        try await checkName(of: leaf)
    }

    private func hasTrustedPath(_ leaf: Certificate, _ others: [Certificate]) async -> Bool {
        var verifier = Verifier(rootCertificates: anchors.store) {
            RFC5280Policy()
            ServerUsePolicy()
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(others)) {
        case .validCertificate: return true
        case .couldNotValidate: return false
        }
    }

    /// Says why there is no trusted path: walks from the leaf up the issuers to the first wrong date, to an issuer
    /// that nobody knows, or to an anchor, in which case something on the way is not allowed.
    private func explain(_ leaf: Certificate, _ others: [Certificate]) throws(TLSFailure) {
        var tip = leaf
        for _ in 0...others.count + 1 {
            try checkDates(of: tip)
            guard !anchors.contains(tip), tip.subject != tip.issuer, let issuer = issuer(of: tip, among: others) else {
                break
            }
            tip = issuer
        }
        guard anchors.contains(tip) else {
            throw .untrustedIssuer(issuer: ForeignText(String(describing: tip.issuer)))
        }
        guard leaf.mayServe else { throw Self.notForServers }
        throw .handshake(
            ForeignText(
                "the certificate chain breaks a rule of RFC 5280: an issuer that is no authority, a name or length "
                    + "constraint, or a critical extension that is not understood"))
    }

    /// The anchors first: they end the walk soonest, as they would end the search.
    private func issuer(of certificate: Certificate, among others: [Certificate]) -> Certificate? {
        let named = anchors.named(certificate.issuer) + others.filter { $0.subject == certificate.issuer }
        return named.first { $0.publicKey.isValidSignature(certificate.signature, for: certificate) }
    }

    private func checkDates(of certificate: Certificate) throws(TLSFailure) {
        // The library goes by the system's clock too.
        let now = SystemTimeSource().now
        let subject = ForeignText(certificate.shownSubject)
        let notBefore = Timestamp(certificate.notValidBefore)
        let notAfter = Timestamp(certificate.notValidAfter)
        if now > notAfter { throw .expired(subject: subject, notAfter: notAfter) }
        if now < notBefore { throw .notYetValid(subject: subject, notBefore: notBefore) }
    }

    /// Asks the library for the name alone, by making the leaf its own anchor (RFC 9525 section 6, RFC 5280 for IP).
    private func checkName(of leaf: Certificate) async throws(TLSFailure) {
        let isAddress = IPAddress(serverName) != nil
        var verifier = Verifier(rootCertificates: CertificateStore([leaf])) {
            ServerIdentityPolicy(
                serverHostname: isAddress ? nil : serverName, serverIP: isAddress ? serverName : nil)
            ServerUsePolicy()
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore()) {
        case .validCertificate: return
        case .couldNotValidate(let failures):
            guard leaf.mayServe else { throw Self.notForServers }
            guard !failures.isEmpty else {
                throw .handshake(ForeignText("the certificate has a critical extension that is not understood"))
            }
            throw .wrongName(expected: serverName, presented: leaf.presentedNames)
        }
    }

    private static let notForServers = TLSFailure.handshake(
        ForeignText("the certificate's extended key usage does not allow TLS servers"))
}

extension Timestamp {
    init(_ date: Date) { self.init(seconds: Int64(date.timeIntervalSince1970.rounded(.down))) }
}

import KeelBase
import KeelNet

/// The authority of one run and what it issued; its key never leaves memory.
struct SandboxCertificates {
    /// What clients must trust, as PEM.
    let authorityPEM: String
    let provider: ServerIdentity
    let imap: ServerIdentity

    /// Makes new ones, with the flaws that were ordered.
    init(_ options: SandboxOptions, now: Timestamp) throws(SandboxFailure) {
        do {
            let trusted = try CertificateAuthority(commonName: "mailkeel sandbox", now: now, validFor: 365)
            let other = try CertificateAuthority(commonName: "another authority", now: now, validFor: 365)
            func identity(
                expired: SandboxFault, wrongHost: SandboxFault, untrusted: SandboxFault
            ) throws -> ServerIdentity {
                let isExpired = options.orders(expired)
                return try (options.orders(untrusted) ? other : trusted).issue(
                    // By its other name too, so that who follows a redirect there is seen.
                    hosts: options.orders(wrongHost)
                        ? ["other.sandbox.example"] : [options.host, SandboxCertificates.otherHost],
                    notBefore: now.adding(seconds: isExpired ? -60 * Self.day : -3600),
                    notAfter: now.adding(seconds: (isExpired ? -30 : 365) * Self.day))
            }
            authorityPEM = trusted.certificatePEM
            provider = try identity(
                expired: .providerCertificateExpired, wrongHost: .providerCertificateWrongHost,
                untrusted: .providerCertificateUntrusted)
            imap = try identity(
                expired: .imapCertificateExpired, wrongHost: .imapCertificateWrongHost,
                untrusted: .imapCertificateUntrusted)
        } catch {
            throw .certificate(ForeignText("\(error)"))
        }
    }

    /// Another host than the provider's, and yet this machine.
    static let otherHost = "localhost"
    private static let day: Int64 = 86400
}

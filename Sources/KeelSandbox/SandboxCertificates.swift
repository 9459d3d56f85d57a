import KeelBase
import KeelNet

/// The authority of one run and what it issued; its key never leaves memory.
struct SandboxCertificates {
    /// What clients must trust, as PEM.
    let authorityPEM: String
    let provider: ServerIdentity
    /// One of each mail server's own, for both of its ports.
    let mail: [MailProtocol: ServerIdentity]

    /// Makes new ones, with the flaws that were ordered.
    init(_ options: SandboxOptions, now: Timestamp) throws(SandboxFailure) {
        do {
            let trusted = try CertificateAuthority(commonName: "mailkeel sandbox", now: now, validFor: 365)
            let other = try CertificateAuthority(commonName: "another authority", now: now, validFor: 365)
            func identity(
                expired: Bool, wrongHost: Bool, untrusted: Bool, selfSigned: Bool = false
            ) throws -> ServerIdentity {
                // By its other name too, so that who follows a redirect there is seen.
                let hosts = wrongHost ? ["other.sandbox.example"] : [options.host, SandboxCertificates.otherHost]
                let notBefore = now.adding(seconds: expired ? -60 * Self.day : -3600)
                let notAfter = now.adding(seconds: (expired ? -30 : 365) * Self.day)
                return selfSigned
                    ? try CertificateAuthority.selfSigned(hosts: hosts, notBefore: notBefore, notAfter: notAfter)
                    : try (untrusted ? other : trusted).issue(hosts: hosts, notBefore: notBefore, notAfter: notAfter)
            }
            authorityPEM = trusted.certificatePEM
            provider = try identity(
                expired: options.orders(.providerCertificateExpired),
                wrongHost: options.orders(.providerCertificateWrongHost),
                untrusted: options.orders(.providerCertificateUntrusted))
            var mail: [MailProtocol: ServerIdentity] = [:]
            for server in MailProtocol.allCases {
                mail[server] = try identity(
                    expired: options.orders(.mailCertificateExpired, of: server),
                    wrongHost: options.orders(.mailCertificateWrongHost, of: server),
                    untrusted: options.orders(.mailCertificateUntrusted, of: server),
                    selfSigned: options.orders(.mailCertificateSelfSigned, of: server))
            }
            self.mail = mail
        } catch {
            throw .certificate(ForeignText("\(error)"))
        }
    }

    /// Another host than the provider's, and yet this machine.
    static let otherHost = "localhost"
    private static let day: Int64 = 86400
}

import KeelBase
import SwiftASN1
import X509

/// Refuses a leaf whose extended key usage does not allow TLS servers (RFC 5280 section 4.2.1.12).
///
/// It also declares the extensions that are judged elsewhere, so that a certificate in which one of them is critical
/// is not refused by a verifier that looks at one aspect only.
struct ServerUsePolicy: VerifierPolicy, Sendable {
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.nameConstraints,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        chain.leaf.mayServe
            ? .meetsPolicy : .failsToMeetPolicy(reason: "its extended key usage does not allow TLS servers")
    }
}

extension Certificate {
    /// Whether it may identify a TLS server: it says so, or does not limit its use.
    var mayServe: Bool {
        guard let usages = try? extensions.extendedKeyUsage else {
            return extensions[oid: .X509ExtensionID.extendedKeyUsage] == nil
        }
        return usages.contains(.serverAuth) || usages.contains(.any)
    }

    /// The hosts that it names, for a person who compares.
    var presentedNames: [ForeignText] {
        guard let names = try? extensions.subjectAlternativeNames else { return [ForeignText(shownSubject)] }
        return names.compactMap { name in
            switch name {
            case .dnsName(let host): ForeignText(host)
            case .ipAddress(let octets): IPAddress(octets: octets.bytes).map { ForeignText($0.description) }
            default: nil
            }
        }
    }

    /// The subject, or the first name when there is no subject, as certificate authorities make them now.
    var shownSubject: String {
        if !subject.isEmpty { return String(describing: subject) }
        guard let names = try? extensions.subjectAlternativeNames else { return "" }
        for case .dnsName(let host) in names { return host }
        return ""
    }
}

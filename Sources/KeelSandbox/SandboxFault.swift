/// A mishap to order, by the name that `--fault NAME` takes.
///
/// Faults combine: each touches one thing, and two that touch the same one are taken in the order of this list.
package enum SandboxFault: String, Sendable, CaseIterable {
    case tokenConnectionRefused = "token-connection-refused"
    case tokenUnavailable = "token-unavailable"
    case tokenHTML = "token-html"
    case tokenSlow = "token-slow"
    case providerCertificateExpired = "provider-certificate-expired"
    case providerCertificateWrongHost = "provider-certificate-wrong-host"
    case providerCertificateUntrusted = "provider-certificate-untrusted"
    case imapClosesAfterGreeting = "imap-closes-after-greeting"
    case imapNoXOAUTH2 = "imap-no-xoauth2"
    case imapUnavailable = "imap-unavailable"
    case imapLoginRefused = "imap-login-refused"
    case imapCertificateExpired = "imap-certificate-expired"
    case imapCertificateWrongHost = "imap-certificate-wrong-host"
    case imapCertificateUntrusted = "imap-certificate-untrusted"

    /// What a client meets, in one line.
    package var summary: String {
        switch self {
        case .tokenConnectionRefused: "nothing listens where the OAuth provider should be"
        case .tokenUnavailable: "the token endpoint answers 503 with Retry-After: 7"
        case .tokenHTML: "the token endpoint answers 200 with an HTML page, as a captive portal does"
        case .tokenSlow: "the token endpoint takes a minute to answer"
        case .providerCertificateExpired: "the provider's certificate expired a month ago"
        case .providerCertificateWrongHost: "the provider's certificate names other.sandbox.example"
        case .providerCertificateUntrusted: "the provider's certificate comes from another authority than ca.pem"
        case .imapClosesAfterGreeting: "the IMAP server greets and closes the connection"
        case .imapNoXOAUTH2: "the IMAP server does not offer XOAUTH2"
        case .imapUnavailable: "the IMAP server answers every login with NO [UNAVAILABLE]"
        case .imapLoginRefused: "the IMAP server refuses every token with NO [AUTHENTICATIONFAILED]"
        case .imapCertificateExpired: "the IMAP server's certificate expired a month ago"
        case .imapCertificateWrongHost: "the IMAP server's certificate names other.sandbox.example"
        case .imapCertificateUntrusted: "the IMAP server's certificate comes from another authority than ca.pem"
        }
    }

    /// All faults as a Markdown table.
    package static var table: String {
        let rows = allCases.map { "| `\($0.rawValue)` | \($0.summary) |" }
        return (["| Fault | What a client meets |", "| --- | --- |"] + rows).joined(separator: "\n") + "\n"
    }
}

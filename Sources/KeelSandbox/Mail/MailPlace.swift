import KeelBase

/// One port of a mail server: which protocol is spoken there, and whether TLS stands from the first byte.
package struct MailPlace: Sendable, Hashable, CaseIterable {
    package let service: MailProtocol
    /// `tls`, or `starttls` for a port that begins in clear.
    package let security: ConnectionSecurity

    package init(_ service: MailProtocol, _ security: ConnectionSecurity) {
        self.service = service
        self.security = security
    }

    package static let allCases = MailProtocol.allCases.flatMap { service in
        [ConnectionSecurity.tls, .starttls].map { MailPlace(service, $0) }
    }

    /// The registered port, 18000 above: what the sandbox takes if it is free.
    package var usualPort: Int { 18000 + service.defaultPort(security) }
}

extension MailProtocol {
    /// Its name for people.
    var title: String { rawValue.uppercased() }
}

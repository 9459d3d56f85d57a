import KeelBase
import KeelDiagnostics

extension Linter {
    /// Port and security.
    func checkConnection(_ linted: LintedAccount, _ findings: inout Findings) {
        let account = linted.account
        let type = account.type
        let port = account.endpoint.port
        if account.security == .none {
            findings.add(
                .clearText, account.spec, AccountField.connectionSecurity,
                policy.allowsClearText
                    ? "credentials and mail go in clear text"
                    : "clear text needs a policy that allows it, and there is none",
                severity: policy.allowsClearText ? .warning : .error, help: "use tls or starttls")
            if policy.allowsClearText { checkClearCredential(account, &findings) }
        }
        guard let owner = MailProtocol.registered(port) else { return }
        guard owner == type else {
            return findings.add(
                .portOfOtherProtocol, account.spec, AccountField.port,
                "port \(port) is for \(owner.rawValue), and this account is \(type.rawValue)",
                help: "correct type or port, or leave out port for \(type.defaultPort(account.security))")
        }
        if linted.provider?.unansweredPorts(type).contains(port) == true {
            let host = account.endpoint.host
            findings.add(
                .portNotAnswered, account.spec, AccountField.port, "\(host) does not answer on port \(port)",
                help: "use port \(type.defaultPort(.starttls)) with connectionSecurity: starttls")
        } else if account.security != .tls, port == type.defaultPort(.tls) {
            findings.add(
                .portSecurity, account.spec, AccountField.port,
                "port \(port) speaks TLS from the first byte, not \(account.security == .none ? "in clear" : "STARTTLS")",
                help: "use connectionSecurity: tls, or port \(type.defaultPort(.starttls))")
        } else if account.security == .tls, port == type.defaultPort(.starttls) {
            findings.add(
                .portSecurity, account.spec, AccountField.port, "port \(port) begins in clear text",
                help: "use connectionSecurity: starttls, or port \(type.defaultPort(.tls))")
        } else if port == 25, account.authentication != .none {
            findings.add(
                .relayPort, account.spec, AccountField.port, "port 25 is for mail between servers",
                help: "use port 587 with starttls, or 465 with tls")
        }
    }

    /// What a policy allows to go in clear text is mail, never a token or a password.
    private func checkClearCredential(_ account: EffectiveAccount, _ findings: inout Findings) {
        switch account.authentication {
        case .none: return
        case .oauth2:
            findings.add(
                .credentialInClear, account.spec, AccountField.connectionSecurity,
                "a token would go in clear text, so no login is possible",
                help: "use tls or starttls")
        case .password:
            guard let mechanism = account.mechanism, mechanism.showsCredential else { return }
            findings.add(
                .credentialInClear, account.spec, AccountField.mechanism,
                "by \(mechanism.rawValue) the password would go in clear text, so no login is possible",
                help:
                    "use tls or starttls, or remove mechanism: one that hides the password is taken where it is offered"
            )
        }
    }

    /// Whether the server is one that the profile's tokens are for.
    func checkServer(_ linted: LintedAccount, _ findings: inout Findings) {
        guard let own = linted.profile?.provider, !linted.servers.isEmpty,
            !linted.servers.contains(where: { $0.isSame(as: own) }), let other = linted.servers.first
        else { return }
        let host = linted.account.endpoint.host
        findings.add(
            .serverOfOtherProvider, linted.spec, AccountField.server,
            other.family == own.family
                ? "\(host) is of the cloud \(other.cloudName), and the profile of \(own.cloudName)"
                : "\(host) belongs to \(other.title), and the profile to \(own.title)",
            help: "leave out server for the provider's own, or name the right profile")
    }
}

extension SASLMechanism {
    /// Whether who reads along learns the credential.
    fileprivate var showsCredential: Bool {
        switch self {
        case .xoauth2, .oauthBearer, .plain, .login: true
        case .cramMD5, .scramSHA256, .scramSHA1: false
        }
    }
}

extension MailProtocol {
    /// The protocol for which a port is registered (RFC 8314 section 7, RFC 6409, RFC 5321).
    fileprivate static func registered(_ port: Int) -> MailProtocol? {
        switch port {
        case 25, 465, 587: .smtp
        case 110, 995: .pop3
        case 143, 993: .imap
        default: nil
        }
    }
}

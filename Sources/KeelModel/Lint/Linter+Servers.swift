import KeelBase
import KeelDiagnostics

extension Linter {
    func checkServer(_ account: EffectiveAccount, _ findings: inout Findings) {
        let type = account.type
        let port = account.endpoint.port
        switch account.security {
        case .none:
            findings.add(
                .clearText, policy.allowsClearText ? .warning : .error, account.spec, AccountField.connectionSecurity,
                policy.allowsClearText
                    ? "credentials and mail go in clear text"
                    : "clear text needs a policy that allows it, and there is none",
                help: "use tls or starttls")
        case .starttls where port == type.defaultPort(.tls):
            findings.add(
                .portSecurity, .error, account.spec, AccountField.port,
                "port \(port) speaks TLS from the first byte, not STARTTLS",
                help: "use connectionSecurity: tls, or port \(type.defaultPort(.starttls))")
        case .tls where port == type.defaultPort(.starttls):
            findings.add(
                .portSecurity, .error, account.spec, AccountField.port, "port \(port) begins in clear text",
                help: "use connectionSecurity: starttls, or port \(type.defaultPort(.tls))")
        case .tls, .starttls: break
        }
    }
}

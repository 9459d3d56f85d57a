import FuzzDriver
import KeelBase
import KeelMail

/// Any bytes as an IMAP server's side of a login, of each kind.
@main
struct Main {
    static let methods: [LoginMethod] = [
        .sasl(.xoauth2), .sasl(.plain), .sasl(.login), .sasl(.cramMD5), .sasl(.scramSHA256), .command,
    ]

    static func main() {
        FuzzDriver.main { bytes in
            for method in methods {
                for security in [ConnectionSecurity.tls, .starttls] { play(bytes, method, security) }
            }
        }
    }

    private static func play(_ bytes: [UInt8], _ method: LoginMethod, _ security: ConnectionSecurity) {
        let secret = Secret(copying: "secret-for-fuzzing")
        var probe = IMAPLoginProbe(
            ProbeOrder(
                endpoint: HostPort(host: "127.0.0.1", port: 993), security: security,
                login: MailLogin(
                    userName: "user@example.test",
                    credential: method == .sasl(.xoauth2) ? .accessToken(secret) : .password(secret), method: method),
                nonce: "nonce"))
        _ = probe.start()
        // Two pieces, so that every boundary of the reader is crossed by some input.
        let half = bytes.count / 2
        _ = probe.receive(Array(bytes.prefix(half)))
        _ = probe.tlsStarted(TLSFacts(version: .tls13, chain: [], endPoint: nil))
        _ = probe.receive(Array(bytes.dropFirst(half)))
        _ = probe.receiveEnd()
        _ = probe.transcript.description
    }
}

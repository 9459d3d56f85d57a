import FuzzDriver
import KeelBase
import KeelMail

/// Any bytes as a POP3 server's side of a login. The first byte chooses how the client logs in, and whether TLS comes first.
@main
struct Main {
    static let methods: [LoginMethod] = [
        .command, .sasl(.xoauth2), .sasl(.oauthBearer), .sasl(.plain), .sasl(.login), .sasl(.cramMD5),
        .sasl(.scramSHA256), .sasl(.scramSHA1), .apop,
    ]

    static func main() {
        FuzzDriver.main { bytes in
            let choice = bytes.first ?? 0
            let said = Array(bytes.dropFirst())
            let isClear = choice & 0x10 != 0
            let start = probe(methods[Int(choice & 0x0F) % methods.count], isClear ? .starttls : .tls)
            let byLines = play(start, said.split(after: UInt8(ascii: "\n")))
            let half = said.count / 2
            let byHalves = play(start, [Array(said.prefix(half)), Array(said.dropFirst(half))])
            // Where the cuts are must change nothing, unless it is TLS that they stand before.
            precondition(isClear || byLines == byHalves, "the cuts changed the outcome")
        }
    }

    static func probe(_ method: LoginMethod, _ security: ConnectionSecurity) -> POP3Probe {
        let isBearer = method == .sasl(.xoauth2) || method == .sasl(.oauthBearer)
        let secret = Secret(copying: "secret-for-fuzzing")
        return POP3Probe(
            ProbeOrder(
                endpoint: HostPort(host: "127.0.0.1", port: 993), security: security,
                login: MailLogin(
                    userName: "user@example.test", credential: isBearer ? .accessToken(secret) : .password(secret),
                    method: method), nonce: "nonce"))
    }

    /// What comes of a conversation: all that was said, and the end.
    static func play(_ start: POP3Probe, _ pieces: [[UInt8]]) -> [String] {
        var probe = start
        var outcome: [String] = []
        func take(_ actions: [ProbeAction]) {
            for action in actions {
                precondition(outcome.last != "finished", "an action after the end")
                switch action {
                case .send(_, let shown), .farewell(_, let shown): outcome.append(shown)
                case .startTLS: take(probe.tlsStarted(TLSFacts(version: .tls13, chain: [], endPoint: nil)))
                case .finished(let result):
                    outcome.append("\(result)")
                    outcome.append("finished")
                }
            }
        }
        take(probe.start())
        for piece in pieces { take(probe.receive(piece)) }
        take(probe.receiveEnd())
        return [probe.transcript.description] + outcome
    }
}

extension [UInt8] {
    fileprivate func split(after end: UInt8) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = self[...]
        while let index = rest.firstIndex(of: end) {
            pieces.append([UInt8](rest[...index]))
            rest = rest[(index + 1)...]
        }
        return pieces + [[UInt8](rest)]
    }
}

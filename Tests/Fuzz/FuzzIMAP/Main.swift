import FuzzDriver
import KeelBase
import KeelMail

/// Any bytes as an IMAP server's side of a login.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            var probe = IMAPLoginProbe(
                userName: "user@example.test", accessToken: Secret(copying: "token-for-fuzzing"),
                endpoint: HostPort(host: "127.0.0.1", port: 993))
            _ = probe.start()
            // Two pieces, so that every boundary of the reader is crossed by some input.
            let half = bytes.count / 2
            _ = probe.receive(Array(bytes.prefix(half)))
            _ = probe.receive(Array(bytes.dropFirst(half)))
            _ = probe.receiveEnd()
            _ = probe.transcript.description
        }
    }
}

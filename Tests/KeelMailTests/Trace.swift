import KeelBase
import KeelMail
import Testing

/// A whole conversation with an IMAP server that takes a token.
struct Trace {
    static let userName = Talk.userName
    static let token = Talk.token
    static let endpoint = HostPort(host: "imap.example", port: 993)

    /// The credential's line, as it goes over the wire.
    static let credential = Talk.bearer
    /// How the credential is shown.
    static let shownCredential = "(XOAUTH2 credential, \(credential.utf8.count) bytes)"

    /// A JSON error as a challenge line.
    static func challenge(_ json: String) -> String { "+ " + Talk.base64(json) }

    /// Plays the server's lines in every way of cutting them, as `Talk` does.
    ///
    /// `ends`: the server closes the connection afterwards.
    static func play(
        _ lines: [String], ends: Bool = false, userName: String = userName, token: Secret = token,
        mechanism: SASLMechanism = .xoauth2, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Talk.Outcome {
        try play(
            Talk.bytes(lines), ends: ends, userName: userName, token: token, mechanism: mechanism,
            sourceLocation: sourceLocation)
    }

    static func play(
        _ bytes: [UInt8], ends: Bool = false, userName: String = userName, token: Secret = token,
        mechanism: SASLMechanism = .xoauth2, seeds: Range<UInt64> = 1..<13,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Talk.Outcome {
        let probe = IMAPLoginProbe(userName: userName, accessToken: token, mechanism: mechanism, endpoint: endpoint)
        return try Talk.play(probe, bytes: bytes, ends: ends, seeds: seeds, sourceLocation: sourceLocation)
    }
}

extension IMAPLoginProbe {
    /// A probe of `userName`'s mailbox with a bearer token, over a connection that is secure from the first byte.
    init(userName: String, accessToken: Secret, mechanism: SASLMechanism = .xoauth2, endpoint: HostPort) {
        let login = MailLogin(userName: userName, credential: .accessToken(accessToken), method: .sasl(mechanism))
        self.init(ProbeOrder(endpoint: endpoint, security: .tls, login: login), opensInbox: false)
    }
}

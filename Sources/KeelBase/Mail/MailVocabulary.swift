/// A protocol by which an account is reached.
package enum MailProtocol: String, Sendable, CaseIterable {
    case smtp, imap, pop3
}

/// How the connection to a mail server is secured.
package enum ConnectionSecurity: String, Sendable, CaseIterable {
    /// TLS from the first byte (RFC 8314 section 3).
    case tls
    /// TLS after a command in clear; never opportunistic.
    case starttls
    /// Clear text; only where a policy allows it.
    case none
}

/// How an account proves who it is.
package enum AuthenticationMethod: String, Sendable, CaseIterable {
    case oauth2, password, none
}

/// A SASL mechanism by its registered name.
package enum SASLMechanism: String, Sendable, CaseIterable {
    /// Google's bearer mechanism; the only one at Microsoft.
    case xoauth2 = "XOAUTH2"
    /// RFC 7628.
    case oauthBearer = "OAUTHBEARER"
    /// RFC 4616.
    case plain = "PLAIN"
    case login = "LOGIN"
    /// RFC 2195.
    case cramMD5 = "CRAM-MD5"
    /// RFC 7677.
    case scramSHA256 = "SCRAM-SHA-256"
    /// RFC 5802.
    case scramSHA1 = "SCRAM-SHA-1"
}

extension MailProtocol {
    /// The registered port for this protocol (RFC 8314 section 7, RFC 6409).
    package func defaultPort(_ security: ConnectionSecurity) -> Int {
        switch (self, security) {
        case (.imap, .tls): 993
        case (.imap, _): 143
        case (.pop3, .tls): 995
        case (.pop3, _): 110
        case (.smtp, .tls): 465
        case (.smtp, _): 587
        }
    }
}

/// How far a test of an account came, in the order in which a report shows it.
package enum ProbeStage: String, Sendable, CaseIterable, Comparable {
    /// The server's name became addresses.
    case dns
    /// One of them took the connection.
    case tcp
    /// TLS stands, and the certificate is for the declared name: from the first byte, or after STARTTLS.
    case tls
    /// The server said that it is ready.
    case greeting
    /// It told what it can do.
    case capability
    /// It took the credential.
    case auth
    /// It obeyed a command that only the account's own session is allowed.
    case proof

    package static func < (left: ProbeStage, right: ProbeStage) -> Bool { left.position < right.position }

    private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

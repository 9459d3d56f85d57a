/// Why a connection could not be made or broke.
package enum ConnectionFailure: Error, Sendable, Equatable {
    /// The name has no address, or the resolver did not answer.
    case nameNotResolved(host: String)
    /// Nobody listens there.
    case refused
    /// No route, or a network that is down.
    case unreachable
    case timedOut
    /// The peer closed or reset the connection.
    case closed
    /// The TLS handshake did not end in a verified connection.
    case tls(TLSFailure)
    /// Bytes came between the go-ahead for TLS and its handshake: an attack, or a server that breaks the rules.
    case injected(bytes: Int)
    /// The trust anchors named in a manifest or variable cannot be used.
    case trustUnusable(path: String, ForeignText)
    /// The proxy that the environment names did not lead there.
    indirect case proxy(ProxyFailure)
    /// Anything else, in the system's words.
    case other(ForeignText)
}

/// Why a TLS handshake failed.
package enum TLSFailure: Error, Sendable, Equatable {
    /// The certificate (or one of its issuers) has expired.
    case expired(subject: ForeignText, notAfter: Timestamp)
    /// The certificate (or one of its issuers) is not valid yet.
    case notYetValid(subject: ForeignText, notBefore: Timestamp)
    /// No path leads from the certificate to a trusted root.
    case untrustedIssuer(issuer: ForeignText)
    /// The certificate names other hosts.
    case wrongName(expected: String, presented: [ForeignText])
    /// The certificate is good, but its key is not the pinned one. Both are SHA-256 hashes in base 64.
    case wrongKey(pinned: String, presented: String)
    /// The peer did not speak TLS, or refused what was offered.
    case handshake(ForeignText)
}

/// Why a proxy did not lead to a server.
package struct ProxyFailure: Error, Sendable, Equatable {
    package enum Trouble: Sendable, Equatable {
        /// The variable holds no proxy that can be used; the words say why, and never what it holds.
        case unusable(String)
        /// The proxy itself was not reached.
        case unreached(ConnectionFailure)
        /// It wants a user name and a password, or others than it got.
        case authenticationWanted
        /// It does not open a way to the server.
        case refused(status: Int?)
        /// The same over SOCKS: its reply in the words of RFC 1928 section 6, or what it did instead.
        case replied(String)
        /// It tried, and did not reach the server either.
        case beyond(ConnectionFailure)
    }

    /// The variable that names the proxy: `HTTPS_PROXY`.
    package let variable: String
    /// Where the proxy is, without its credentials; nil when the variable does not say it.
    package let address: HostPort?
    package let trouble: Trouble

    package init(_ trouble: Trouble, variable: String, address: HostPort? = nil) {
        self.variable = variable
        self.address = address
        self.trouble = trouble
    }
}

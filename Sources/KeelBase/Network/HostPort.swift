/// A host and a TCP port.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
    /// A host name or an IP address literal, without brackets.
    package let host: String
    /// 1 to 65535.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, with an IPv6 literal in brackets.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether the host is a literal loopback address. A name such as `localhost` does not count: a resolver answers for it.
    package var isLoopbackLiteral: Bool { Self.isLoopbackLiteral(host) }

    /// Whether `host` is `::1` or a dotted quad in 127.0.0.0/8.
    package static func isLoopbackLiteral(_ host: String) -> Bool {
        if host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { DecimalNumber.parse(String($0), max: 255) != nil }
    }
}

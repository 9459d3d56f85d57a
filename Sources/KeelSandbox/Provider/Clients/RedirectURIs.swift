/// Which redirect URIs match a registered one.
enum RedirectURIs {
    /// Exactly the same, or, for a loopback address, the same with any port (RFC 8252 section 7.3).
    static func match(_ asked: String, _ registered: [String]) -> Bool {
        registered.contains {
            $0 == asked || (loopbackWithoutPort($0).map { $0 == loopbackWithoutPort(asked) } ?? false)
        }
    }

    /// The URI without its port; nil unless it is `http` to this machine.
    private static func loopbackWithoutPort(_ uri: String) -> String? {
        for host in ["http://127.0.0.1", "http://[::1]", "http://localhost"] where uri.hasPrefix(host) {
            var rest = uri.dropFirst(host.count)
            if rest.first == ":" { rest = rest.dropFirst().drop { $0.isASCII && $0.isNumber } }
            guard rest.isEmpty || rest.first == "/" || rest.first == "?" else { return nil }
            return host + rest
        }
        return nil
    }
}

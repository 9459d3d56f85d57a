/// The address of an OAuth endpoint: `https`, or `http` to a literal loopback address (RFC 8252 section 7.3, RFC 9700 section 2.6).
package struct EndpointURL: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Sendable { case https, http }

    /// Why a text is not an endpoint.
    package enum Fault: Error, Sendable, Equatable {
        case notAbsolute
        case unsupportedScheme
        /// `http` to anything but a literal loopback address.
        case clearText
        case missingHost
        /// Neither a host name nor an address literal; readers would disagree where credentials go.
        case badHost
        case badPort
        case userInfo
        case fragment
        case badCharacter
    }

    package let scheme: Scheme
    package let authority: HostPort
    /// Whether the port was written.
    private let hasExplicitPort: Bool
    /// Begins with `/`; never holds `?`.
    package let path: String
    /// Without `?`; nil when absent.
    package let query: String?

    package init(parsing text: String) throws(Fault) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.forbidden.contains($0) }) else {
            throw .badCharacter
        }
        guard let colon = text.firstRange(of: "://") else { throw .notAbsolute }
        guard let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased()) else { throw .unsupportedScheme }
        var rest = text[colon.upperBound...]
        guard !rest.contains("#") else { throw .fragment }
        var query: String?
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (authority, explicit) = try Self.authority(rest[..<slash], scheme)
        if scheme == .http, !authority.isLoopbackLiteral { throw .clearText }
        self.scheme = scheme
        self.authority = authority
        hasExplicitPort = explicit
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        self.query = query
    }

    private init(copying other: EndpointURL, path: String) {
        scheme = other.scheme
        authority = other.authority
        hasExplicitPort = other.hasExplicitPort
        self.path = path
        query = nil
    }

    /// The same origin with another path and no query.
    package func replacingPath(_ path: String) -> EndpointURL { EndpointURL(copying: self, path: path) }

    /// Scheme, host and port: where credentials would go. The port is left out where it is the scheme's own, so that one origin has
    /// one text (RFC 6454 section 6.2).
    package var origin: String { root + (authority.port == Self.defaultPort(scheme) ? "" : ":\(authority.port)") }

    /// As it was written: some servers compare it as text.
    package var description: String {
        root + (hasExplicitPort ? ":\(authority.port)" : "") + path + (query.map { "?\($0)" } ?? "")
    }

    private var root: String {
        "\(scheme.rawValue)://" + (authority.host.contains(":") ? "[\(authority.host)]" : authority.host)
    }

    private static func defaultPort(_ scheme: Scheme) -> Int { scheme == .https ? 443 : 80 }

    private static let forbidden: Set<UInt8> = Set("\"<>\\^`{|}".utf8)

    private static func authority(_ text: Substring, _ scheme: Scheme) throws(Fault) -> (HostPort, explicit: Bool) {
        guard !text.contains("@") else { throw .userInfo }
        var host = text
        var portText: Substring?
        let isBracketed = text.first == "["
        if isBracketed {
            guard let close = text.firstIndex(of: "]") else { throw .missingHost }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            if !after.isEmpty {
                guard after.first == ":" else { throw .badPort }
                portText = after.dropFirst()
            }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw .missingHost }
        guard isHost(host, isBracketed: isBracketed) else { throw .badHost }
        guard let portText else {
            return (HostPort(host: host.lowercased(), port: defaultPort(scheme)), false)
        }
        guard let port = DecimalNumber.parse(String(portText), max: 65535), port > 0 else { throw .badPort }
        return (HostPort(host: host.lowercased(), port: port), true)
    }

    /// In brackets stands an IPv6 address (RFC 3986 section 3.2.2), and only there; a name keeps to what DNS names hold.
    private static func isHost(_ text: Substring, isBracketed: Bool) -> Bool {
        guard isBracketed else { return text.utf8.allSatisfy { nameBytes.contains($0) } }
        return text.contains(":") && text.utf8.allSatisfy { addressBytes.contains($0) }
    }

    private static let nameBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._".utf8)
    private static let addressBytes = Set("0123456789ABCDEFabcdef:.".utf8)
}

extension EndpointURL.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAbsolute: "is not an absolute URL"
        case .unsupportedScheme: "must begin with https://"
        case .clearText: "must be https; http is allowed only to a literal loopback address such as 127.0.0.1"
        case .missingHost: "has no host"
        case .badHost: "has a host that is neither a name nor an address"
        case .badPort: "has a port that is not a number from 1 to 65535"
        case .userInfo: "must not hold a user name or password"
        case .fragment: "must not have a fragment (#...)"
        case .badCharacter: "holds a character that must be percent-encoded, or in a host name written in its xn-- form"
        }
    }
}

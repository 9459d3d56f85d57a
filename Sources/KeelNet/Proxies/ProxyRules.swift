import KeelBase

/// Which connections go through a proxy, by what curl reads in the environment. `no_proxy` or `NO_PROXY` lists the hosts that
/// need none. This machine needs none ever.
package struct ProxyRules: Sendable {
    private let proxy: Result<Proxy, ProxyFailure>?
    private let exceptions: [ProxyException]
    private let proxiesLoopback: Bool

    /// No proxy at all.
    package static let none = ProxyRules { _ in nil }

    /// The variable that is for mail servers alone.
    package static let mailVariable = "MAILKEEL_MAIL_PROXY"

    /// Takes the rules for OAuth providers from an environment: `https_proxy`, then `HTTPS_PROXY`, then `all_proxy` and
    /// `ALL_PROXY` name the proxy. `HTTP_PROXY` is not asked: endpoints are https, and http only to loopback addresses.
    ///
    /// A setting that cannot be used fails the first connection that would need it, and no other command. `proxiesLoopback`
    /// is for tests, whose servers have no other address.
    package init(proxiesLoopback: Bool = false, _ variable: @escaping (_ name: String) -> Secret?) {
        let environment = ProxyEnvironment(variable)
        proxy = environment.proxy("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        exceptions = environment.exceptions
        self.proxiesLoopback = proxiesLoopback
    }

    /// Takes the rules for mail servers from an environment: `MAILKEEL_MAIL_PROXY` over all else, also over `NO_PROXY`, with
    /// `none` for no proxy; without it `all_proxy` or `ALL_PROXY`.
    ///
    /// `HTTPS_PROXY` is meant for HTTP, and leads no mail anywhere.
    package static func mail(proxiesLoopback: Bool = false, _ variable: @escaping (_ name: String) -> Secret?)
        -> ProxyRules
    {
        let environment = ProxyEnvironment(variable)
        if let own = environment.first(mailVariable) {
            let isNone = own.value.matches(Secret(copying: "none"))
            return ProxyRules(isNone ? nil : environment.proxy(mailVariable), [], proxiesLoopback)
        }
        return ProxyRules(environment.proxy("all_proxy", "ALL_PROXY"), environment.exceptions, proxiesLoopback)
    }

    private init(_ proxy: Result<Proxy, ProxyFailure>?, _ exceptions: [ProxyException], _ proxiesLoopback: Bool) {
        self.proxy = proxy
        self.exceptions = exceptions
        self.proxiesLoopback = proxiesLoopback
    }

    /// The proxy for a connection to this endpoint; nil for a direct one.
    package func proxy(for endpoint: HostPort) throws(ProxyFailure) -> Proxy? {
        guard let proxy, proxiesLoopback || !Self.isLoopback(endpoint.host) else { return nil }
        guard !exceptions.contains(where: { $0.covers(endpoint) }) else { return nil }
        return try proxy.get()
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        return HostPort.isLoopbackLiteral(name) || name == "localhost" || name.hasSuffix(".localhost")
    }
}

/// What an environment says of proxies.
private struct ProxyEnvironment {
    private let variable: (_ name: String) -> Secret?

    init(_ variable: @escaping (_ name: String) -> Secret?) { self.variable = variable }

    /// The first of these variables that is set; an empty one is not.
    func first(_ names: String...) -> (name: String, value: Secret)? { first(of: names) }

    func proxy(_ names: String...) -> Result<Proxy, ProxyFailure>? {
        first(of: names).map { name, value in
            Result { () throws(ProxyFailure) in try Proxy(parsing: value, variable: name) }
        }
    }

    var exceptions: [ProxyException] {
        first("no_proxy", "NO_PROXY").map { ProxyException.list($0.value.revealText()) } ?? []
    }

    private func first(of names: [String]) -> (name: String, value: Secret)? {
        for name in names {
            if let value = variable(name), !value.isEmpty { return (name, value) }
        }
        return nil
    }
}

/// One entry of `NO_PROXY`.
enum ProxyException: Equatable {
    case everything
    /// This name and all below it.
    case domain(String, port: Int?)
    /// The addresses that begin with these bits.
    case network(IPAddress, bits: Int, port: Int?)

    /// The entries of a list with commas or blanks; what cannot be read covers nothing.
    static func list(_ text: String) -> [ProxyException] {
        text.split { $0 == "," || $0 == " " || $0 == "\t" }.compactMap { ProxyException(String($0).lowercased()) }
    }

    private init?(_ entry: String) {
        if entry == "*" {
            self = .everything
            return
        }
        if let slash = entry.lastIndex(of: "/") {
            guard let address = IPAddress(Self.bare(String(entry[..<slash]))),
                let bits = DecimalNumber.parse(
                    String(entry[entry.index(after: slash)...]), max: address.octets.count * 8)
            else { return nil }
            self = .network(address, bits: bits, port: nil)
            return
        }
        let (host, port) = Self.split(entry)
        if let address = IPAddress(Self.bare(host)) {
            self = .network(address, bits: address.octets.count * 8, port: port)
            return
        }
        let name = Self.withoutDots(host.hasPrefix("*.") ? String(host.dropFirst(2)) : host)
        guard !name.isEmpty else { return nil }
        self = .domain(name, port: port)
    }

    func covers(_ endpoint: HostPort) -> Bool {
        switch self {
        case .everything: return true
        case .domain(let name, let port):
            let host = Self.withoutDots(endpoint.host.lowercased())
            return (port ?? endpoint.port) == endpoint.port && (host == name || host.hasSuffix("." + name))
        case .network(let network, let bits, let port):
            guard (port ?? endpoint.port) == endpoint.port, let address = IPAddress(endpoint.host),
                address.octets.count == network.octets.count
            else { return false }
            return zip(address.octets, network.octets).enumerated().allSatisfy { index, pair in
                let kept = min(max(bits - index * 8, 0), 8)
                return (pair.0 ^ pair.1) >> (8 - kept) == 0
            }
        }
    }

    /// Name and port of `host:port`; an IPv6 literal has a port only behind brackets.
    private static func split(_ entry: String) -> (host: String, port: Int?) {
        let isBracketed = entry.hasPrefix("[")
        guard let colon = entry.lastIndex(of: ":"),
            isBracketed ? entry[..<colon].hasSuffix("]") : entry.firstIndex(of: ":") == colon,
            let port = DecimalNumber.parse(String(entry[entry.index(after: colon)...]), max: 65535)
        else { return (entry, nil) }
        return (String(entry[..<colon]), port)
    }

    private static func bare(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    private static func withoutDots(_ host: String) -> String {
        let start = host.hasPrefix(".") ? host.dropFirst() : host[...]
        return String(start.hasSuffix(".") ? start.dropLast() : start)
    }
}

import KeelBase

/// A proxy that opens ways to endpoints, and sees of what goes through no more than anybody else.
package struct Proxy: Sendable {
    /// How it is asked.
    package enum Scheme: Sendable {
        /// CONNECT over HTTP (RFC 9110 section 9.3.6).
        case http
        /// SOCKS 5 (RFC 1928), where the proxy resolves the name.
        case socks5
    }

    /// A user name and a password, in the bytes that the percent-encoding stands for.
    package struct Credentials: Sendable {
        package let userName: Secret
        package let password: Secret

        package init(userName: Secret, password: Secret) {
            self.userName = userName
            self.password = password
        }

        /// What follows `Basic` in a header (RFC 7617 section 2).
        var basic: Secret {
            Secret(copying: Base64.encode(userName.reveal() + [UInt8(ascii: ":")] + password.reveal()))
        }
    }

    package let scheme: Scheme
    package let address: HostPort
    package let credentials: Credentials?
    /// The variable that names it.
    package let variable: String

    /// curl's, for a proxy without one.
    private static let defaultPort = 1080

    /// Reads `http://USER:PASSWORD@HOST:PORT`, of which all but the host may be left out, as curl does; `socks5://` and
    /// `socks5h://` stand for the same here.
    ///
    /// The fault never holds a part of the value: it may be a password.
    init(parsing value: Secret, variable: String) throws(ProxyFailure) {
        func fault(_ reason: String) -> ProxyFailure { ProxyFailure(.unusable(reason), variable: variable) }
        var scheme = Scheme.http
        var rest = value.revealText()[...]
        if let mark = rest.firstRange(of: "://") {
            let name = rest[..<mark.lowerBound].lowercased()
            guard let known = Self.schemes[name] else {
                throw fault(
                    Self.otherSchemes.contains(name)
                        ? "proxies over \(name) are not supported" : "what stands before :// is not http or socks5")
            }
            scheme = known
            rest = rest[mark.upperBound...]
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var credentials: Credentials?
        if let at = rest.lastIndex(of: "@") {
            guard let pair = Self.credentials(rest[..<at]) else {
                throw fault("its user name or password is not percent-encoded")
            }
            // RFC 1929 has one byte for each length.
            guard scheme == .http || (1...255).contains(pair.userName.count) && pair.password.count <= 255 else {
                throw fault("over SOCKS a user name has 1 to 255 bytes, and a password no more")
            }
            credentials = pair
            rest = rest[rest.index(after: at)...]
        }
        guard rest.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw fault("its host is an international name, which has to be in its xn-- form")
        }
        guard let address = Self.address(rest) else { throw fault("its host or port is missing or malformed") }
        self.scheme = scheme
        self.address = address
        self.credentials = credentials
        self.variable = variable
    }

    private static let schemes: [String: Scheme] = ["http": .http, "socks5": .socks5, "socks5h": .socks5]
    private static let otherSchemes: Set<String> = ["https", "socks", "socks4", "socks4a"]

    /// `USER:PASSWORD`, each decoded by itself; without the colon there is no password.
    private static func credentials(_ text: Substring) -> Credentials? {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        guard let userName = decoded(text[..<colon]), let password = decoded(text[colon...].dropFirst()) else {
            return nil
        }
        return Credentials(userName: Secret(copying: userName), password: Secret(copying: password))
    }

    private static func decoded(_ text: Substring) -> [UInt8]? {
        var decoded: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard bytes.count >= 2, let octet = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16)
            else {
                return nil
            }
            decoded.append(octet)
            bytes = bytes.dropFirst(2)
        }
        return decoded
    }

    private static func address(_ text: Substring) -> HostPort? {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let isHost = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":")].contains(byte)
        }
        guard !host.isEmpty, isHost else { return nil }
        guard let port else { return HostPort(host: String(host), port: defaultPort) }
        guard let number = DecimalNumber.parse(String(port), max: 65535), number > 0 else { return nil }
        return HostPort(host: String(host), port: number)
    }
}

extension Proxy {
    /// A failure of this proxy.
    func failure(_ trouble: ProxyFailure.Trouble) -> ConnectionFailure {
        .proxy(ProxyFailure(trouble, variable: variable, address: address))
    }
}

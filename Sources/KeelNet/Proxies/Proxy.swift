import KeelBase

/// An HTTP proxy that opens tunnels with CONNECT (RFC 9110 section 9.3.6).
package struct Proxy: Sendable {
    package let address: HostPort
    /// What goes into `Proxy-Authorization` after `Basic`: base64 of user name and password.
    package let credentials: Secret?
    /// The variable that names it.
    package let variable: String

    /// curl's, for a proxy without one.
    private static let defaultPort = 1080

    /// Reads `http://USER:PASSWORD@HOST:PORT`, of which all but the host may be left out, as curl does.
    ///
    /// The fault never holds a part of the value: it may be a password.
    init(parsing value: Secret, variable: String) throws(ProxyFailure) {
        func fault(_ reason: String) -> ProxyFailure { ProxyFailure(.unusable(reason), variable: variable) }
        var rest = value.revealText()[...]
        if let mark = rest.firstRange(of: "://") {
            let scheme = rest[..<mark.lowerBound].lowercased()
            guard scheme == "http" else {
                throw fault(
                    Self.otherSchemes.contains(scheme)
                        ? "proxies over \(scheme) are not supported" : "what stands before :// is not http")
            }
            rest = rest[mark.upperBound...]
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var credentials: Secret?
        if let at = rest.lastIndex(of: "@") {
            guard let pair = Self.pair(rest[..<at]) else {
                throw fault("its user name or password is not percent-encoded")
            }
            credentials = Secret(copying: Base64.encode(pair))
            rest = rest[rest.index(after: at)...]
        }
        guard let address = Self.address(rest) else { throw fault("its host or port is missing or malformed") }
        self.address = address
        self.credentials = credentials
        self.variable = variable
    }

    private static let otherSchemes: Set<String> = ["https", "socks", "socks4", "socks4a", "socks5", "socks5h"]

    /// `USER:PASSWORD` in bytes, each decoded by itself.
    private static func pair(_ text: Substring) -> [UInt8]? {
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
        return decoded.contains(UInt8(ascii: ":")) ? decoded : decoded + [UInt8(ascii: ":")]
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

import KeelBase

/// Where the browser is sent with the code (RFC 6749 section 3.1.2): a loopback address on which we can listen
/// (RFC 8252 section 7.3), or anything else, and then the address has to be copied by hand.
package struct RedirectURI: Sendable, Hashable, CustomStringConvertible {
    /// What we listen on.
    package struct Listener: Sendable, Hashable {
        /// `127.0.0.1`, `::1` or another loopback literal; or `localhost`, which a browser takes for either.
        package let host: String
        /// Nil: any free port (RFC 8252 section 7.3).
        package let port: Int?
        /// Begins with `/`.
        package let path: String

        package init(host: String, port: Int?, path: String) {
            self.host = host
            self.port = port
            self.path = path
        }
    }

    /// Why a text is no redirect URI.
    package enum Fault: Error, Sendable, Equatable {
        case badCharacter
        case notAbsolute
        case missingHost
        case badPort
        case userInfo
        /// RFC 6749 section 3.1.2 forbids it.
        case fragment
        /// `urn:ietf:wg:oauth:2.0:oob`: the page would show a bare code.
        case outOfBand
    }

    /// Nil when nobody here can listen on it: only pasting works.
    package let listener: Listener?
    /// What stands before and after the place of the port.
    private let head: String
    private let tail: String
    private let port: Int?

    /// What is used where a manifest says nothing: `http://127.0.0.1`, to be registered without a port and without a slash.
    /// Providers that follow RFC 8252 section 7.3 take any port there.
    package static let standard = RedirectURI(
        listener: Listener(host: "127.0.0.1", port: nil, path: "/"), head: "http://127.0.0.1", tail: "", port: nil)

    /// To the letter as it is registered and sent, for some providers compare so; without a port while none is chosen.
    package var description: String { head + (port.map { ":\($0)" } ?? "") + tail }

    private init(listener: Listener?, head: String, tail: String, port: Int?) {
        self.listener = listener
        self.head = head
        self.tail = tail
        self.port = port
    }

    /// As a manifest declares it, else the usual one.
    package init(declared text: String?) throws(Fault) {
        guard let text else {
            self = .standard
            return
        }
        try self.init(parsing: text)
    }

    package init(parsing text: String) throws(Fault) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.forbidden.contains($0) }) else {
            throw .badCharacter
        }
        guard !text.contains("#") else { throw .fragment }
        guard !text.lowercased().hasPrefix("urn:ietf:wg:oauth:2.0:oob") else { throw .outOfBand }
        guard let colon = text.firstIndex(of: ":"), Self.isScheme(text[..<colon]) else { throw .notAbsolute }
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else {
            // A scheme of an application (RFC 8252 section 7.1).
            self.init(listener: nil, head: text, tail: "", port: nil)
            return
        }
        guard text[colon...].hasPrefix("://") else { throw .notAbsolute }
        let rest = text[text.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let (host, port) = try Self.authority(rest[..<end])
        let tail = rest[end...]
        let path = tail.prefix { $0 != "?" }
        guard scheme == "http", host == "localhost" || HostPort.isLoopbackLiteral(host) else {
            self.init(listener: nil, head: text, tail: "", port: nil)
            return
        }
        let head = rest[..<end].lastIndex { $0 == ":" }.flatMap { rest[$0..<end].contains("]") ? nil : $0 } ?? end
        self.init(
            listener: Listener(host: host, port: port, path: path.isEmpty ? "/" : String(path)),
            head: String(text[..<head]), tail: String(tail), port: port)
    }

    /// The same with the port on which we listen; unchanged where nobody listens.
    package func listening(on port: Int) -> RedirectURI {
        guard let listener else { return self }
        let bound = Listener(host: listener.host, port: port, path: listener.path)
        return RedirectURI(listener: bound, head: head, tail: tail, port: port)
    }

    /// The port is nil when absent or 0, which is how a system asks for any.
    private static func authority(_ text: Substring) throws(Fault) -> (host: String, port: Int?) {
        guard !text.contains("@") else { throw .userInfo }
        var host = text
        var portText: Substring?
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { throw .missingHost }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.first == ":" else { throw .badPort }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, host.contains(":") == (text.first == "[") else { throw .missingHost }
        guard let portText else { return (host.lowercased(), nil) }
        guard let port = DecimalNumber.parse(String(portText), max: 65535) else { throw .badPort }
        return (host.lowercased(), port == 0 ? nil : port)
    }

    /// RFC 3986 section 3.1.
    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || schemeBytes.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static let schemeBytes = Set("0123456789+-.".utf8)
    private static let forbidden: Set<UInt8> = Set("\"<>\\^`{|}".utf8)
}

extension RedirectURI.Listener {
    /// Whether a request is for this address. Its `Host` must be a loopback name with our port: a page elsewhere can make a
    /// browser ask us under a name of its own.
    package func takes(path: String, host: String?) -> Bool {
        guard path == self.path || (path.isEmpty && self.path == "/"), let host else { return false }
        let name = host.lowercased()
        let suffix = port.map { ":\($0)" } ?? ""
        guard name.hasSuffix(suffix) else { return port == 80 && Self.isHere(name) }
        return Self.isHere(String(name.dropLast(suffix.utf8.count)))
    }

    private static func isHere(_ name: String) -> Bool {
        name == "localhost" || name == "[::1]" || (name != "::1" && HostPort.isLoopbackLiteral(name))
    }
}

extension RedirectURI.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badCharacter: "holds a character that must be percent-encoded"
        case .notAbsolute: "is not an absolute address"
        case .missingHost: "has no host"
        case .badPort: "has a port that is not a number up to 65535"
        case .userInfo: "must not hold a user name or password"
        case .fragment: "must not have a fragment (#...)"
        case .outOfBand: "makes the provider show a bare code, which proves nothing; providers have ended it"
        }
    }
}

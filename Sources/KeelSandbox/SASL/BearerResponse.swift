import KeelBase

/// What a client says with a token, in the mechanism's own form.
struct BearerResponse {
    let mailbox: String
    let token: Secret
    /// The server that the token is shown to, as the client sees it; nil where it does not say.
    var host: String?
    var port: String?

    /// Reads XOAUTH2: `user=` name, 0x01, `auth=Bearer ` token, 0x01, 0x01; nil if it has another form.
    init?(xoauth2 bytes: [UInt8]) {
        let parts = bytes.split(separator: 1, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].isEmpty, parts[3].isEmpty,
            parts[0].starts(with: "user=".utf8),
            let mailbox = String(validating: parts[0].dropFirst(5), as: UTF8.self), !mailbox.isEmpty,
            parts[1].starts(with: "auth=".utf8), let token = Self.token(parts[1].dropFirst(5))
        else { return nil }
        self.mailbox = mailbox
        self.token = token
    }

    /// Reads OAUTHBEARER (RFC 7628 section 3.1): `n,a=` name `,`, then `key=value` pairs, each after 0x01.
    init?(oauthBearer bytes: [UInt8]) {
        let parts = bytes.split(separator: 1, omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 1].isEmpty, parts[parts.count - 2].isEmpty,
            let header = String(validating: parts[0], as: UTF8.self)
        else { return nil }
        // The mechanism has no channel binding.
        let fields = header.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0] == "n" || fields[0] == "y", fields[2].isEmpty, fields[1].hasPrefix("a="),
            let mailbox = GS2Name.decode(fields[1].dropFirst(2)), !mailbox.isEmpty
        else { return nil }
        var token: Secret?
        for part in parts[1..<(parts.count - 2)] {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let value = part[part.index(after: equals)...]
            switch String(decoding: part[..<equals], as: UTF8.self) {
            case "auth": token = Self.token(value)
            case "host": host = String(decoding: value, as: UTF8.self)
            case "port": port = String(decoding: value, as: UTF8.self)
            default: break
            }
        }
        guard let token else { return nil }
        self.mailbox = mailbox
        self.token = token
    }

    /// What follows `Bearer `.
    private static func token(_ credentials: ArraySlice<UInt8>) -> Secret? {
        let scheme = credentials.prefix { $0 != UInt8(ascii: " ") }
        let token = credentials.dropFirst(scheme.count + 1)
        guard String(decoding: scheme, as: UTF8.self).lowercased() == "bearer", !token.isEmpty else { return nil }
        return Secret(copying: Array(token))
    }
}

/// Names as GS2 headers and SCRAM carry them: `,` is `=2C` and `=` is `=3D` (RFC 5801 section 4).
enum GS2Name {
    /// Nil for a `=` that begins neither.
    static func decode(_ text: Substring) -> String? {
        var output = ""
        var rest = text
        while let character = rest.popFirst() {
            guard character == "=" else {
                output.append(character)
                continue
            }
            switch rest.prefix(2) {
            case "2C": output.append(",")
            case "3D": output.append("=")
            default: return nil
            }
            rest = rest.dropFirst(2)
        }
        return output
    }
}

import KeelBase

/// What a client says in XOAUTH2: `user=` name, 0x01, `auth=Bearer ` token, 0x01, 0x01.
struct XOAUTH2Response {
    let mailbox: String
    let token: Secret

    /// Reads the decoded response; nil if it has another form.
    init?(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: 1, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].isEmpty, parts[3].isEmpty,
            parts[0].starts(with: "user=".utf8),
            let mailbox = String(validating: parts[0].dropFirst(5), as: UTF8.self), !mailbox.isEmpty,
            parts[1].starts(with: "auth=".utf8)
        else { return nil }
        let credentials = parts[1].dropFirst(5)
        let scheme = credentials.prefix { $0 != UInt8(ascii: " ") }
        let token = credentials.dropFirst(scheme.count + 1)
        guard String(decoding: scheme, as: UTF8.self).lowercased() == "bearer", !token.isEmpty else { return nil }
        self.mailbox = mailbox
        self.token = Secret(copying: Array(token))
    }
}

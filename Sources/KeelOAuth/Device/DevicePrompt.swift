import KeelBase

/// What a person needs to consent on another device (RFC 8628 section 3.3). The code is for that person alone, and works
/// once: it belongs on a terminal and in no log.
package struct DevicePrompt: Sendable, Hashable {
    /// What to type there, as the provider wrote it.
    package let userCode: String
    /// Where to type it.
    package let verificationURI: String
    /// The same with the code in it, for a link or a picture; nil where the provider has none.
    package let verificationURIComplete: String?
    package let expiresAt: Timestamp

    package init(
        userCode: String, verificationURI: String, verificationURIComplete: String?, expiresAt: Timestamp
    ) {
        self.userCode = userCode
        self.verificationURI = verificationURI
        self.verificationURIComplete = verificationURIComplete
        self.expiresAt = expiresAt
    }

    /// The text if a person can type it: a foreign text that cleaning would change is not what the provider wants typed.
    static func typeable(_ text: String) -> String? {
        text.unicodeScalars.count <= 64 && ForeignText(text).text == text ? text : nil
    }

    /// The text if it is an address for a browser: http or https, nothing before the host, short enough to be shown whole.
    static func webAddress(_ text: String) -> String? {
        guard text.utf8.count <= ForeignText.limit, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let host = host(text), !host.isEmpty, !host.contains("@")
        else { return nil }
        return text
    }

    /// Host and port.
    static func host(_ address: String) -> String? {
        let lowercased = address.lowercased()
        guard let scheme = ["https://", "http://"].first(where: { lowercased.hasPrefix($0) }) else { return nil }
        return String(
            lowercased.dropFirst(scheme.utf8.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != "\\" })
    }
}

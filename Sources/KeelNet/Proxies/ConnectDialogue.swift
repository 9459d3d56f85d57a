import KeelBase

/// CONNECT over HTTP/1.1 (RFC 9110 section 9.3.6).
package struct ConnectDialogue: TunnelDialogue {
    private let endpoint: HostPort
    private let credentials: Proxy.Credentials?
    private var head: [UInt8] = []
    /// The longest head of an answer that is read, in bytes.
    private static let limit = 16 << 10

    package init(to endpoint: HostPort, credentials: Proxy.Credentials? = nil) {
        self.endpoint = endpoint
        self.credentials = credentials
    }

    package func begin() -> [UInt8] {
        var request = "CONNECT \(endpoint) HTTP/1.1\r\nHost: \(endpoint)\r\n"
        if let credentials { request += "Proxy-Authorization: Basic \(credentials.basic.revealText())\r\n" }
        return Array((request + "\r\n").utf8)
    }

    package mutating func receive(_ bytes: [UInt8]) -> TunnelStep {
        // An end may begin in what was there before.
        let unread = max(0, head.count - 3)
        head += bytes
        guard let end = head[unread...].firstRange(of: Array("\r\n\r\n".utf8)) else {
            return head.count > Self.limit ? .fail(.refused(status: nil)) : .wait
        }
        let status = Self.status(head)
        return switch status {
        case 200..<300: .open(rest: Array(head[end.upperBound...]))
        case 407: .fail(.authenticationWanted)
        default: .fail(.refused(status: status == 0 ? nil : status))
        }
    }

    package var hangUp: ProxyFailure.Trouble { .replied("by hanging up") }

    /// The status of `HTTP/1.1 200 OK`; 0 for anything else.
    private static func status(_ head: [UInt8]) -> Int {
        let words = String(decoding: head.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self).split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3 else { return 0 }
        return DecimalNumber.parse(String(words[1])) ?? 0
    }
}

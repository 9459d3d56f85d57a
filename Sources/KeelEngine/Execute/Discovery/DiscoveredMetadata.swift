import KeelBase
import KeelOAuth

/// An issuer's metadata as it was found.
package struct DiscoveredMetadata: Sendable {
    package let metadata: AuthorizationServerMetadata
    /// Exactly what the issuer sent.
    let document: Secret
    /// How long it holds, in seconds; nil: it is not to be kept.
    let lifetime: Int64?

    /// What holds for an issuer that says nothing: RFC 8414 names no time.
    static let usualLifetime: Int64 = 3600
    /// The longest that is believed: an endpoint that moved must not be asked for longer.
    static let longestLifetime: Int64 = 86_400

    init(_ metadata: AuthorizationServerMetadata, _ response: HTTPResponse) {
        self.metadata = metadata
        document = response.body
        lifetime = Self.lifetime(response.header("Cache-Control") ?? "")
    }

    /// Reads `Cache-Control` (RFC 9111 section 5.2.2).
    static func lifetime(_ header: String) -> Int64? {
        var seconds = usualLifetime
        for directive in header.lowercased().split(separator: ",") {
            let parts = directive.split(separator: "=", maxSplits: 1).map { part in
                String(part.filter { $0 != " " && $0 != "\"" && $0 != "\t" })
            }
            switch parts.first {
            case "no-store", "no-cache": return nil
            case "max-age":
                guard let stated = parts.dropFirst().first.flatMap({ DecimalNumber.parse($0) }) else { return nil }
                seconds = min(Int64(stated), longestLifetime)
            default: break
            }
        }
        return seconds > 0 ? seconds : nil
    }
}

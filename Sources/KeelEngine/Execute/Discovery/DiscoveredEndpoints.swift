import KeelBase
import KeelOAuth

/// Which of the endpoints that an issuer's metadata names may be used.
///
/// Credentials go there. A document that is wrong or forged could send them anywhere, so what is neither on the issuer's site
/// nor on a host that the manifest lists is named, and not used.
package struct DiscoveredEndpoints: Sendable {
    /// What the manifest lists, filled with what is discovered and may be used.
    package let usable: ProviderEndpoints
    /// What is not used, because nobody listed it: by its name in `ProviderEndpoints.named`.
    package let offSite: [String: EndpointURL]

    package init(_ metadata: AuthorizationServerMetadata, listed: ProviderEndpoints) {
        let hosts = Set(listed.named.map(\.url.authority.host))
        let foreign = Set(metadata.offSite)
        var usable: [String: EndpointURL] = [:]
        var offSite: [String: EndpointURL] = [:]
        for (name, url) in metadata.endpoints.named {
            if foreign.contains(name), !hosts.contains(url.authority.host) {
                offSite[name] = url
            } else {
                usable[name] = url
            }
        }
        self.usable = listed.filled(from: ProviderEndpoints(named: usable))
        self.offSite = offSite
    }
}

import KeelBase

/// What an authorization server says of itself (RFC 8414 section 2), as far as it is used here.
package struct AuthorizationServerMetadata: Sendable, Hashable {
    /// Exactly as the server wrote it, and as it was asked for.
    package let issuer: String
    /// What the server has of them; the token endpoint is among them.
    package let endpoints: ProviderEndpoints
    package let tokenEndpoint: EndpointURL
    package let jwksURI: EndpointURL?
    /// Nil when the server does not say.
    package let grantTypesSupported: [String]?
    /// Nil when the server does not say, which means `client_secret_basic` (RFC 8414 section 2).
    package let tokenEndpointAuthMethodsSupported: [String]?
    /// Nil when the server does not say, which means that it has no PKCE (RFC 8414 section 2), or that it is old.
    package let codeChallengeMethodsSupported: [String]?
    /// Whether an answer without `iss` is not this server's (RFC 9207 section 3).
    package let announcesIssuer: Bool

    /// The names of endpoints that are not on the issuer's site: on another host, and on no subdomain of its host.
    ///
    /// A document that is wrong or forged could send credentials anywhere, so these have to stand in the manifest too.
    /// Names are those of `ProviderEndpoints.named`.
    package var offSite: [String] {
        // The issuer was read as a URL before it was asked.
        guard let site = (try? EndpointURL(parsing: issuer))?.authority.host else { return endpoints.named.map(\.name) }
        return endpoints.named.filter { !Self.isHost($0.url.authority.host, onSite: site) }.map(\.name)
    }

    private static func isHost(_ host: String, onSite site: String) -> Bool {
        host == site || (host.hasSuffix("." + site) && !HostPort.isLoopbackLiteral(host))
    }

    /// How a client should authenticate when nobody chose a method; nil when the server takes none that fits.
    ///
    /// Basic before post: the body is the method to avoid (RFC 6749 section 2.3.1).
    package func authenticationMethod(hasSecret: Bool) -> ClientAuthenticationMethod? {
        guard hasSecret else { return ClientAuthenticationMethod.none }
        guard let supported = tokenEndpointAuthMethodsSupported else { return .basic }
        return [.basic, .post].first { supported.contains($0.rawValue) }
    }
}

extension AuthorizationServerMetadata {
    /// Why a document cannot be used.
    enum Fault: Error {
        case issuerMissing
        case issuerMismatch(ForeignText)
        case tokenEndpointMissing
        case tokenEndpointUnusable(EndpointURL.Fault)
    }

    /// Reads a document that was asked for under `issuer`. An optional endpoint that cannot be used counts as absent.
    init(_ fields: JSONFields, issuer: String) throws(Fault) {
        guard let named = fields.text("issuer") else { throw .issuerMissing }
        // Code point by code point (RFC 8414 section 3.3); `==` on strings would take canonical equivalents.
        guard named.utf8.elementsEqual(issuer.utf8) else { throw .issuerMismatch(ForeignText(named)) }
        guard let token = fields.text("token_endpoint") else { throw .tokenEndpointMissing }
        do {
            tokenEndpoint = try Self.endpoint(token, issuer)
        } catch {
            throw .tokenEndpointUnusable(error)
        }
        func optional(_ name: String) -> EndpointURL? { fields.text(name).flatMap { try? Self.endpoint($0, issuer) } }
        self.issuer = named
        endpoints = ProviderEndpoints(
            authorization: optional("authorization_endpoint"), token: tokenEndpoint,
            deviceAuthorization: optional("device_authorization_endpoint"),
            revocation: optional("revocation_endpoint"), introspection: optional("introspection_endpoint"),
            userinfo: optional("userinfo_endpoint"),
            pushedAuthorization: optional("pushed_authorization_request_endpoint"))
        jwksURI = optional("jwks_uri")
        codeChallengeMethodsSupported = fields.list("code_challenge_methods_supported")
        announcesIssuer = fields.flag("authorization_response_iss_parameter_supported") ?? false
        grantTypesSupported = fields.list("grant_types_supported")
        tokenEndpointAuthMethodsSupported = fields.list("token_endpoint_auth_methods_supported")
    }

    /// An issuer behind TLS must not send credentials to a loopback address in clear.
    private static func endpoint(_ text: String, _ issuer: String) throws(EndpointURL.Fault) -> EndpointURL {
        let endpoint = try EndpointURL(parsing: text)
        guard endpoint.scheme == .https || issuer.lowercased().hasPrefix("http://") else { throw .clearText }
        return endpoint
    }
}

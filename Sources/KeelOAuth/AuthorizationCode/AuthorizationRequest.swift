import KeelBase

/// What is asked of the authorization endpoint (RFC 6749 section 4.1.1).
package struct AuthorizationRequest: Sendable {
    package let endpoint: EndpointURL
    package let clientID: String
    /// With the port on which we listen.
    package let redirectURI: RedirectURI
    package let scopes: [String]
    /// Who is expected to consent; the page then offers that account first.
    package let loginHint: String?
    package let additional: TokenRequest.Additional
    /// The issuer that must answer; nil where none is known.
    package let issuer: String?
    /// Whether that issuer announces that it names itself in each answer (RFC 9207 section 3).
    package let announcesIssuer: Bool

    package init(
        endpoint: EndpointURL, clientID: String, redirectURI: RedirectURI, scopes: [String], loginHint: String? = nil,
        additional: TokenRequest.Additional = [], issuer: String? = nil, announcesIssuer: Bool = false
    ) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.loginHint = loginHint
        self.additional = AuthorizationParameters.forAuthorization(additional)
        // Microsoft's metadata for any tenant hold a place for its id there: nobody who answers has that name.
        self.issuer = issuer.flatMap { $0.contains("{tenantid}") ? nil : $0 }
        self.announcesIssuer = announcesIssuer
    }

    /// Whether an ID token is asked for (OpenID Connect Core section 3.1.2.1).
    package var asksForIdentity: Bool { scopes.contains("openid") }

    /// The parameters, but the client's id, which some requests send with its authentication.
    func parameters(_ proof: ProofKey, state: Secret, nonce: Secret?) -> FormEncoding {
        var form = FormEncoding()
        form.add("response_type", "code")
        form.add("redirect_uri", redirectURI.description)
        form.add(scopes: scopes)
        form.add("state", state)
        if let nonce { form.add("nonce", nonce) }
        form.add("code_challenge", proof.challenge)
        form.add("code_challenge_method", "S256")
        // A manifest's own hint wins, and an empty one sends none.
        if let own = additional.first(where: { $0.name == "login_hint" }) {
            if !own.value.isEmpty { form.add("login_hint", own.value) }
        } else if let loginHint {
            form.add("login_hint", loginHint)
        }
        for (name, value) in additional where name != "login_hint" { form.add(name, value) }
        return form
    }
}

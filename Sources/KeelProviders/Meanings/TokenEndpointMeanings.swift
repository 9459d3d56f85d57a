import KeelBase

extension Meaning {
    /// The meaning of an `error` code of a token endpoint (RFC 6749 section 5.2).
    ///
    /// `code` is the `error` member, or a code of ours for an answer that had none. `detail` is a provider's finer code such
    /// as `AADSTS7000222`; it explains and never decides.
    package static func ofTokenError(_ code: String, detail: String?) -> Meaning {
        if let detail, let meaning = entra[detail] { return meaning }
        return tokenErrors[code]
            ?? Meaning(
                "the provider refused the token request for a reason of its own", .appAdministrator,
                "read the provider's words above; its documentation explains the code")
    }

    private static let tokenErrors: [String: Meaning] = [
        "invalid_client": Meaning(
            "the provider does not accept this client id with this secret", .appAdministrator,
            "compare client.id and the secret's source with the application's registration; a secret that was rotated there must be replaced here"
        ),
        "empty_refusal": Meaning(
            "the provider refused without a word, most often a wrong client id or secret", .appAdministrator,
            "compare client.id and the secret's source with the application's registration; the provider's own log says more"
        ),
        "unauthorized_client": Meaning(
            "this application may not use this grant", .appAdministrator,
            "allow the grant for the application at the provider, or change spec.grant"),
        "invalid_scope": Meaning(
            "the provider does not know one of the scopes, or does not give it to this application", .manifestAuthor,
            "compare spec.scopes with the scopes that the application is registered for"),
        "invalid_grant": Meaning(
            "the provider no longer accepts the grant", .user, "authorize again"),
        "unsupported_grant_type": Meaning(
            "the provider does not offer this grant", .manifestAuthor,
            "change spec.grant to one that the provider offers"),
        "invalid_request": Meaning(
            "the provider did not understand the request", .manifestAuthor,
            "check endpoints.token, client.authentication and authorizationParameters"),
        "server_error": Meaning("the provider has a fault of its own", .nobody, "try again later"),
        "temporarily_unavailable": Meaning("the provider is overloaded or in maintenance", .nobody, "try again later"),
        "access_denied": Meaning("the request was declined", .user, "consent to the application's scopes"),
        "consent_required": Meaning("somebody must consent first", .user, "authorize again"),
        "interaction_required": Meaning("the provider wants a person", .user, "authorize again"),
        "login_required": Meaning("the provider wants a person to log in", .user, "authorize again"),
        "http_error": Meaning(
            "the provider answered with an HTTP error instead of a token", .nobody,
            "try again later; if it stays, check endpoints.token or issuer"),
        "invalid_issuer": Meaning("the issuer is no usable URL", .manifestAuthor, "correct spec.issuer"),
        "malformed_response": Meaning(
            "what answered is not an OAuth token endpoint", .manifestAuthor,
            "check endpoints.token or issuer; a proxy or a login page may stand in between"),
        "metadata_not_found": Meaning(
            "no OAuth or OpenID metadata was found below this issuer", .manifestAuthor,
            "check spec.issuer, or give endpoints.token"),
        "metadata_mismatch": Meaning(
            "the metadata found there is another issuer's (RFC 8414 section 3.3)", .manifestAuthor,
            "write spec.issuer exactly as the provider's metadata names it"),
        "insufficient_scope": Meaning(
            "the provider granted less than was asked for", .tenantAdministrator,
            "grant the application the missing scopes"),
        "account_selection_required": Meaning(
            "the provider wants a person to choose an account", .user, "authorize again"),
        "unsupported_response_type": Meaning(
            "the provider does not give this application codes", .appAdministrator,
            "allow the authorization code grant for the application, or change spec.grant"),
        "invalid_target": Meaning(
            "the provider does not know the resource that was asked for", .manifestAuthor,
            "correct authorizationParameters.resource"),
        "authorization_pending": Meaning("nobody has entered the code yet", .user, "enter the code and consent"),
        "slow_down": Meaning(
            "the provider wants fewer questions", .nobody, "wait; the questions become rarer by themselves"),
        "expired_token": Meaning("the code expired before anybody had entered it", .user, "authorize again"),
        "authorization_declined": Meaning("the person declined", .user, "authorize again and consent"),
        "bad_verification_code": Meaning(
            "the provider does not know this device code", .user, "authorize again"),
        "unsupported_token_type": Meaning(
            "the provider does not revoke tokens of this kind", .nobody,
            "end the grant on the provider's own page where that matters"),
        "invalid_token": Meaning("the provider no longer accepts the token", .user, "authorize again"),
        "unusable_answer": Meaning(
            "what the browser brought back does not belong to this request", .user,
            "authorize again, with the newest link and in one browser"),
    ]

    /// Microsoft's finer codes (its "error codes" page warns that they move, so they only explain).
    private static let entra: [String: Meaning] = [
        "AADSTS7000215": Meaning(
            "the client secret is wrong; often the secret's id was copied instead of its value", .appAdministrator,
            "copy the value of the secret, or create a new one"),
        "AADSTS7000222": Meaning(
            "the client secret has expired", .appAdministrator,
            "create a new secret, replace it at its source, and declare client.secretExpires so that plans warn"),
        "AADSTS700016": Meaning(
            "the application is not known in this tenant", .manifestAuthor, "check client.id and tenant"),
        "AADSTS90002": Meaning("the tenant was not found", .manifestAuthor, "check tenant and cloud"),
        "AADSTS900382": Meaning("the tenant belongs to another national cloud", .manifestAuthor, "set cloud"),
        "AADSTS90038": Meaning("the tenant belongs to another national cloud", .manifestAuthor, "set cloud"),
        "AADSTS70011": Meaning(
            "a scope is not valid here; .default cannot stand beside other scopes", .manifestAuthor,
            "correct spec.scopes"),
        "AADSTS65001": Meaning(
            "nobody has consented to this application", .tenantAdministrator, "grant admin consent to the application"),
        "AADSTS53003": Meaning(
            "Conditional Access forbids it", .tenantAdministrator, "except the application from the policy"),
        "AADSTS90033": Meaning("Microsoft has a passing fault", .nobody, "try again later"),
    ]
}

import KeelBase

extension ProviderError {
    private static let compareClient =
        "compare client.id and the secret's source with the application's registration; a secret that was rotated there must be replaced here"

    /// What the specifications define; each says where.
    static let specified = tokenEndpoint + grants + authorizationEndpoint + device + extensions

    /// RFC 6749 section 5.2, and what Google and others send beside it.
    private static let tokenEndpoint = [
        error(
            .oauth, "invalid_request", "the provider did not understand the request", .fixManifest,
            fix: "check endpoints.token, client.authentication and authorizationParameters"),
        error(
            .oauth, "invalid_client", "the provider does not accept this client id with this secret", .fixClient,
            fix: compareClient,
            more:
                "A certificate or an assertion that is not registered ends here too. The grant is not to blame, and is kept."
        ),
        error(
            .oauth, "invalid_grant", "the provider no longer accepts the grant", .reauthorize,
            fix: "run mailkeel authorize",
            more:
                "It has expired, was revoked, or belongs to another client; some providers say it of passing faults too. What is stored is kept until a new consent has worked."
        ),
        error(
            .oauth, "unauthorized_client", "this application may not use this grant", .fixClient,
            fix: "allow the grant for the application at the provider, or change spec.grant"),
        error(
            .oauth, "unsupported_grant_type", "the provider does not offer this grant", .fixManifest,
            fix: "change spec.grant to one that the provider offers"),
        error(
            .oauth, "invalid_scope",
            "the provider does not know one of the scopes, or does not give it here", .fixManifest,
            fix: "compare spec.scopes with the scopes that the application is registered for"),
    ]

    /// `invalid_grant` after a first request: there is no grant yet that could have died.
    private static let grants = [
        ProviderError(
            .oauth, .errorOf(.authorizationCode, "invalid_grant"), "the provider does not accept the code",
            .reauthorize, fix: "run mailkeel authorize again, and finish within a minute",
            more:
                "Codes live for a minute or a few and work once. A redirect URI or a code verifier other than the one that the flow began with ends here too (RFC 6749 section 5.2, RFC 7636 section 4.6)."
        ),
        ProviderError(
            .oauth, .errorOf(.deviceCode, "invalid_grant"), "the provider does not accept the device code",
            .reauthorize, fix: "run mailkeel authorize again"),
        ProviderError(
            .oauth, .errorOf(.jwtBearer, "invalid_grant"), "the provider does not accept the signed assertion",
            .fixManifest,
            fix:
                "check the key, the issuer, and the subject (authorizedAs or userName) against the provider, and the clock of this machine",
            more: "RFC 7523 section 3.1. An assertion is made afresh for each request, so nothing is lost."),
        ProviderError(
            .oauth, .errorOf(.jwtBearer, "invalid_client"),
            "the provider does not know who signed the assertion, or not by this key", .fixClient,
            fix: "compare the service account's file, or client.id and client.certificate, with what is registered",
            more: "A provider may say it, too, of a subject for whom the signer may not act."),
        ProviderError(
            .oauth, .errorOf(.jwtBearer, "unauthorized_client"),
            "the signer may not act for this subject, or not with these scopes", .fixClient,
            by: .tenantAdministrator,
            fix: "allow it the subject (authorizedAs or userName) and exactly these scopes at the provider",
            more: "RFC 7523 section 3: the subject is the identity for whom tokens are asked."),
        ProviderError(
            .oauth, .errorOf(.password, "invalid_grant"), "the user name or the password is wrong", .reauthorize,
            fix: "replace the password at its source; better, move from the grant password to another one"),
        ProviderError(
            .oauth, .errorOf(.clientCredentials, "invalid_grant"),
            "the provider does not accept what the client showed",
            .fixClient, fix: compareClient),
    ]

    /// RFC 6749 section 4.1.2.1, and OpenID Connect Core section 3.1.2.6.
    private static let authorizationEndpoint = [
        error(
            .oauth, "access_denied", "the request was declined", .reauthorize,
            fix: "run mailkeel authorize again, and consent to all scopes",
            more: "A person said no, or a policy of the provider said it."),
        error(
            .oauth, "unsupported_response_type", "the provider gives no codes to this application", .fixManifest,
            by: .appAdministrator,
            fix: "allow the authorization code grant for the application at the provider, or change spec.grant"),
        error(
            .oauth, "server_error", "the provider has a fault of its own", .transient, fix: "try again later"),
        error(
            .oauth, "temporarily_unavailable", "the provider is overloaded or in maintenance", .transient,
            fix: "try again later"),
        error(
            .oauth, "interaction_required", "the provider wants a person", .reauthorize, fix: "run mailkeel authorize"),
        error(
            .oauth, "login_required", "the provider wants a person to log in", .reauthorize,
            fix: "run mailkeel authorize"),
        error(
            .oauth, "consent_required", "somebody must consent first", .reauthorize, fix: "run mailkeel authorize"),
        error(
            .oauth, "account_selection_required", "the provider wants a person to choose an account", .reauthorize,
            fix: "run mailkeel authorize"),
        error(
            .oauth, "unmet_authentication_requirements", "the sign-in was not as strong as was asked for", .reauthorize,
            fix: "run mailkeel authorize, and sign in with a second factor"),
        error(
            .oauth, "insufficient_user_authentication", "the sign-in is too weak or too old", .reauthorize,
            fix: "run mailkeel authorize, and sign in with a second factor", more: "RFC 9470."),
    ]

    /// RFC 8628 section 3.5.
    private static let device = [
        error(
            .oauth, "authorization_pending", "nobody has entered the device code yet", .transient, by: .user,
            fix: "enter the code on the page that was shown; mailkeel goes on asking"),
        error(
            .oauth, "slow_down", "the provider wants to be asked less often about the device code", .throttled,
            fix: "wait; mailkeel asks five seconds less often from then on"),
        error(
            .oauth, "expired_token", "the device code has expired", .reauthorize,
            fix: "run mailkeel authorize again, and enter the code sooner"),
    ]

    /// What later specifications add.
    private static let extensions = [
        error(
            .oauth, "insufficient_scope", "the provider granted less than was asked for", .fixTenant,
            fix: "grant the application the missing scopes; where a person consents, let none be unticked",
            more: "Mailkeel says so too when the answer lists fewer scopes than the manifest (RFC 6749 section 3.3)."),
        error(
            .oauth, "invalid_token", "the provider does not accept the access token", .reauthorize,
            fix: "run it again, which obtains another token; if it stays, run mailkeel authorize",
            more: "RFC 6750 section 3.1: userinfo and introspection answer so."),
        error(
            .oauth, "unsupported_token_type", "the provider cannot revoke this kind of token", .ambiguous,
            fix: "set revocationReach: none if the provider revokes nothing", more: "RFC 7009 section 2.2.1."),
        error(
            .oauth, "invalid_target", "the provider does not know the resource", .fixManifest,
            fix: "correct resource in authorizationParameters", more: "RFC 8707 section 2."),
        error(
            .oauth, "invalid_redirect_uri", "the redirect URI is not registered for the application", .fixClient,
            fix: "register redirectURI at the provider exactly as the manifest has it"),
        error(
            .oauth, "invalid_request_uri", "the pushed request has expired or is unknown", .transient,
            fix: "run mailkeel authorize again, and open the link soon", more: "RFC 9126 section 2.2."),
        error(
            .oauth, "invalid_request_object", "the provider wants a signed request object of another form", .fixClient,
            fix: "turn off signed requests for the application at the provider"),
        error(
            .oauth, "request_not_supported", "the provider takes no request objects", .fixManifest,
            fix: "remove request from authorizationParameters"),
        error(
            .oauth, "request_uri_not_supported", "the provider takes no request by reference", .fixManifest,
            fix: "remove request_uri from authorizationParameters"),
        error(
            .oauth, "registration_not_supported", "the provider takes no registration in a request", .fixManifest,
            fix: "remove registration from authorizationParameters"),
        error(
            .oauth, "invalid_dpop_proof", "the provider wants tokens that are bound to a key (DPoP)", .fixClient,
            fix: "turn off DPoP for the application at the provider: mail servers take bearer tokens only"),
        error(
            .oauth, "use_dpop_nonce", "the provider wants tokens that are bound to a key (DPoP)", .fixClient,
            fix: "turn off DPoP for the application at the provider: mail servers take bearer tokens only"),
    ]
}

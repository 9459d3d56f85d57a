import KeelBase

extension ProviderError {
    /// Google's OAuth endpoints.
    ///
    /// Sources: "Using OAuth 2.0 to Access Google APIs" and "OAuth 2.0 for TV and Limited-Input Device Applications". What
    /// several causes share is told apart by the grant, never by the words of the description.
    static let google = [
        error(
            .google, "invalid_grant", "the grant has expired or was revoked", .reauthorize,
            fix:
                "run mailkeel authorize; if it happens each week, publish the application under Audience first, because consents of its testing phase end after 7 days",
            more:
                "It ends when nobody used it for 6 months, when the user revokes it or changes the password, and when the same user has consented more than 100 times to the same client. A grant from the testing phase stays short-lived after publishing."
        ),
        ProviderError(
            .google, .suberror("invalid_rapt"), "a session policy of Google Workspace wants a new sign-in",
            .reauthorize,
            by: .tenantAdministrator,
            fix:
                "trust or exempt the application in the Admin console under Google Cloud session control, or use a service account; then run mailkeel authorize"
        ),
        ProviderError(
            .google, .errorOf(.jwtBearer, "invalid_grant"), "Google does not accept the signed assertion", .fixManifest,
            fix:
                "check that the mailbox belongs to the domain, that the service account's key is still active, and that the clock of this machine is right",
            more:
                "\"account not found\" means the service account or the subject (authorizedAs or userName); \"Invalid JWT\" means the clock, or a lifetime above an hour; an invalid signature means another key. Let NTP keep the clock."
        ),
        ProviderError(
            .google, .errorOf(.jwtBearer, "unauthorized_client"),
            "the service account has no domain-wide delegation for these scopes", .fixTenant,
            fix:
                "add the service account's numeric client id with exactly these scopes in the Admin console under Security > API controls > Domain-wide delegation"
        ),
        error(
            .google, "unauthorized_client", "this application may not ask for tokens in this way", .fixClient,
            by: .tenantAdministrator,
            fix:
                "for a service account, add its client id and scopes in the Admin console under Domain-wide delegation; else use a client of the type Desktop app"
        ),
        error(
            .google, "invalid_client", "Google does not know this client id, or not with this secret", .fixClient,
            fix: "compare client.id and the secret's source with Google Auth Platform > Clients",
            more: "A client that was removed there, or was not used for 6 months, ends here too."),
        error(
            .google, "deleted_client", "the client was removed at Google", .fixClient,
            fix: "restore it under Google Auth Platform > Clients within 30 days, or make a new one and authorize again"
        ),
        ProviderError(
            .google, .errorOf(.jwtBearer, "invalid_request"), "Google does not know the service account", .fixManifest,
            fix: "check client_email in the service account's key file, and that the account still exists"),
        error(
            .google, "invalid_request", "Google did not understand the request", .fixManifest,
            fix: "check redirectURI, authorizationParameters and the service account's client_email"),
        ProviderError(
            .google, .errorOf(.deviceCode, "invalid_scope"), "Google gives no scopes for mail to devices", .fixManifest,
            fix: "set grant: authorization_code"),
        error(
            .google, "invalid_scope", "Google does not know a scope, or does not give it to this grant", .fixManifest,
            fix: "use https://mail.google.com/, and authorization_code instead of device_code"),
        error(
            .google, "redirect_uri_mismatch", "the redirect URI is not registered for the client", .fixClient,
            fix: "make a client of the type Desktop app, which takes any loopback address, or register redirectURI"),
        error(
            .google, "access_denied", "the user refused, or is not listed as a tester of the application", .reauthorize,
            by: .appAdministrator,
            fix:
                "list the user as a tester under Google Auth Platform > Audience or publish, then run mailkeel authorize"
        ),
        error(
            .google, "admin_policy_enforced", "the administrator of Google Workspace does not allow this application",
            .fixTenant,
            fix:
                "trust the client id in the Admin console under Security > API controls > App access control, then run mailkeel authorize"
        ),
        error(
            .google, "org_internal", "the application is for accounts of its own organization only", .fixClient,
            fix:
                "sign in with an account of the organization, or set the audience to External under Google Auth Platform > Audience"
        ),
        error(
            .google, "disallowed_useragent", "Google refuses to sign people in inside of an embedded browser",
            .reauthorize,
            fix: "open the link of mailkeel authorize in the system's browser"),
        error(
            .google, "rate_limit_exceeded", "Google asks for fewer requests", .throttled,
            fix: "wait before the next run"),
        error(
            .google, "no_refresh_token", "Google gave no refresh token, because the user had consented before",
            .fixManifest,
            fix:
                "set prompt: consent and access_type: offline in authorizationParameters, then run mailkeel authorize"
        ),
        error(
            .google, "insufficient_scope", "the consent does not cover mail; the box was left unticked", .reauthorize,
            fix: "run mailkeel authorize again, and tick the access to mail"),
    ]
}

import KeelDiagnostics

extension RuleDescription {
    static let grantNotOffered = RuleDescription(
        .error, "The provider does not offer this grant for mail",
        why:
            "A provider that has the grant in general may not have it for mail. Google has no client_credentials for mail, and its device flow takes a short list of scopes without those of mail (developers.google.com, OAuth 2.0 for TV and Limited-Input Device Applications, allowed scopes). Personal Microsoft accounts have neither client_credentials nor password (AADSTS9001023).",
        fix: "Use a grant that the provider has for mail: mailkeel providers NAME lists them.",
        before: "provider: google\ngrant: device_code", after: "provider: google\ngrant: authorization_code")

    static let applicationWithoutTenant = RuleDescription(
        .error, "An application acts for itself in no particular tenant",
        why:
            "common, organizations and consumers stand for whatever tenant a person turns out to belong to. With client_credentials there is no person, and Microsoft refuses the request (AADSTS9001023, AADSTS90130; learn.microsoft.com, OAuth 2.0 client credentials flow: the tenant is required).",
        fix: "Write the id or a domain of the tenant whose mailboxes these are.",
        before: "tenant: common\ngrant: client_credentials",
        after: "tenant: contoso.onmicrosoft.com\ngrant: client_credentials")

    static let passwordGrant = RuleDescription(
        .warning, "The password grant hands a person's password to the application",
        why:
            "RFC 9700 section 2.4 forbids it. Most providers refuse it, and all that ask for a second factor have to.",
        fix: "Use authorization_code, device_code or client_credentials.", before: "grant: password",
        after: "grant: authorization_code")

    static let secretOnPublicClient = RuleDescription(
        .error, "A public client has no secret",
        why:
            "client.authentication: none says that the client shows no credential (RFC 6749 section 2.1), so the secret would never be sent. Providers refuse a secret from a client that is registered as public (Microsoft: AADSTS700025).",
        fix: "Remove client.secret, or say by client.authentication how it is sent.",
        before: "client: { id: app, authentication: none, secret: { fromEnv: SECRET } }",
        after: "client: { id: app, authentication: none }", canBeSilenced: false)

    static let secretWithDeviceFlow = RuleDescription(
        .warning, "Microsoft takes no client secret in the device flow",
        why:
            "The device flow is for public clients, and Microsoft refuses a secret there (AADSTS700025: client is public so neither client_assertion nor client_secret should be presented).",
        fix: "Remove client.secret and allow public client flows in the application's registration.",
        before: "grant: device_code\nclient: { id: app, secret: { fromEnv: SECRET } }",
        after: "grant: device_code\nclient: { id: app }")

    static let secretExpires = RuleDescription(
        .warning, "The client secret expires within 30 days",
        why:
            "On that day every account of the profile stops being renewed (Microsoft: AADSTS7000222), and nothing announces it but this.",
        fix:
            "Make a new secret at the provider, put it where client.secret reads it, and write its last day and a new version.",
        before: "secret: { fromEnv: SECRET, version: \"2025\" }\nsecretExpires: 2026-12-01",
        after: "secret: { fromEnv: SECRET, version: \"2026\" }\nsecretExpires: 2027-12-01")

    static let secretExpired = RuleDescription(
        .warning, "The client secret has expired",
        why:
            "By the date in client.secretExpires the provider refuses the secret (Microsoft: AADSTS7000222), so no token is renewed.",
        fix:
            "Make a new secret at the provider and replace it where client.secret reads it. If that was done, correct the date.",
        before: "secretExpires: 2026-01-01", after: "secretExpires: 2027-12-01")

    static let clientInTesting = RuleDescription(
        .warning, "Google ends the consents of a client in testing after seven days",
        why:
            "A lifetime of seven days or less with the consent of a person is that of an external application whose publishing status is Testing (developers.google.com, Using OAuth 2.0: refresh token expiration). A consent given in testing keeps its short life even after publishing.",
        fix:
            "Publish the application, or make it internal, let everybody consent again, and remove refreshTokenLifetime.",
        before: "provider: google\nrefreshTokenLifetime: 7d", after: "provider: google")

    static let registrationClosed = RuleDescription(
        .note, "The provider registers no new applications for mail",
        why:
            "Only applications that were approved earlier get the scopes of mail here. Whoever has none can only use an application password.",
        fix: "Use your own approved application, or authentication: password with an application password.",
        before: "provider: yahoo", after: "provider: yahoo   # client.id is one that Yahoo approved")

    static let clearTextEndpoint = RuleDescription(
        .warning, "Credentials go to the provider over http",
        why:
            "OAuth endpoints are https (RFC 6749 section 3.2). http is accepted to a literal loopback address only, for providers that run on this machine, and everything on this machine may listen.",
        fix: "Use https as soon as the provider is on another machine.",
        before: "endpoints: { token: \"http://127.0.0.1:8080/token\" }",
        after: "endpoints: { token: \"https://login.example.com/token\" }")

    static let reservedParameter = RuleDescription(
        .error, "A parameter that the request sets by itself",
        why:
            "client_id, redirect_uri, response_type, scope, state, the PKCE parameters and the like belong to the protocol (RFC 6749, RFC 7636). A second value would be refused, or would undo the protection against forged answers.",
        fix: "Remove the line. client.id, redirectURI, scopes and grant are fields of their own.",
        before: "authorizationParameters: { prompt: consent, state: fixed }",
        after: "authorizationParameters: { prompt: consent }", canBeSilenced: false)

    static let redirectNotLoopback = RuleDescription(
        .warning, "The answer to an authorization would not come back to this machine",
        why:
            "A command-line program takes the answer on a loopback address (RFC 8252 section 7.3). A redirect URI that leads elsewhere shows the person a page that is not Mailkeel's, and the address has to be copied by hand.",
        fix: "Register http://127.0.0.1 or http://localhost and write that, or leave redirectURI out.",
        before: "redirectURI: https://mail.example.com/callback", after: "redirectURI: http://127.0.0.1")

    static let unverifiedPreset = RuleDescription(
        .note, "The preset holds facts that nobody has verified",
        why:
            "What a preset says comes from the provider's own pages where there are any, and from other programs where there are none. mailkeel providers NAME marks what is not verified.",
        fix: "Check the values against the provider's documentation, and write those that differ into the manifest.",
        before: "provider: zoho",
        after: "provider: zoho\nendpoints: { token: \"https://accounts.zoho.eu/oauth/v2/token\" }")
}

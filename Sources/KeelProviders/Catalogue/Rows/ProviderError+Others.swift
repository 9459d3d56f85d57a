import KeelBase

extension ProviderError {
    /// What is known of the other providers' errors: little, and only what follows from their own pages.
    static let others = [
        error(
            .yahoo, "invalid_scope", "the client has no right to mail", .fixClient,
            fix: "use a client to which Yahoo has given mail scopes; it registers no new ones"),
        error(
            .yandex, "invalid_grant", "the grant has expired: nobody has renewed it for about three months",
            .reauthorize,
            fix: "run mailkeel authorize, and mailkeel refresh from cron so that it does not happen again",
            more: "Access and refresh token share one lifetime there."),
        error(
            .yandex, "bad_verification_code", "the code is not valid or has expired", .reauthorize,
            fix: "run mailkeel authorize again, and enter the code within 10 minutes"),
        error(
            .zoho, "invalid_code", "the code or refresh token is not valid at this data centre", .reauthorize,
            fix: "set cloud to the data centre that the account lives in, then run mailkeel authorize"),
        error(
            .zoho, "invalid_client", "the client is not known at this data centre", .fixClient,
            fix: "set cloud to the data centre where the client is registered, or enable multi-DC for it"),
        error(
            .fastmail, "invalid_target", "Fastmail wants to know the resource", .fixManifest,
            fix: "set resource in authorizationParameters to https://api.fastmail.com/jmap/session"),
    ]
}

import KeelBase

/// Microsoft's numbers that speak of a request, of clouds, and of faults of its own.
extension ProviderError {
    private static let nameTenant = "set tenant to the tenant's domain or id"
    private static let oneResource =
        "ask for the scopes of one resource only, and for .default alone; other resources need a profile of their own"
    private static let otherCloud =
        "set cloud to the tenant's national cloud; the application must be registered there too"
    private static let ownEndpoint = "set tenant to the tenant's domain or id instead of common or consumers"
    private static let later = "try again later; if it stays, look at Microsoft's service health"

    static let microsoftRequests = [
        entra(50059, "the request names no tenant", .fixManifest, fix: nameTenant),
        entra(90019, "the tenant does not follow from the request", .fixManifest, fix: nameTenant),
        entra(50128, "the domain is no tenant's", .fixManifest, fix: nameTenant),
        entra(
            50194, "the application is for one tenant and was used at the common endpoint", .fixManifest,
            fix: ownEndpoint + ", or make the application multitenant"),
        entra(
            70011, "a scope is not valid here; .default cannot stand beside other scopes", .fixManifest,
            fix: "correct scopes: " + oneResource),
        entra(28002, "a scope is not valid for an access token", .fixManifest, fix: "correct scopes: " + oneResource),
        entra(700022, "the scopes belong to more than one resource", .fixManifest, fix: oneResource),
        entra(
            700023, "the scopes name no resource", .fixManifest,
            fix: "write scopes with their resource, such as https://outlook.office.com/IMAP.AccessAsUser.All"),
        entra(
            90009, "the application asks for a token for itself", .fixManifest,
            fix: "write the mail scopes with their resource, such as https://outlook.office.com/IMAP.AccessAsUser.All"),
        entra(
            90002, "the tenant was not found", .fixManifest, fix: "correct tenant, or set cloud if it is a national one"
        ),
        entra(90038, "the tenant belongs to another national cloud", .fixManifest, fix: otherCloud),
        entra(900382, "the tenant belongs to another national cloud", .fixManifest, fix: otherCloud),
        entra(
            900432, "an application with a secret cannot be used across clouds", .fixManifest, fix: otherCloud),
        entra(
            9001023, "the grant is not supported at this endpoint", .fixManifest,
            fix: ownEndpoint + "; personal accounts know neither password nor client_credentials"),
        entra(90124, "the resource is not supported at this endpoint", .fixManifest, fix: ownEndpoint),
        entra(90130, "the application is not supported at this endpoint", .fixManifest, fix: ownEndpoint),
        entra(
            900144, "the request lacks a parameter", .fixManifest,
            fix: "declare scopes; they are sent with every request, renewals included"),
        entra(
            90014, "the request lacks a value", .fixManifest,
            fix: "check client.id, scopes and authorizationParameters for what is empty"),
        entra(
            9002313, "the request is malformed", .fixManifest,
            fix: "check endpoints.token, client.authentication and authorizationParameters"),
        entra(
            50049, "the cloud instance is not known", .fixManifest, fix: "correct issuer or cloud"),
        entra(50033, "Microsoft has a passing fault", .transient, fix: later),
        entra(50087, "Microsoft had a passing fault with the second factor", .transient, fix: later),
        entra(90006, "a service behind Microsoft's sign-in is not available just now", .transient, fix: later),
        entra(90012, "the request took too long inside of Microsoft", .transient, fix: later),
        entra(90024, "Microsoft has a passing fault", .transient, fix: later),
        entra(90033, "Microsoft's directory is not available just now", .transient, fix: later),
        entra(90090, "a service behind Microsoft's sign-in is not available just now", .transient, fix: later),
    ]

    /// Microsoft's own words where the specifications have others, and its suberrors, as its client libraries list them.
    static let microsoftErrors = [
        error(
            .microsoft, "authorization_declined", "the user declined the request on the device page", .reauthorize,
            fix: "run mailkeel authorize again, and accept", more: "RFC 8628 calls it access_denied."),
        error(
            .microsoft, "bad_verification_code", "the device code is not known", .reauthorize,
            fix: "run mailkeel authorize again"),
        error(
            .microsoft, "invalid_resource", "the resource of the scopes is not known or not configured", .fixManifest,
            fix: "correct scopes, and " + exchangeHint),
        error(
            .microsoft, "interaction_required", "Microsoft wants a person: a policy, a second factor or a consent",
            .reauthorize, fix: "run mailkeel authorize; for unattended use take client_credentials"),
        suberror(
            "basic_action", "Microsoft wants something that the user can do while signing in", .reauthorize,
            fix: "run mailkeel authorize"),
        suberror(
            "additional_action", "Microsoft wants something that cannot be done while signing in", .reauthorize,
            fix: "run mailkeel authorize, which shows what is wanted, such as a managed device"),
        suberror(
            "message_only", "Microsoft will not give a token now, and tells only the user why", .fixTenant,
            fix: "let the user run mailkeel authorize and read the message; a policy of the tenant stands behind it"),
        suberror(
            "user_password_expired", "the user's password has expired", .reauthorize,
            fix: "let the user change the password, then run mailkeel authorize"),
        suberror(
            "consent_required", "a consent is missing or was withdrawn", .reauthorize, fix: "run mailkeel authorize"),
        suberror("bad_token", "the refresh token is no longer good", .reauthorize, fix: "run mailkeel authorize"),
        suberror(
            "token_expired", "the refresh token has expired", .reauthorize,
            fix: "run mailkeel authorize, and mailkeel refresh from cron so that it does not happen again"),
        suberror(
            "protection_policy_required", "the tenant wants an application that Intune protects", .fixTenant,
            fix: "exclude the application from the policy, or take client_credentials"),
        suberror(
            "client_mismatch", "the refresh token was given to another application", .reauthorize,
            fix: "set client.id back to the application that was authorized, or run mailkeel authorize"),
        suberror(
            "device_authentication_failed", "the sign-in must come from a device that the tenant knows", .fixTenant,
            fix: "exclude the application or the user from the policy, or take client_credentials"),
    ]

    private static let exchangeHint =
        "add the permission of Office 365 Exchange Online under App registrations > API permissions"

    private static func suberror(
        _ code: String, _ cause: String, _ failureClass: FailureClass, fix: String
    ) -> ProviderError {
        ProviderError(.microsoft, .suberror(code), cause, failureClass, fix: fix)
    }
}

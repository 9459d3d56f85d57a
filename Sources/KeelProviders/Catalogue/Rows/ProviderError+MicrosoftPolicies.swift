import KeelBase

/// Microsoft's numbers that speak of a tenant's policies.
extension ProviderError {
    private static let managedDevice =
        "exclude the application or the user from the policy, or take client_credentials, to which policies about devices do not apply"

    static let microsoftPolicies = [
        entra(
            500021, "a restriction on the way there forbids this tenant", .fixTenant,
            fix: "let the proxy's administrator allow the tenant (tenant restrictions)"),
        entra(
            50097, "the sign-in must come from a device that the tenant knows", .fixTenant, fix: managedDevice),
        entra(
            53000, "Conditional Access wants a compliant device", .fixTenant, fix: managedDevice),
        entra(
            53001, "Conditional Access wants a device that has joined the domain", .fixTenant, fix: managedDevice),
        entra(
            530003, "Conditional Access wants a device that is managed", .fixTenant, fix: managedDevice),
        entra(
            53002, "Conditional Access wants an approved application", .fixTenant,
            fix: "exclude the application from the policy, or take client_credentials"),
        entra(
            53003, "a Conditional Access policy forbids it", .fixTenant,
            fix: "find the policy in the tenant's sign-in log, and exclude the application or the user from it"),
        entra(
            53004, "the user may not set up a second factor, because of a risk", .fixTenant,
            fix: "let the tenant's administrator clear the user's risk, then run mailkeel authorize"),
        entra(
            53011, "the user is blocked because of a risk in the home tenant", .fixTenant,
            fix: "let the home tenant's administrator clear the user's risk"),
        entra(
            530032, "a security policy of the tenant forbids it", .fixTenant,
            fix: "find the policy in the tenant's sign-in log, and exclude the application or the user from it"),
        entra(
            530035, "the tenant's security defaults forbid it", .fixTenant,
            fix:
                "use authorization_code with a second factor or client_credentials instead of a password, or replace the security defaults by Conditional Access"
        ),
        entra(
            65001, "nobody has consented to this application for these scopes", .fixTenant,
            fix:
                "grant admin consent under App registrations > API permissions; a person may consent by mailkeel authorize where the tenant allows it"
        ),
        entra(
            90094, "an administrator must consent", .fixTenant,
            fix:
                "grant admin consent under App registrations > API permissions, or open https://login.microsoftonline.com/TENANT/adminconsent?client_id=CLIENT_ID as an administrator"
        ),
        entra(
            90095, "an administrator must consent, and can be asked", .fixTenant,
            fix:
                "grant admin consent under App registrations > API permissions, or answer the request under Admin consent requests"
        ),
        entra(
            90055, "the tenant sends too many requests and is throttled", .throttled,
            fix: "wait before the next run, and look for what else asks so often"),
        entra(
            50196, "the same request came too often; Microsoft suspects a loop", .throttled, by: .operatorHere,
            fix:
                "stop whatever asks in a loop, such as a cron job with --retry-refused, and wait; one mailkeel refresh for all grants is enough"
        ),
    ]
}

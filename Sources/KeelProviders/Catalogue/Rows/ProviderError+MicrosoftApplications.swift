import KeelBase

/// Microsoft's numbers that speak of an application's registration.
extension ProviderError {
    private static let exchangePermission =
        "add the permission of Office 365 Exchange Online under App registrations > API permissions, and grant admin consent"

    private static let supportedAccounts =
        "change Supported account types under App registrations > Authentication, or set tenant to the accounts' own kind: a tenant's domain, organizations or consumers"

    static let microsoftApplications = [
        entra(
            50011, "the redirect URI is not registered for the application", .fixClient,
            fix:
                "register the URI under App registrations > Authentication, a loopback one as Mobile and desktop applications, or correct redirectURI"
        ),
        entra(
            50001, "the resource of the scopes is not known in this tenant", .fixClient, fix: exchangePermission),
        entra(
            500011, "the resource of the scopes does not exist in this tenant", .fixClient, by: .tenantAdministrator,
            fix: exchangePermission, more: "A mistyped scope, and a tenant without Exchange Online, end here too."),
        entra(
            650057, "the application's registration does not list the resource of the scopes", .fixClient,
            fix: exchangePermission),
        entra(
            65005, "the application's registration does not list the permissions that it asks for", .fixClient,
            fix: exchangePermission),
        entra(
            65002, "the client id belongs to Microsoft and may not ask for mail", .fixManifest,
            fix: "register an application of your own, and set client.id to its id"),
        entra(
            650052, "the organization has no subscription for the service of the scopes", .fixClient,
            by: .tenantAdministrator, fix: "enable Exchange Online for the tenant, or " + exchangePermission),
        entra(
            650054, "the application asks for permissions of a service that is gone", .fixClient,
            fix: "remove the old permissions under App registrations > API permissions, and grant admin consent"),
        entra(
            650056, "the application's permissions, consent or id do not fit together", .fixClient,
            fix: exchangePermission + "; compare client.id with the registration"),
        entra(
            70001, "the application is disabled or not known in this tenant", .fixClient,
            fix: "compare client.id and tenant with the registration, and enable it under Enterprise applications"),
        entra(
            7000112, "the application is disabled", .fixClient,
            fix: "enable it under Enterprise applications > Properties > Enabled for users to sign-in"),
        entra(
            700016, "the application is not known in this tenant", .fixManifest,
            fix: "compare client.id and tenant with the registration; nobody may have consented there yet"),
        entra(
            700011, "the application was not found in the user's directory", .fixManifest,
            fix: "compare client.id and tenant with the registration"),
        entra(
            70002, "the client secret is wrong", .fixClient,
            fix: "copy the value of a secret under App registrations > Certificates & secrets to its source here"),
        entra(
            7000215, "the client secret is wrong; often the secret's id was copied, not its value", .fixClient,
            fix:
                "create a new secret under App registrations > Certificates & secrets, and put its value, not its id, where the secret comes from"
        ),
        entra(
            7000222, "the client secret has expired", .fixClient,
            fix:
                "create a new secret under App registrations > Certificates & secrets, put its value where the secret comes from, and declare client.secretExpires so that plans warn",
            more: "A certificate, or the identity of the machine or pipeline, needs no secret that expires."),
        entra(
            7000218, "the application must show a secret or an assertion, and none came", .fixClient,
            fix:
                "give client.secret or client.certificate, or allow public client flows under App registrations > Authentication"
        ),
        entra(
            700025, "the application is public and must not send a secret", .fixManifest,
            fix: "remove client.secret and set client.authentication: none"),
        entra(
            700027, "the signature of the client assertion is not accepted", .fixClient,
            fix:
                "upload the certificate of this key under App registrations > Certificates & secrets, and check the clock"
        ),
        entra(
            50012, "the certificate of the assertion is not accepted", .fixClient,
            fix: "upload the certificate of this key under App registrations > Certificates & secrets"),
        entra(
            700030, "the names in the certificate are not the ones that are allowed", .fixClient,
            fix: "upload this certificate under App registrations > Certificates & secrets, or use the registered one"),
        entra(
            50013, "the assertion is malformed, expired or from another issuer", .fixClient,
            fix: "check the clock of this machine and the assertion's issuer, subject and audience"),
        entra(
            500133, "the assertion is not valid at this time", .fixClient, by: .operatorHere,
            fix: "check the clock of this machine, and let the assertion be made afresh for each request"),
        entra(
            9002332, "the application takes work accounts only, and the endpoint is for personal ones", .fixManifest,
            fix: supportedAccounts),
        entra(
            500208, "the account's domain does not fit the kind of account that the tenant takes", .fixManifest,
            fix: supportedAccounts),
    ]
}

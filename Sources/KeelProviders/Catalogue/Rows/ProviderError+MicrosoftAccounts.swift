import KeelBase

/// Microsoft's numbers that speak of people: "Microsoft Entra authentication and authorization error codes".
extension ProviderError {
    private static let rightTenant =
        "set tenant to the one that the account belongs to, or let its administrator invite the account as a guest"

    static let microsoftAccounts = [
        entra(
            16000, "the account does not exist in this tenant, and may not use the application there", .fixManifest,
            fix: rightTenant),
        entra(50014, "the account is a guest that has not accepted its invitation", .fixManifest, fix: rightTenant),
        entra(
            50020, "the account is not a member of this tenant", .fixManifest, fix: rightTenant,
            more: "A personal account at a work tenant's endpoint ends here too."),
        entra(
            50034, "the account was not found in this tenant", .fixManifest,
            fix: "correct authorizedAs or userName, or " + rightTenant),
        entra(51004, "the account is not in this tenant's directory", .fixManifest, fix: rightTenant),
        entra(
            90072, "the account is external and not a member of this tenant", .fixManifest, fix: rightTenant),
        entra(
            50053, "the account is locked, or the sign-in came from an address with a bad reputation", .fixTenant,
            fix: "look up the failure's reason in the tenant's sign-in log, and unblock the user or the address"),
        entra(
            50055, "the user's password has expired", .reauthorize,
            fix: "let the user change the password, then run mailkeel authorize"),
        entra(
            50144, "the user's password in Active Directory has expired", .reauthorize,
            fix: "let the user change the password, then run mailkeel authorize"),
        entra(
            50056, "the user has no password in this directory", .reauthorize,
            fix: "set a password for the user, or use a grant that needs none"),
        entra(
            50057, "the user's account is disabled", .fixTenant,
            fix: "enable the user in the tenant, or remove the account from the manifest"),
        entra(
            50058, "nobody was signed in, and the request allowed no sign-in", .reauthorize,
            fix: "run mailkeel authorize; take prompt=none out of authorizationParameters if it is there"),
        entra(
            50072, "the user must first set up a second factor", .reauthorize,
            fix: "let the user run mailkeel authorize and set it up there; for unattended use take client_credentials"),
        entra(
            50074, "the user must pass a second factor", .reauthorize,
            fix: "let the user run mailkeel authorize; for unattended use take client_credentials"),
        entra(
            50076, "a second factor is now required, by a policy or from this place", .reauthorize,
            fix: "let the user run mailkeel authorize; for unattended use take client_credentials"),
        entra(
            50078, "the second factor was given too long ago", .reauthorize,
            fix: "let the user run mailkeel authorize; for unattended use take client_credentials"),
        entra(
            50079, "the user must register for a second factor", .reauthorize,
            fix:
                "let the user run mailkeel authorize and register there; for unattended use take client_credentials"),
        entra(
            50105, "the user is not assigned to the application", .fixTenant,
            fix: "assign the user or a group under Enterprise applications > Users and groups"),
        entra(
            50126, "the user name or the password is wrong", .reauthorize,
            fix: "replace the password at its source; better, move from the grant password to another one"),
        entra(
            50131, "Conditional Access wants a challenge that only a person can pass", .reauthorize,
            fix: "let the user run mailkeel authorize; if it stays, let the tenant's administrator read the sign-in log"
        ),
        entra(
            50135, "the password must be changed, because the account is at risk", .reauthorize,
            fix: "let the user change the password, then run mailkeel authorize"),
        entra(
            50158, "an external security challenge was not passed", .reauthorize,
            fix: "let the user run mailkeel authorize and pass it there"),
        entra(
            65004, "the user declined to consent", .reauthorize,
            fix: "run mailkeel authorize again, and consent to all that it lists"),
    ]

    /// What became of a grant.
    static let microsoftGrants = [
        entra(
            50085, "the refresh token wants a sign-in at the user's own identity provider", .reauthorize,
            fix: "run mailkeel authorize"),
        entra(
            50089, "a code or session of the sign-in has expired", .reauthorize, fix: "run mailkeel authorize again"),
        entra(
            50132, "the session ended when the password expired or changed", .reauthorize,
            fix: "run mailkeel authorize"),
        entra(
            50133, "the session ended when the password expired or changed", .reauthorize,
            fix: "run mailkeel authorize"),
        entra(
            50173, "the grant was revoked, by an administrator or with a new password", .reauthorize,
            fix: "run mailkeel authorize"),
        entra(
            70000, "the grant is not accepted, for a reason that is not named", .reauthorize,
            fix: "run mailkeel refresh once more; if it is refused again, run mailkeel authorize"),
        entra(
            70008, "the grant has expired or was revoked, most often unused for 90 days", .reauthorize,
            fix: "run mailkeel authorize, and mailkeel refresh from cron so that it does not happen again"),
        entra(
            700082, "the grant has expired, because nobody used it for 90 days", .reauthorize,
            fix: "run mailkeel authorize, and mailkeel refresh from cron so that it does not happen again"),
        entra(
            700084, "the grant was given to a single-page application and ends after 24 hours", .fixClient,
            fix:
                "register the redirect URI under Mobile and desktop applications instead of Single-page application, then run mailkeel authorize"
        ),
        entra(
            70043, "a policy about the frequency of sign-ins has ended the grant", .reauthorize,
            fix:
                "run mailkeel authorize, and let the tenant's administrator exclude the application from the policy; for unattended use take client_credentials"
        ),
        entra(
            700020, "the grant works only with a person present", .reauthorize, fix: "run mailkeel authorize"),
        entra(
            54005, "the code was redeemed before", .reauthorize, by: .operatorHere,
            fix: "run mailkeel authorize again, and do not load the page of the redirect twice"),
        entra(
            700005, "the code belongs to another tenant", .fixManifest,
            fix: "use the same tenant for authorization and token endpoints, then run mailkeel authorize"),
        entra(
            501481, "the code verifier is not the one that the flow began with (PKCE)", .reauthorize,
            by: .operatorHere, fix: "run mailkeel authorize again, and finish the same flow"),
        entra(
            50147, "the code challenge is malformed (PKCE)", .reauthorize, by: .operatorHere,
            fix: "run mailkeel authorize again; if it stays, report it"),
        entra(
            70016, "nobody has entered the device code yet", .transient, by: .user,
            fix: "enter the code on the page that was shown; mailkeel goes on asking"),
        entra(
            70018, "the device code was not entered correctly", .reauthorize,
            fix: "run mailkeel authorize again, and enter the code as it is shown"),
        entra(
            70019, "the device code has expired", .reauthorize,
            fix: "run mailkeel authorize again, and enter the code within 15 minutes"),
        entra(
            90119, "the device code is empty or malformed", .reauthorize,
            fix: "run mailkeel authorize again, and enter the code as it is shown"),
        entra(
            90120, "the device code was used or declined before", .reauthorize, fix: "run mailkeel authorize again"),
    ]
}

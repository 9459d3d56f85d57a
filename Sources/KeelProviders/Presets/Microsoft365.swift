import KeelBase

extension ProviderPreset {
    /// Microsoft 365 for work and school.
    ///
    /// Login hosts: Microsoft's "National clouds" page of the identity platform. Scopes and the tenant-specific endpoint:
    /// "Authenticate an IMAP, POP or SMTP connection using OAuth". XOAUTH2 is the only mechanism; port 465 is not answered.
    static let microsoft365 = ProviderPreset(
        name: "microsoft365", version: 2, title: "Microsoft 365", tenancy: .required,
        clouds: [
            // Delegated scopes of this audience are good for consumer accounts too; those of the mail host are not.
            microsoft(
                "global", login: "login.microsoftonline.com", delegated: "outlook.office.com",
                application: "outlook.office365.com", mail: "outlook.office365.com", smtp: "smtp.office365.com"),
            microsoft(
                "gcc-high", login: "login.microsoftonline.us", mail: "outlook.office365.us", smtp: "smtp.office365.us"),
            microsoft(
                "dod", login: "login.microsoftonline.us", delegated: "outlook.office365.us",
                application: "outlook.office365.us", mail: "outlook-dod.office365.us", smtp: "outlook-dod.office365.us"),
            microsoft(
                "china", login: "login.partner.microsoftonline.cn", mail: "partner.outlook.cn",
                smtp: "partner.outlook.cn"),
        ],
        grants: [.clientCredentials, .authorizationCode, .deviceCode, .password], offlineScope: "offline_access",
        pkce: .supported, refreshTokenLifetime: "90d", revocationReach: RevocationReach.none,
        registration: .open("register an application in the tenant, one for each cloud"),
        remarks: [
            "Two gates close SMTP for OAuth too: the tenant's and the mailbox's SmtpClientAuthenticationDisabled.",
            "client_credentials needs the application's permissions with admin consent, and in Exchange a service principal with the enterprise application's object id and rights on each mailbox.",
            "A shared mailbox is opened with the token of a person who may: write it as userName, and the person as authorizedAs.",
            "A policy for the frequency of sign-ins can end a consent long before its 90 days.",
        ],
        unverified: [
            Unverified(
                .servers, clouds: ["dod", "china"], because: "the mail hosts are known from one other program only"),
            Unverified(
                .scopes, clouds: ["gcc-high", "dod", "china"],
                because: "the audience of delegated scopes is concluded from that of the mail host"),
            Unverified(
                .maxConnections, protocols: [.imap],
                because: "about 20 are reported, and no page of Microsoft's says so"),
            Unverified(
                .issuer,
                because: "the metadata names the tenant by its id: with a domain as the tenant the issuer differs"),
        ],
        sources: [
            Source(
                "Authenticate an IMAP, POP or SMTP connection using OAuth",
                "https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth"
            ),
            Source(
                "National clouds",
                "https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud"),
            Source("Refresh tokens", "https://learn.microsoft.com/entra/identity-platform/refresh-tokens"),
            Source(
                "OAuth 2.0 device authorization grant",
                "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code"),
            Source("Exchange blog 4489835 of 2026-01-27: the end of passwords for SMTP"),
        ])

    /// Outlook.com, Hotmail and Live: the same endpoints and scopes, no application that acts for itself, no passwords.
    static let microsoftPersonal = ProviderPreset(
        name: "microsoft-personal", version: 1, title: "Outlook.com", tenancy: .optional(default: "consumers"),
        clouds: [
            microsoft(
                "global", login: "login.microsoftonline.com", delegated: "outlook.office.com", application: nil,
                mail: "outlook.office365.com", smtp: "smtp-mail.outlook.com", smtpPasswords: .refused)
        ],
        grants: [.authorizationCode, .deviceCode], offlineScope: "offline_access", pkce: .supported,
        refreshTokenLifetime: "90d", revocationReach: RevocationReach.none,
        registration: .open("register an application that allows personal accounts; that needs a directory in Azure"),
        remarks: [
            "Access tokens are opaque: nothing can be read from them.",
            "Passwords have not been taken since 2024-09-16.",
        ],
        unverified: [
            Unverified(
                .maxConnections,
                because: "concluded from Microsoft 365, for which no page of Microsoft's gives it for imap"),
            Unverified(.servers, protocols: [.pop3], because: "concluded from the imap host"),
            Unverified(.issuer, because: "the metadata names the consumers' tenant by its id"),
        ],
        sources: [
            Source(
                "Authenticate an IMAP, POP or SMTP connection using OAuth",
                "https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth"
            ),
            Source("Refresh tokens", "https://learn.microsoft.com/entra/identity-platform/refresh-tokens"),
            Source("The tables of Thunderbird and email-oauth2-proxy"),
        ])

    /// What the clouds have in common. `delegated` and `application` are the audiences of the scopes.
    private static func microsoft(
        _ name: String, login: String, delegated: String, application: String?, mail: String, smtp: String,
        smtpPasswords: PasswordOffer = .retiring(
            "tenants refuse them by default from the end of December 2026; Microsoft will say in the second half of 2027 when they end"
        )
    ) -> Cloud {
        let base = "https://\(login)/{tenant}"
        func server(
            _ host: String, _ port: Int, _ permission: String, security: ConnectionSecurity = .tls,
            passwords: PasswordOffer = .refused, maxConnections: Int? = nil, unansweredPorts: [Int] = []
        ) -> Server {
            Server(
                host, port, security, tokens: [.xoauth2], scopes: ["https://\(delegated)/\(permission)"],
                passwords: passwords, maxConnections: maxConnections, unansweredPorts: unansweredPorts)
        }
        return Cloud(
            name: name, issuer: "\(base)/v2.0", tokenEndpoint: "\(base)/oauth2/v2.0/token",
            authorizationEndpoint: "\(base)/oauth2/v2.0/authorize",
            deviceAuthorizationEndpoint: "\(base)/oauth2/v2.0/devicecode",
            applicationScopes: application.map { ["https://\($0)/.default"] } ?? [],
            servers: [
                .imap: server(mail, 993, "IMAP.AccessAsUser.All", maxConnections: 20),
                .pop3: server(mail, 995, "POP.AccessAsUser.All"),
                .smtp: server(
                    smtp, 587, "SMTP.Send", security: .starttls, passwords: smtpPasswords, maxConnections: 3,
                    unansweredPorts: [465]),
            ])
    }

    private static func microsoft(_ name: String, login: String, mail: String, smtp: String) -> Cloud {
        microsoft(name, login: login, delegated: mail, application: mail, mail: mail, smtp: smtp)
    }
}

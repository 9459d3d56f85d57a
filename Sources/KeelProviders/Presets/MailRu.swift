import KeelBase

extension ProviderPreset {
    /// mail.ru. OAuth is for IMAP and SMTP only, by one scope.
    static let mailru = ProviderPreset(
        name: "mailru", version: 1, title: "mail.ru",
        clouds: [
            Cloud(
                name: "global", tokenEndpoint: "https://oauth.mail.ru/token",
                authorizationEndpoint: "https://oauth.mail.ru/login",
                servers: [
                    .imap: Server(
                        "imap.mail.ru", 993, tokens: [.xoauth2], scopes: mailruScopes, passwords: .application),
                    .pop3: Server("pop.mail.ru", 995, passwords: .application),
                    .smtp: Server(
                        "smtp.mail.ru", 465, tokens: [.xoauth2], scopes: mailruScopes, passwords: .application),
                ])
        ],
        grants: [.authorizationCode], authorizationParameters: ["prompt_force": "1"], pkce: .unsupported,
        revocationReach: .unknown, registration: .open("register a client at mail.ru"),
        unverified: [
            Unverified(
                .endpoints,
                because:
                    "EmailEngine and FairEmail use oauth.mail.ru; Thunderbird uses o2.mail.ru with clients of its own"),
            Unverified(
                .registration, because: "how clients for mail are registered was not read on a page of the provider's"),
            Unverified(.refreshTokenLifetime, because: "no page that was read names one"),
            Unverified(.servers, protocols: [.pop3], because: "concluded from the other servers' names"),
        ],
        sources: [
            Source("The tables of FairEmail (providers.xml), EmailEngine and Thunderbird")
        ])

    private static let mailruScopes = ["mail.imap", "userinfo"]
}

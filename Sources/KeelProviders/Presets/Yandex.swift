import KeelBase

extension ProviderPreset {
    /// Yandex Mail. OAuth is for IMAP and SMTP only; revocation there is not RFC 7009 and ends tokens of devices only.
    static let yandex = ProviderPreset(
        name: "yandex", version: 1, title: "Yandex Mail",
        clouds: [
            Cloud(
                name: "global", tokenEndpoint: "https://oauth.yandex.com/token",
                authorizationEndpoint: "https://oauth.yandex.com/authorize",
                deviceAuthorizationEndpoint: "https://oauth.yandex.com/device/code",
                servers: [
                    .imap: Server(
                        "imap.yandex.com", 993, tokens: [.xoauth2], scopes: ["mail:imap_full"], passwords: .application),
                    .pop3: Server("pop.yandex.com", 995, passwords: .application),
                    .smtp: Server(
                        "smtp.yandex.com", 465, tokens: [.xoauth2], scopes: ["mail:smtp"], passwords: .application),
                ])
        ],
        grants: [.authorizationCode, .deviceCode], revocationReach: RevocationReach.none,
        registration: .open("register a client at oauth.yandex.com with the rights for IMAP and SMTP"),
        remarks: [
            "A refresh gives a new refresh token, and may give the same access token; both share one lifetime, so refresh about every three months.",
            "The servers take XOAUTH2 also where they do not announce it.",
            "mail:imap_ro in scopes gives IMAP for reading only.",
        ],
        unverified: [
            Unverified(.pkce, because: "no page that was read says it"),
            Unverified(
                .refreshTokenLifetime, because: "Yandex asks for a refresh about every three months and names no limit"),
            Unverified(.servers, protocols: [.pop3], because: "concluded from the other servers' names"),
        ],
        sources: [
            Source(
                "OAuth authorization in Yandex Mail",
                "https://yandex.ru/support/mail-business/web/security/oauth.html"),
            Source("Refresh a token", "https://yandex.ru/dev/id/doc/en/tokens/refresh-client"),
            Source("Revoke tokens", "https://yandex.ru/dev/id/doc/en/tokens/token-invalidate"),
            Source(
                "Entering a code on another device",
                "https://yandex.com/dev/id/doc/dg/oauth/reference/simple-input-client.html"),
        ])
}

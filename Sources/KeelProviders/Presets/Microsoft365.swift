import KeelBase

extension ProviderPreset {
    /// Microsoft 365 for work and school.
    ///
    /// Login hosts: Microsoft's "National clouds" page of the identity platform. Scopes and the tenant-specific endpoint:
    /// "Authenticate an IMAP, POP or SMTP connection using OAuth". XOAUTH2 is the only mechanism; port 465 is not answered.
    static let microsoft365 = ProviderPreset(
        name: "microsoft365", version: 1, title: "Microsoft 365", needsTenant: true,
        clouds: [
            microsoft(
                "global", login: "login.microsoftonline.com", mail: "outlook.office365.com", smtp: "smtp.office365.com"),
            microsoft(
                "gcc-high", login: "login.microsoftonline.us", mail: "outlook.office365.us", smtp: "smtp.office365.us"),
            microsoft(
                "dod", login: "login.microsoftonline.us", audience: "outlook.office365.us",
                mail: "outlook-dod.office365.us", smtp: "outlook-dod.office365.us"),
            microsoft(
                "china", login: "login.partner.microsoftonline.cn", mail: "partner.outlook.cn",
                smtp: "partner.outlook.cn"),
        ])

    private static func microsoft(
        _ name: String, login: String, audience: String? = nil, mail: String, smtp: String
    ) -> Cloud {
        let base = "https://\(login)/{tenant}/oauth2/v2.0"
        return Cloud(
            name: name, tokenEndpoint: "\(base)/token", authorizationEndpoint: "\(base)/authorize",
            deviceAuthorizationEndpoint: "\(base)/devicecode",
            applicationScopes: ["https://\(audience ?? mail)/.default"],
            servers: [
                .imap: Server(host: mail, port: 993, security: .tls),
                .pop3: Server(host: mail, port: 995, security: .tls),
                .smtp: Server(host: smtp, port: 587, security: .starttls),
            ],
            mechanism: .xoauth2)
    }
}

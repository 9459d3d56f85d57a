import KeelBase

extension ProviderPreset {
    /// Yahoo Mail, and AT&T's mailboxes that Yahoo keeps.
    static let yahoo = ProviderPreset(
        name: "yahoo", version: 1, title: "Yahoo Mail",
        clouds: [yahooCloud(login: "api.login.yahoo.com", mail: "mail.yahoo.com")],
        grants: [.authorizationCode], pkce: .supported, revocationReach: .unknown, registration: noNewClients,
        unverified: yahooUnverified,
        sources: [
            Source(
                "Authorization code flow for server-side apps",
                "https://developer.yahoo.com/oauth2/guide/flows_authcode/"),
            thunderbird, registrationWall,
        ])

    /// AOL and Verizon, on the same stack.
    static let aol = ProviderPreset(
        name: "aol", version: 1, title: "AOL Mail", clouds: [yahooCloud(login: "api.login.aol.com", mail: "aol.com")],
        grants: [.authorizationCode], pkce: .supported, revocationReach: .unknown, registration: noNewClients,
        unverified: yahooUnverified, sources: [thunderbird, registrationWall])

    private static let noNewClients = Registration.closed(
        "no new clients get the mail scope: bring one that was approved, or use passwords made for one program")
    private static let thunderbird = Source("Thunderbird's table of OAuth providers")
    private static let registrationWall = Source("The notes of email-oauth2-proxy on registration")
    private static let yahooUnverified = [
        Unverified(
            .refreshTokenLifetime, because: "the provider publishes neither a lifetime nor whether tokens rotate"),
        Unverified(.issuer, .revocation, because: "known from its metadata only, which nobody has compared here"),
    ]

    private static func yahooCloud(login: String, mail: String) -> Cloud {
        func server(_ name: String, _ port: Int) -> Server {
            Server(
                "\(name).\(mail)", port, tokens: [.xoauth2, .oauthBearer], scopes: ["mail-w"], passwords: .application)
        }
        return Cloud(
            name: "global", issuer: "https://\(login)", tokenEndpoint: "https://\(login)/oauth2/get_token",
            authorizationEndpoint: "https://\(login)/oauth2/request_auth",
            revocationEndpoint: "https://\(login)/oauth2/revoke",
            servers: [.imap: server("imap", 993), .pop3: server("pop", 995), .smtp: server("smtp", 465)])
    }
}

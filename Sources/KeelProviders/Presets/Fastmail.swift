import KeelBase

extension ProviderPreset {
    /// Fastmail. PKCE is required, and a refresh token that is used twice ends the whole authorization.
    static let fastmail = ProviderPreset(
        name: "fastmail", version: 1, title: "Fastmail",
        clouds: [
            Cloud(
                name: "global", issuer: "https://api.fastmail.com",
                // Tokens come from here, also the first ones.
                tokenEndpoint: "https://api.fastmail.com/oauth/refresh",
                authorizationEndpoint: "https://api.fastmail.com/oauth/authorize",
                revocationEndpoint: "https://api.fastmail.com/oauth/revoke",
                servers: [
                    .imap: fastmailServer("imap", 993), .pop3: fastmailServer("pop", 995),
                    .smtp: fastmailServer("smtp", 465),
                ])
        ],
        grants: [.authorizationCode], pkce: .required, revocationReach: .chain,
        registration: .onRequest("ask Fastmail's developers for a client with the scopes of the protocols"),
        remarks: [
            "Each refresh gives a new refresh token; using an old one again ends the whole authorization.",
            "Clients that register themselves get the scopes of JMAP only.",
        ],
        unverified: [
            Unverified(
                .scopes, .mechanisms,
                because: "known from Thunderbird's table; Fastmail's page names JMAP's scopes only"),
            Unverified(.refreshTokenLifetime, because: "Fastmail publishes none"),
        ],
        sources: [
            Source("OAuth at Fastmail", "https://www.fastmail.com/dev/"),
            Source("Thunderbird's table of OAuth providers"),
        ])

    private static func fastmailServer(_ name: String, _ port: Int) -> Server {
        Server(
            "\(name).fastmail.com", port, tokens: [.xoauth2, .oauthBearer],
            scopes: ["https://www.fastmail.com/dev/protocol-\(name)"], passwords: .application)
    }
}

import KeelBase

extension ProviderPreset {
    /// Gmail and Google Workspace.
    ///
    /// Endpoints: Google's "Using OAuth 2.0" pages; servers: Gmail's IMAP, POP and SMTP page. There is no
    /// `client_credentials` for mail; an application acts for a mailbox by a service account (`jwt_bearer`).
    static let google = ProviderPreset(
        name: "google", version: 2, title: "Google",
        clouds: [
            Cloud(
                name: "global", issuer: "https://accounts.google.com",
                tokenEndpoint: "https://oauth2.googleapis.com/token",
                authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth",
                // Known, so that it can be said why it is not offered: it grants no mail scope.
                deviceAuthorizationEndpoint: "https://oauth2.googleapis.com/device/code",
                revocationEndpoint: "https://oauth2.googleapis.com/revoke",
                servers: [
                    .imap: gmail("imap.gmail.com", 993, maxConnections: 15),
                    .pop3: gmail("pop.gmail.com", 995),
                    .smtp: gmail("smtp.gmail.com", 465),
                ])
        ],
        grants: [.jwtBearer, .authorizationCode],
        // Without them Google gives no refresh token, or none the second time.
        authorizationParameters: ["access_type": "offline", "prompt": "consent"], pkce: .supported,
        refreshTokenLifetime: "180d", revocationReach: .userAndClient,
        registration: .open(
            "create a client in a Google Cloud project; for mailboxes outside your organization it must be verified"),
        remarks: [
            "While a client for external users is in testing, its refresh tokens live 7 days: write refreshTokenLifetime: 7d, and publish it.",
            "A refresh token for mail ends when the person changes the password; the hundred-and-first for one client and person ends the oldest.",
            "A service account needs domain-wide delegation: an administrator grants its numeric client id exactly these scopes.",
        ],
        unverified: [
            Unverified(
                .revocation,
                because:
                    "that revoking one token ends all of the same person and client is seen by many, and Google's page does not say it"
            )
        ],
        sources: [
            Source(
                "Using OAuth 2.0 to access Google APIs", "https://developers.google.com/identity/protocols/oauth2"),
            Source(
                "IMAP, POP and SMTP with XOAUTH2",
                "https://developers.google.com/workspace/gmail/imap/xoauth2-protocol"),
            Source(
                "OAuth 2.0 for devices: allowed scopes",
                "https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes"),
        ])

    private static func gmail(_ host: String, _ port: Int, maxConnections: Int? = nil) -> Server {
        Server(
            host, port, tokens: [.xoauth2, .oauthBearer], scopes: ["https://mail.google.com/"], passwords: .application,
            maxConnections: maxConnections)
    }
}

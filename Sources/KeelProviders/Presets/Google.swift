import KeelBase

extension ProviderPreset {
    /// Gmail and Google Workspace.
    ///
    /// Endpoints: Google's "Using OAuth 2.0" pages; servers: Gmail's IMAP, POP and SMTP page. The device endpoint is left
    /// out: Google does not grant the mail scope there. There is no `client_credentials` for mail; an application acts
    /// for a mailbox by a service account (`jwt_bearer`).
    static let google = ProviderPreset(
        name: "google", version: 1, title: "Google Workspace", needsTenant: false,
        clouds: [
            Cloud(
                name: "global", tokenEndpoint: "https://oauth2.googleapis.com/token",
                authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth",
                deviceAuthorizationEndpoint: nil, applicationScopes: [],
                servers: [
                    .imap: Server(host: "imap.gmail.com", port: 993, security: .tls),
                    .pop3: Server(host: "pop.gmail.com", port: 995, security: .tls),
                    .smtp: Server(host: "smtp.gmail.com", port: 465, security: .tls),
                ],
                mechanism: .xoauth2)
        ])
}

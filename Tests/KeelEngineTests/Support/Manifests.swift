/// The manifests of a small project: one profile, and the accounts alpha, beta and gamma.
struct Manifests {
    struct Account {
        let name: String
        var type = "imap"
        var port = 993
        var isActive = true
        var debug = false

        init(_ name: String) { self.name = name }

        fileprivate var text: String {
            """
            ---
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata: { name: \(name) }
            spec:
              type: \(type)
              server: mail.example.com
              port: \(port)
              userName: \(name)@example.com
              oauthProfile: desk
              active: \(isActive)
              debug: \(debug)

            """
        }
    }

    /// A profile that needs a person's consent, and an account with it.
    static func person(server: String = "mail.example.com") -> String {
        """
        ---
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: people }
        spec:
          endpoints: { authorization: "https://login.example.com/authorize", token: "\(ScriptedProvider.tokenEndpoint)" }
          grant: authorization_code
          client: { id: app-2 }
          scopes: [mail.imap]
        ---
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: one }
        spec: { type: imap, server: \(server), userName: one@example.com, oauthProfile: people }

        """
    }

    /// Where the client's secret is.
    var secret = "fromEnv: DESK_SECRET"
    /// Announces a rotation.
    var secretVersion = "1"
    /// What says where tokens come from.
    var endpoint = "endpoints: { token: \"\(ScriptedProvider.tokenEndpoint)\" }"
    var alpha = Account("alpha")
    var beta = Account("beta")
    var gamma = Account("gamma")
    var more: [Account] = []

    var text: String {
        """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: desk }
        spec:
          \(endpoint)
          grant: client_credentials
          client: { id: app-1, secret: { \(secret), version: "\(secretVersion)" } }
          scopes: [mail.imap]

        """ + ([alpha, beta, gamma] + more).map(\.text).joined()
    }
}

import KeelBase

/// The files of the example project. Each begins with a line that says who wrote it, and for which addresses.
enum ExampleFile: String, CaseIterable {
    case readme = "README.md"
    case profile = "profile.yaml"
    case accounts = "accounts.yaml"
    /// Only where it is wanted: an apply of it leaves work for a person.
    case people = "people.yaml"
    /// Accounts of every protocol, only where they are wanted.
    case protocols = "protocols.yaml"
    case authority = "ca.pem"
    case ignored = ".gitignore"

    /// What marks a file as the sandbox's own.
    static let signature = "Written by mailkeel sandbox"
    static let secretName = "secrets/client-secret"
    static let passwordName = "secrets/mailbox-password"
    static let logName = "sandbox.log"

    func content(_ setting: ExampleProject.Setting) -> String {
        let mark = "\(Self.signature) for \(setting.place); written anew when these change."
        return switch self {
        case .readme: "<!-- \(mark) -->\n" + Self.readme(setting)
        case .profile: "# \(mark)\n" + Self.profile(setting)
        case .accounts: "# \(mark)\n" + Self.accounts(setting)
        case .people: "# \(mark)\n" + Self.people(setting)
        case .protocols: "# \(mark)\n" + Self.protocols(setting)
        // Text before the first boundary is a comment (RFC 7468 section 2).
        case .authority: "# \(mark)\n" + setting.authorityPEM
        case .ignored: "# \(mark)\n/secrets/\n/\(Self.logName)\n"
        }
    }

    private static func profile(_ setting: ExampleProject.Setting) -> String {
        """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata:
          name: \(ExampleProject.profile)
        spec:
          issuer: "\(setting.issuer)"
          grant: client_credentials
          client:
            id: \(ExampleProject.clientID)
            secret: { fromFile: \(secretName) }
          scopes: [\(MailboxGate.scope)]
          tls: { caFile: ca.pem }

        """
    }

    private static func accounts(_ setting: ExampleProject.Setting) -> String {
        ExampleProject.accounts.map { name in
            let mailbox = ExampleProject.mailbox(of: name)
            return account(name, MailPlace(.imap, .tls), tokens(ExampleProject.profile, mailbox), setting)
        }.joined(separator: "---\n")
    }

    /// A way out of the sandbox by SMTP, one in by POP3, and an account with a password behind STARTTLS.
    private static func protocols(_ setting: ExampleProject.Setting) -> String {
        let support = ExampleProject.mailbox(of: "support")
        let billing = ExampleProject.mailbox(of: "billing")
        let sender = tokens(ExampleProject.profile, support) + ["from: \(support)", "userLabel: Support Desk"]
        return [
            account("support-out", MailPlace(.smtp, .starttls), sender, setting),
            account("billing-pop3", MailPlace(.pop3, .tls), tokens(ExampleProject.profile, billing), setting),
            account(
                "alerts-by-password", MailPlace(.imap, .starttls),
                [
                    "authentication: password", "userName: \(ExampleProject.mailbox(of: "alerts"))",
                    "password: { fromFile: \(passwordName) }",
                ], setting),
        ].joined(separator: "---\n")
    }

    /// What an account says that logs in with tokens.
    private static func tokens(_ profile: String, _ mailbox: String, authorizedAs person: String? = nil) -> [String] {
        ["authentication: oauth2", "userName: \(mailbox)"] + (person.map { ["authorizedAs: \($0)"] } ?? [])
            + ["oauthProfile: \(profile)"]
    }

    private static func account(
        _ name: String, _ place: MailPlace, _ login: [String], _ setting: ExampleProject.Setting
    ) -> String {
        let endpoint = setting.mail[place] ?? HostPort(host: "", port: 0)
        return """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata:
              name: \(name)
            spec:
              type: \(place.service.rawValue)
              server: "\(endpoint.host)"
              port: \(endpoint.port)
              connectionSecurity: \(place.security.rawValue)
              \(login.joined(separator: "\n  "))
              tls: { caFile: ca.pem }

            """
    }

    /// A shared mailbox, for which its keeper consents in a browser; and a mailbox whose owner consents on another device.
    private static func people(_ setting: ExampleProject.Setting) -> String {
        let profiles = [("sandbox-browser", "authorization_code"), ("sandbox-device", "device_code")].map {
            name, grant in
            """
            apiVersion: mailkeel/v1
            kind: OAuthProfile
            metadata:
              name: \(name)
            spec:
              issuer: "\(setting.issuer)"
              grant: \(grant)
              client:
                id: \(ExampleProject.personalClient.id)
              scopes: [\(MailboxGate.scope), openid, email, offline_access]
              tls: { caFile: ca.pem }

            """
        }
        let shared = tokens(
            "sandbox-browser", ExampleProject.mailbox(of: "support"), authorizedAs: ExampleProject.mailbox(of: "lead"))
        let own = tokens("sandbox-device", ExampleProject.mailbox(of: "alerts"))
        let accounts = [
            account("support-by-lead", MailPlace(.imap, .tls), shared, setting),
            account("alerts-by-device", MailPlace(.imap, .tls), own, setting),
        ]
        return (profiles + accounts).joined(separator: "---\n")
    }

    private static func readme(_ setting: ExampleProject.Setting) -> String {
        """
        # A project against the sandbox

        `mailkeel sandbox` runs an OAuth provider (\(setting.issuer)) and servers for SMTP, IMAP and POP3 on this machine.
        Nothing here leaves it. The manifests in this directory describe three mailboxes on them.

        Leave the sandbox running, and in another terminal, in this directory:

            mailkeel validate    # are the manifests right?
            mailkeel plan        # what would be done?
            mailkeel apply       # get a token, log in to each mailbox, and remember the result
            mailkeel test        # log in again

        Then change something, for example a `userName` in `accounts.yaml`, and plan again: the provider's client may
        open only \(ExampleProject.accounts.map { "`\(ExampleProject.mailbox(of: $0))`" }.joined(separator: ", ")).

        With `mailkeel sandbox --with-people` there is `people.yaml` as well: a shared mailbox whose keeper consents in a
        browser, and a mailbox whose owner consents on another device. An apply leaves both for a person to do.

        With `mailkeel sandbox --all-protocols` there is `protocols.yaml` as well: accounts for SMTP and POP3, and one that logs
        in with a password after STARTTLS.

        | File | What it is |
        | --- | --- |
        | `profile.yaml` | the application at the provider, and how it gets tokens |
        | `accounts.yaml` | the mailboxes |
        | `ca.pem` | the authority of the servers' certificates; a new one each time the sandbox starts |
        | `\(secretName)` | the client secret; it stays the same |
        | `\(passwordName)` | the password of every mailbox; change it, and restart the sandbox |
        | `\(logName)` | what the servers saw, one JSON object a line, without tokens and secrets |

        ## Faults to order

        `mailkeel sandbox --fault NAME` makes something go wrong; the option may be given several times. `NAME=VALUE` gives a
        value, and `NAME:2` holds for two answers.

        \(SandboxFault.table)
        """
    }
}

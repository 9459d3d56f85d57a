import KeelBase

/// The files of the example project. Each begins with a line that says who wrote it, and for which addresses.
enum ExampleFile: String, CaseIterable {
    case readme = "README.md"
    case profile = "profile.yaml"
    case accounts = "accounts.yaml"
    /// Only where it is wanted: an apply of it leaves work for a person.
    case people = "people.yaml"
    case authority = "ca.pem"
    case ignored = ".gitignore"

    /// What marks a file as the sandbox's own.
    static let signature = "Written by mailkeel sandbox"
    static let secretName = "secrets/client-secret"
    static let logName = "sandbox.log"

    func content(_ setting: ExampleProject.Setting) -> String {
        let mark = "\(Self.signature) for \(setting.place); written anew when these change."
        return switch self {
        case .readme: "<!-- \(mark) -->\n" + Self.readme(setting)
        case .profile: "# \(mark)\n" + Self.profile(setting)
        case .accounts: "# \(mark)\n" + Self.accounts(setting)
        case .people: "# \(mark)\n" + Self.people(setting)
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
        ExampleProject.accounts.map { account in
            self.account(
                account, ["userName: \(ExampleProject.mailbox(of: account))"], ExampleProject.profile, setting)
        }.joined(separator: "---\n")
    }

    private static func account(
        _ name: String, _ who: [String], _ profile: String, _ setting: ExampleProject.Setting
    ) -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata:
          name: \(name)
        spec:
          type: imap
          server: "\(setting.imap.host)"
          port: \(setting.imap.port)
          connectionSecurity: tls
          authentication: oauth2
          \(who.joined(separator: "\n  "))
          oauthProfile: \(profile)
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
        let shared = [
            "userName: \(ExampleProject.mailbox(of: "support"))",
            "authorizedAs: \(ExampleProject.mailbox(of: "lead"))",
        ]
        let accounts = [
            account("support-by-lead", shared, "sandbox-browser", setting),
            account(
                "alerts-by-device", ["userName: \(ExampleProject.mailbox(of: "alerts"))"], "sandbox-device", setting),
        ]
        return (profiles + accounts).joined(separator: "---\n")
    }

    private static func readme(_ setting: ExampleProject.Setting) -> String {
        """
        # A project against the sandbox

        `mailkeel sandbox` runs an OAuth provider (\(setting.issuer)) and an IMAP server (\(setting.imap)) on this
        machine. Nothing here leaves it. The manifests in this directory describe three mailboxes on them.

        Leave the sandbox running, and in another terminal, in this directory:

            mailkeel validate    # are the manifests right?
            mailkeel plan        # what would be done?
            mailkeel apply       # get a token, log in to each mailbox, and remember the result
            mailkeel test        # log in again

        Then change something, for example a `userName` in `accounts.yaml`, and plan again: the provider's client may
        open only \(ExampleProject.accounts.map { "`\(ExampleProject.mailbox(of: $0))`" }.joined(separator: ", ")).

        With `mailkeel sandbox --with-people` there is `people.yaml` as well: a shared mailbox whose keeper consents in a
        browser, and a mailbox whose owner consents on another device. An apply leaves both for a person to do.

        | File | What it is |
        | --- | --- |
        | `profile.yaml` | the application at the provider, and how it gets tokens |
        | `accounts.yaml` | the mailboxes |
        | `ca.pem` | the authority of the servers' certificates; a new one each time the sandbox starts |
        | `\(secretName)` | the client secret; it stays the same |
        | `\(logName)` | what the servers saw, one JSON object a line, without tokens and secrets |

        ## Faults to order

        `mailkeel sandbox --fault NAME` makes something go wrong; the option may be given several times. `NAME=VALUE` gives a
        value, and `NAME:2` holds for two answers.

        \(SandboxFault.table)
        """
    }
}

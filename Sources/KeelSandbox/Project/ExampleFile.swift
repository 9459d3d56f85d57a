import KeelBase

/// The files of the example project. Each begins with a line that says who wrote it, and for which addresses.
enum ExampleFile: String, CaseIterable {
    case readme = "README.md"
    case profile = "profile.yaml"
    case accounts = "accounts.yaml"
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
            """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata:
              name: \(account)
            spec:
              type: imap
              server: "\(setting.imap.host)"
              port: \(setting.imap.port)
              connectionSecurity: tls
              authentication: oauth2
              userName: \(ExampleProject.mailbox(of: account))
              oauthProfile: \(ExampleProject.profile)
              tls: { caFile: ca.pem }

            """
        }.joined(separator: "---\n")
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

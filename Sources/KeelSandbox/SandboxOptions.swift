import KeelBase

/// What to start.
package struct SandboxOptions: Sendable {
    /// The literal loopback address of all servers.
    package var host = "127.0.0.1"
    /// The provider's port; 0 for any free one.
    package var oauthPort = 0
    /// The ports of the mail servers; any free one where none is named, or 0.
    package var mailPorts: [MailPlace: Int] = [:]
    /// The path of the issuer, such as `/tenant`; empty for an issuer without one.
    package var issuerPath = ""
    /// How long access tokens live, in seconds.
    package var tokenLifetime = 3600
    /// Whether access tokens are JWTs that say whose they are; else they are opaque.
    package var tokensAreJWT = false
    /// How long authorization codes live, in seconds.
    package var codeLifetime = 60
    /// How long a device code lives, in seconds.
    package var deviceCodeLifetime = 900
    /// Seconds that a device must let pass between two polls.
    package var deviceInterval = 5
    package var refresh = RefreshRules()
    /// Consents to everything at once, without a page, as this user.
    package var approvesAs: String?
    package var faults: [FaultOrder] = []
    /// Where to keep the example project; nil for servers alone.
    package var directory: String?
    /// Where to append the log; nil: `sandbox.log` in the directory, and no file without one.
    package var logPath: String?
    /// Applications beside the example's.
    package var clients: [SandboxClient] = []
    /// The keys with which the example's application may sign in place of its secret.
    package var clientKeys: [SandboxKey] = []
    /// Who else may vouch for that application.
    package var trustedIssuers: [TrustedIssuer] = []
    package var serviceAccounts: [SandboxServiceAccount] = []
    /// What files add to these.
    package var keyFiles = SandboxKeyFiles()
    /// Whether the example project has accounts that need a person, too.
    package var hasPeople = false
    /// Whether the example project has accounts of every protocol, too: SMTP, POP3, and one with a password.
    package var hasAllProtocols = false
    /// Who may consent.
    package var users: [SandboxUser] = ExampleProject.users

    package init() {}

    func orders(_ fault: SandboxFault) -> Bool { faults.contains { $0.fault == fault } }

    /// Whether it is ordered for this mail server, or for all.
    func orders(_ fault: SandboxFault, of server: MailProtocol) -> Bool {
        faults.contains { $0.fault == fault && ($0.server ?? server) == server }
    }
}

import KeelBase

/// Files that make the example's clients and users able to do more.
package struct SandboxKeyFiles: Sendable {
    /// The password of every user, as one line.
    package var userPassword: String?
    /// Public keys and certificates with which the example's application may sign in place of its secret.
    package var client: [String] = []
    /// Public keys of the issuer that vouches for that application.
    package var vouching: [String] = []
    /// Public keys of the service account.
    package var serviceAccount: [String] = []

    package init() {}

    /// Who vouches for the example's application, to whom that is known by another name.
    static let issuer = "https://ci.sandbox.example"
    static let subject = "project:mailkeel-sandbox"
    static let audience = "api://mailkeel-sandbox"
    static let robot = "robot@sandbox.example"
}

extension SandboxOptions {
    /// The same, with what the files hold.
    func reading(_ files: any FileStore) throws(SandboxFailure) -> SandboxOptions {
        var options = self
        options.clientKeys += try keys(keyFiles.client, files)
        let vouching = try keys(keyFiles.vouching, files)
        if !vouching.isEmpty {
            options.trustedIssuers.append(
                TrustedIssuer(
                    issuer: SandboxKeyFiles.issuer, subject: SandboxKeyFiles.subject,
                    audience: SandboxKeyFiles.audience, keys: vouching))
        }
        let robots = try keys(keyFiles.serviceAccount, files)
        if !robots.isEmpty {
            options.serviceAccounts.append(
                SandboxServiceAccount(
                    email: SandboxKeyFiles.robot, keys: robots, scopes: ExampleProject.personalClient.scopes))
        }
        if let path = keyFiles.userPassword {
            let password = try text(path, files).withoutLineEnd
            guard !password.isEmpty else { throw .unusableKey(path: path) }
            options.users = users.map { user in
                SandboxUser(
                    name: user.name, subject: user.subject, password: user.password ?? password,
                    sharedMailboxes: user.mailboxes)
            }
        }
        return options
    }

    private func keys(_ paths: [String], _ files: any FileStore) throws(SandboxFailure) -> [SandboxKey] {
        var keys: [SandboxKey] = []
        for path in paths {
            let pem = try text(path, files).revealText()
            guard let key = SandboxKey(pem: pem) else { throw .unusableKey(path: path) }
            keys.append(key)
        }
        return keys
    }

    private func text(_ path: String, _ files: any FileStore) throws(SandboxFailure) -> Secret {
        let bytes = try SandboxFailure.reporting { () throws(FileFailure) in try files.read(path, limit: 1 << 16) }
        guard let bytes else { throw .unusableKey(path: path) }
        return Secret(copying: bytes)
    }
}

import KeelBase
import KeelDiagnostics

extension Linter {
    /// How the account authenticates, at this provider.
    func checkLogin(_ linted: LintedAccount, _ findings: inout Findings) {
        let account = linted.account
        if let mechanism = account.mechanism, mechanism.carried != account.authentication {
            return findings.add(
                .mechanismContradicts, account.spec, AccountField.mechanism,
                account.authentication == .none
                    ? "an account without authentication has no mechanism"
                    : "\(mechanism.rawValue) carries no \(account.authentication == .oauth2 ? "token" : "password")",
                help: "remove mechanism, or change authentication")
        }
        guard let provider = linted.provider else { return }
        switch account.authentication {
        case .oauth2: checkToken(account, provider, &findings)
        case .password: checkPassword(account, provider, &findings)
        case .none: break
        }
    }

    private func checkToken(_ account: EffectiveAccount, _ provider: KnownProvider, _ findings: inout Findings) {
        guard provider.offersOAuth(account.type) else {
            return findings.add(
                .oauthNotOffered, account.spec, AccountField.type,
                "\(provider.title) takes no OAuth tokens for \(account.type.rawValue)",
                help: account.type == .pop3 && provider.offersOAuth(.imap)
                    ? "use type: imap" : "use authentication: password with an application password")
        }
        guard let mechanism = account.mechanism else { return }
        let offered = provider.tokenMechanisms(account.type)
        guard !offered.isEmpty, !offered.contains(mechanism) else { return }
        findings.add(
            .mechanismNotOffered, account.spec, AccountField.mechanism,
            "\(provider.title) does not offer \(mechanism.rawValue)",
            help: "remove mechanism, or write \(offered.map(\.rawValue).joined(separator: " or "))")
    }

    private func checkPassword(_ account: EffectiveAccount, _ provider: KnownProvider, _ findings: inout Findings) {
        let field = account.spec.isWritten(.password) ? AccountField.password : .authentication
        switch provider.passwords(account.type) {
        case .taken: break
        case .refused:
            findings.add(
                .passwordNotOffered, account.spec, field,
                "\(provider.title) takes no passwords for \(account.type.rawValue)",
                help: "use authentication: oauth2 with an OAuthProfile")
        case .retiring:
            findings.add(
                .passwordNotOffered, account.spec, field,
                "\(provider.title) is ending passwords for \(account.type.rawValue)", severity: .warning,
                help: "use authentication: oauth2 with an OAuthProfile before the end of December 2026")
        }
    }

    /// Who logs in, who consents, who sends.
    func checkNames(_ linted: LintedAccount, _ findings: inout Findings) {
        let account = linted.account
        let spec = account.spec
        if account.debug {
            findings.add(
                .debug, spec, AccountField.debug, "debug is on",
                help: "remove the line when the fault is found")
        }
        if spec.isWritten(.authorizedAs), account.grant == .clientCredentials {
            findings.add(
                .authorizedAsWithoutEffect, spec, AccountField.authorizedAs,
                "nobody consents here, so this has no effect",
                help: "remove the line, or use a profile in which a person consents")
        }
        let userName = account.userName
        let isAddress = userName.utf8.contains(UInt8(ascii: "@"))
        if spec.isWritten(.from), isAddress, let from = spec.text(.from), from.lowercased() != userName.lowercased() {
            findings.add(
                .senderPermission, spec, AccountField.from,
                "the mailbox needs permission to send as \(quoted(from))", help: "grant Send As at the provider")
        }
        guard let family = linted.provider?.family, family != .other else { return }
        if family == .microsoft, userName.utf8.contains(UInt8(ascii: "\\")) {
            findings.add(
                .sharedMailboxName, spec, AccountField.userName,
                "a shared mailbox is not named by user\\mailbox any more",
                help: "write the shared mailbox as userName, and the person as authorizedAs")
        } else if !isAddress, account.authentication != .none {
            findings.add(
                .userNameNotAddress, spec, AccountField.userName, "\(quoted(userName)) is not the address of a mailbox",
                help: "write the whole address")
        }
    }
}

extension SASLMechanism {
    /// What the mechanism carries.
    fileprivate var carried: AuthenticationMethod {
        switch self {
        case .xoauth2, .oauthBearer: .oauth2
        case .plain, .login, .cramMD5, .scramSHA256, .scramSHA1: .password
        }
    }
}

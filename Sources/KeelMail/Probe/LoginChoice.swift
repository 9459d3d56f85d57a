import KeelBase

/// How an account may log in: by what is declared, or by the best that the server offers once TLS stands.
package struct LoginChoice: Sendable, Hashable {
    /// This and nothing else: a server that offers it no longer is a failure, never a reason to take a weaker one.
    package let declared: LoginMethod?
    /// The mechanisms by which the provider takes tokens, the preferred first; empty where nothing is known of it.
    package let tokenMechanisms: [SASLMechanism]

    /// `mechanism` as declared in the manifest; without one the offer decides, as far as the provider's rule allows.
    package init(mechanism: SASLMechanism?, tokenMechanisms: [SASLMechanism] = []) {
        declared = mechanism.map(LoginMethod.sasl)
        self.tokenMechanisms = tokenMechanisms
    }

    /// By `method` and nothing else.
    package init(only method: LoginMethod) {
        declared = method
        tokenMechanisms = []
    }

    /// The passwords' mechanisms, the strongest first.
    private static let passwordMechanisms: [SASLMechanism] = [.scramSHA256, .scramSHA1, .cramMD5, .plain, .login]

    /// The method for `credential` at a server with this offer.
    ///
    /// A token goes by a mechanism for tokens alone. Without TLS nothing is chosen by which the wire would show the
    /// credential.
    package func method(
        for credential: MailLogin.Credential?, offer: LoginOffer, isSecure: Bool
    ) throws(MailFailure) -> LoginMethod {
        guard let credential else { return .none }
        let wanted = declared.map { [$0] } ?? candidates(for: credential)
        let offered = wanted.filter(offer.includes)
        guard !offered.isEmpty else { throw MailFailure(.mechanismNotOffered(offered: offer.mechanisms)) }
        let fitting = offered.filter { $0.computes(with: credential) }
        guard !fitting.isEmpty else { throw MailFailure(.unpreparablePassword) }
        guard let method = fitting.first(where: { isSecure || $0.hidesCredential }) else {
            throw MailFailure(.credentialInClear(offered: offer.mechanisms))
        }
        return method
    }

    private func candidates(for credential: MailLogin.Credential) -> [LoginMethod] {
        switch credential {
        case .accessToken:
            (tokenMechanisms.isEmpty ? [.oauthBearer, .xoauth2] : tokenMechanisms).map(LoginMethod.sasl)
        case .password: Self.passwordMechanisms.map(LoginMethod.sasl) + [.command, .apop]
        }
    }
}

/// By what a server lets somebody log in, as far as it told.
package struct LoginOffer: Sendable, Hashable {
    /// The SASL mechanisms, by name.
    package let mechanisms: [String]
    /// Whether it takes the protocol's own command for a password.
    package let takesCommand: Bool
    /// Whether its greeting had a stamp for APOP.
    package let takesAPOP: Bool
    /// Whether the connection has something that a mechanism can be bound to.
    package let isBindable: Bool

    package init(
        mechanisms: [String], takesCommand: Bool = false, takesAPOP: Bool = false, isBindable: Bool = false
    ) {
        self.mechanisms = mechanisms
        self.takesCommand = takesCommand
        self.takesAPOP = takesAPOP
        self.isBindable = isBindable
    }

    func includes(_ method: LoginMethod) -> Bool {
        switch method {
        case .sasl(let mechanism):
            SASLExchange.isOffered(mechanism, among: mechanisms, isBindable: isBindable)
        case .command: takesCommand
        case .apop: takesAPOP
        case .none: true
        }
    }
}

extension LoginMethod {
    /// Whether it can do with this credential what it must.
    fileprivate func computes(with credential: MailLogin.Credential) -> Bool {
        switch (self, credential) {
        case (.sasl(.scramSHA256), .password(let password)), (.sasl(.scramSHA1), .password(let password)):
            SASLPrep.prepared(password.reveal()) != nil
        default: true
        }
    }

    /// Whether somebody who reads along learns the credential not from it.
    var hidesCredential: Bool {
        switch self {
        case .sasl(.scramSHA256), .sasl(.scramSHA1), .sasl(.cramMD5), .apop, .none: true
        case .sasl(.xoauth2), .sasl(.oauthBearer), .sasl(.plain), .sasl(.login), .command: false
        }
    }
}

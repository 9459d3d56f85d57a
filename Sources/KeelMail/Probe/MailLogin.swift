import KeelBase

/// What an account shows a server, and how.
package struct MailLogin: Sendable {
    /// What is secret in it.
    package enum Credential: Sendable {
        case accessToken(Secret)
        case password(Secret)

        /// Whichever it is.
        package var secret: Secret {
            switch self {
            case .accessToken(let secret), .password(let secret): secret
            }
        }
    }

    package let userName: String
    /// Nil where nobody logs in.
    package let credential: Credential?
    package let choice: LoginChoice

    package init(userName: String, credential: Credential?, choice: LoginChoice) {
        self.userName = userName
        self.credential = credential
        self.choice = choice
    }

    /// By `method` and nothing else.
    package init(userName: String, credential: Credential, method: LoginMethod) {
        self.init(
            userName: userName, credential: method == .none ? nil : credential, choice: LoginChoice(only: method))
    }
}

/// By what a credential is shown.
package enum LoginMethod: Sendable, Hashable {
    case sasl(SASLMechanism)
    /// The protocol's own command for a password: `LOGIN` of IMAP, `USER` and `PASS` of POP3.
    case command
    /// The digest of POP3's greeting and the password (RFC 1939 section 7).
    case apop
    /// Nobody logs in.
    case none

    /// The name for people and records.
    package var rawValue: String {
        switch self {
        case .sasl(let mechanism): mechanism.rawValue
        case .command: "login command"
        case .apop: "APOP"
        case .none: "no login"
        }
    }
}

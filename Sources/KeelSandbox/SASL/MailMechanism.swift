/// The SASL mechanisms of the mail servers.
enum MailMechanism: String, CaseIterable {
    case xoauth2 = "XOAUTH2"
    case oauthBearer = "OAUTHBEARER"
    case scramSHA256Plus = "SCRAM-SHA-256-PLUS"
    case scramSHA256 = "SCRAM-SHA-256"
    case scramSHA1 = "SCRAM-SHA-1"
    case cramMD5 = "CRAM-MD5"
    case plain = "PLAIN"
    case login = "LOGIN"

    /// Whether it shows a token, and not that a password is known.
    var isOfTokens: Bool { self == .xoauth2 || self == .oauthBearer }
}

extension MailFaults {
    /// What a server offers, in its order.
    var mechanisms: [MailMechanism] {
        if let order = self[.mailMechanisms] {
            let names = order.value.uppercased().split { $0 == "," || $0 == " " }
            return names.compactMap { MailMechanism(rawValue: String($0)) }
        }
        return MailMechanism.allCases.filter { !$0.isOfTokens || !contains(.mailNoXOAUTH2) }
    }

    /// Whether passwords may be shown as they are: by `LOGIN` of IMAP, `USER` and `APOP` of POP3.
    var takesPasswords: Bool { mechanisms.contains { !$0.isOfTokens } }

    /// Whether a response may stand behind the name of its mechanism.
    var takesInitialResponses: Bool { !contains(.mailNoInitialResponse) }
}

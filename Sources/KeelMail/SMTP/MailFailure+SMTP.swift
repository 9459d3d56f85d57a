import KeelBase

extension SMTPReply {
    /// What the codes say of a refused login; nil when they say no more than that it was refused.
    var loginKind: MailFailure.Kind? {
        switch enhanced.map({ ($0.subject, $0.detail) }) {
        // The mechanism is too weak, or passwords are retired (RFC 4954 section 6; Exchange).
        case (7, 9)?, (7, 30)?: return .mechanismRefused
        // The account is disabled (RFC 5248 section 2.4), SMTP is (Exchange), or a person must look (Google).
        case (7, 13)?, (7, 139)?, (7, 14)?: return .contactAdministrator
        case (7, 11)?: return .privacyRequired
        case (5, 6)?: return .credentialTooLong
        case (5, 127)?: return .credentialExpired
        // The password must be used with another mechanism once (RFC 4954 section 6).
        case (7, 12)?: return .mechanismRefused
        case (3, 2)?, (7, 500)?: return isTransient ? .limitReached : nil
        default: break
        }
        switch code {
        case 530, 538: return .privacyRequired
        case 504, 534: return .mechanismRefused
        case 400..<500: return .temporarilyUnavailable
        case 500..<504: return .commandRejected
        default: return nil
        }
    }

    /// What the codes say of a sender that was refused.
    func senderKind(loggedIn: Bool) -> MailFailure.Kind {
        switch enhanced.map({ ($0.subject, $0.detail) }) {
        // RFC 6531 section 3.5.
        case (6, 7)?: return .smtpUTF8NotOffered
        case (3, 2)?, (7, 500)?: if isTransient { return .limitReached }
        default: break
        }
        return switch code {
        case 530: Self.loginWanted(loggedIn)
        case 400..<500: .temporarilyUnavailable
        case 500..<505: .commandRejected
        default: .senderRefused
        }
    }

    /// What the codes say of a command that does nothing.
    func idleKind(loggedIn: Bool) -> MailFailure.Kind {
        if loggedIn { return .postLoginRefused }
        return switch code {
        case 530: Self.loginWanted(loggedIn)
        case 400..<500: .temporarilyUnavailable
        default: .commandRejected
        }
    }

    /// What the codes say of a recipient that was refused.
    func recipientKind(loggedIn: Bool) -> MailFailure.Kind { duringSubmission(loggedIn) ?? .recipientRefused }

    /// What the codes say of a message that was refused. Exchange judges the sender of the headers only here.
    func messageKind(loggedIn: Bool) -> MailFailure.Kind {
        if let enhanced, (enhanced.subject, enhanced.detail) == (7, 60) { return .senderRefused }
        return duringSubmission(loggedIn) ?? .messageRefused
    }

    /// A server that wants a login has none, or lets the one it has count for nothing: Exchange says so of mailboxes that
    /// may not send.
    private static func loginWanted(_ loggedIn: Bool) -> MailFailure.Kind {
        loggedIn ? .postLoginRefused : .authenticationRequired
    }

    private func duringSubmission(_ loggedIn: Bool) -> MailFailure.Kind? {
        if isTransient, let enhanced, [(3, 2), (7, 500)].contains(where: { $0 == (enhanced.subject, enhanced.detail) })
        {
            return .limitReached
        }
        return switch code {
        case 530: Self.loginWanted(loggedIn)
        case 400..<500: .temporarilyUnavailable
        case 500..<505: .commandRejected
        default: nil
        }
    }

    /// What repeating can do, by the first digit (RFC 5321 section 4.2.1).
    var transience: MailFailure.Transience { isTransient ? .transient : .permanent }
}

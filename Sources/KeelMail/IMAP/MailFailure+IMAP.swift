import KeelBase

/// The response codes of RFC 5530 (now RFC 9051 section 7.1).
package enum IMAPResponseCode: String, Sendable, CaseIterable {
    case unavailable = "UNAVAILABLE"
    case authenticationFailed = "AUTHENTICATIONFAILED"
    case authorizationFailed = "AUTHORIZATIONFAILED"
    case expired = "EXPIRED"
    case privacyRequired = "PRIVACYREQUIRED"
    case contactAdmin = "CONTACTADMIN"
    case noPerm = "NOPERM"
    case inUse = "INUSE"
    case expungeIssued = "EXPUNGEISSUED"
    case corruption = "CORRUPTION"
    case serverBug = "SERVERBUG"
    case clientBug = "CLIENTBUG"
    case cannot = "CANNOT"
    case limit = "LIMIT"
    case overQuota = "OVERQUOTA"
    case alreadyExists = "ALREADYEXISTS"
    case nonexistent = "NONEXISTENT"

    /// What the code says of a login; nil for codes that speak of mailboxes and messages.
    var loginKind: MailFailure.Kind? {
        switch self {
        case .unavailable: .temporarilyUnavailable
        case .authenticationFailed: .authenticationFailed
        case .authorizationFailed, .noPerm: .authorizationFailed
        case .expired: .credentialExpired
        case .privacyRequired: .privacyRequired
        case .contactAdmin: .contactAdministrator
        case .inUse: .mailboxInUse
        case .limit: .limitReached
        case .serverBug, .corruption: .serverFault
        case .expungeIssued, .clientBug, .cannot, .overQuota, .alreadyExists, .nonexistent: nil
        }
    }
}

extension IMAPLoginProbe {
    /// A refusal whose code decides, and where it has none, the place in the conversation (`kind`).
    func failure(_ kind: MailFailure.Kind, _ text: IMAPResponseText) -> MailFailure {
        let coded = text.code.flatMap { IMAPResponseCode(rawValue: $0) }.flatMap(\.loginKind)
        return talk.failure(
            coded.flatMap { $0.mayReplace(kind, talk.credentialWasOffered) ? $0 : nil } ?? kind,
            // Before TLS anybody on the way may name a server of theirs.
            text.answer.adding(talk.isBeforeTLS ? [] : text.referral), transience: (coded ?? kind).transience)
    }
}

/// What is read in a server's free text, because Exchange says it and has no code for it. Case does not count.
enum IMAPWords {
    /// The session's token ran out.
    static let tokenExpired = "accesstokenexpired"
    /// Nobody is connected to the mailbox: a missing permission, a limit, or a mishap of its own.
    static let notConnected = "authenticated but not connected"
}

extension IMAPResponseText {
    func says(_ words: String) -> Bool { self.words.text.lowercased().contains(words) }
}

extension MailFailure.Kind {
    /// Whether a response code says more than the place in the conversation. Before and after the login
    /// the place is what matters, and nothing can be wrong with a credential that was not shown.
    fileprivate func mayReplace(_ place: Self, _ credentialWasOffered: Bool) -> Bool {
        switch (place, self) {
        case (.greetingRefused, _), (.postLoginRefused, _), (.notConnected, _), (.credentialExpired, _),
            (.startTLSNotOffered, _):
            false
        case (_, .authenticationFailed), (_, .authorizationFailed), (_, .credentialExpired): credentialWasOffered
        default: true
        }
    }
}

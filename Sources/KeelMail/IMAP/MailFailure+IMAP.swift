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

extension MailFailure {
    /// A refusal whose code decides, and where it has none, the place in the conversation (`kind`).
    init(
        _ kind: Kind, refusal text: IMAPResponseText, challenge: MechanismError? = nil, credentialWasOffered: Bool,
        wasBeforeTLS: Bool = false
    ) {
        let coded = text.code.flatMap { IMAPResponseCode(rawValue: $0) }.flatMap(\.loginKind)
        self.init(
            coded.flatMap { $0.mayReplace(kind, credentialWasOffered) ? $0 : nil } ?? kind, answer: text.answer,
            challenge: challenge, transience: (coded ?? kind).transience, credentialWasOffered: credentialWasOffered,
            wasBeforeTLS: wasBeforeTLS)
    }
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

import KeelBase
import KeelOAuth
import KeelVault

/// What sources say of who consented, the most trusted first.
package struct IdentityEvidence: Sendable {
    package enum Match: Sendable, Equatable {
        case matched
        case mismatched(named: String, by: TokenIdentity.Source)
        case unknown
    }

    /// Who was meant.
    private let subject: String
    private var identities: [TokenIdentity] = []
    package private(set) var match = Match.unknown
    /// Why a source could not be asked that may tell another time.
    package var unasked: StepFailure?

    init(subject: String) { self.subject = subject }

    mutating func add(_ identity: TokenIdentity) {
        identities.append(identity)
        guard match == .unknown else { return }
        switch identity.match(subject: subject) {
        case .matched: match = .matched
        case .mismatched(let named): match = .mismatched(named: named, by: identity.source)
        case .unknown: break
        }
    }

    /// Whether no further source need be asked.
    var isDecided: Bool { match != .unknown }

    /// The best name for people.
    package var name: String? { identities.lazy.compactMap(\.name).first }

    /// What lasts of the first source that says something lasting.
    func pin(issuer: String) -> PinnedIdentity? {
        guard let identity = identities.first(where: { $0.lastingSubject != nil }),
            let subject = identity.lastingSubject
        else { return nil }
        return PinnedIdentity(issuer: identity.issuer ?? issuer, subject: subject)
    }
}

/// The provider's own name for the person who consented.
package struct PinnedIdentity: Sendable, Hashable {
    package let issuer: String
    package let subject: String

    /// Subjects to the letter; issuers by their host, for sources spell one issuer in several ways.
    func isSame(as other: ProviderIdentity) -> Bool {
        guard subject.utf8.elementsEqual(other.subject.utf8) else { return false }
        return isIssued(by: other.issuer)
    }

    func isIssued(by other: String) -> Bool { issuer == other || Self.host(issuer) == Self.host(other) }

    private static func host(_ issuer: String) -> String {
        (try? EndpointURL(parsing: issuer))?.authority.host ?? issuer
    }
}

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
    /// Of the same person, but not looked at for the name.
    private var beside: [TokenIdentity] = []
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

    /// Takes from an access token that can be read what Microsoft's directory calls the person: an ID token has that only where
    /// the scope `profile` was asked for. Its names are no match, for better sources have not been asked yet.
    mutating func addDirectoryName(in accessToken: Secret) {
        guard let identity = TokenIdentity(accessToken: accessToken), identity.directorySubject != nil else { return }
        beside.append(identity)
    }

    /// Whether no further source need be asked.
    var isDecided: Bool { match != .unknown }

    /// The best name for people.
    package var name: String? { identities.lazy.compactMap(\.name).first }

    /// What lasts: the name in the directory where a source has it, else what the first source has.
    func pin(issuer: String) -> PinnedIdentity? {
        let named = (identities + beside).lazy.compactMap { identity -> PinnedIdentity? in
            guard let subject = identity.directorySubject, let issuer = identity.issuer else { return nil }
            return PinnedIdentity(issuer: issuer, subject: subject)
        }
        if let first = named.first { return first }
        guard let identity = identities.first(where: { $0.lastingSubject != nil }),
            let subject = identity.lastingSubject
        else { return nil }
        return PinnedIdentity(issuer: identity.issuer ?? issuer, subject: subject)
    }

    /// Whether it is the person who was accepted before. `issuer` is that of sources that name none.
    func likeness(to pinned: ProviderIdentity, issuer: String) -> Likeness {
        let known = identities + beside
        let names = known.flatMap { identity in
            [identity.directorySubject, identity.subject, identity.objectID].compactMap { subject in
                subject.map { PinnedIdentity(issuer: identity.issuer ?? issuer, subject: $0) }
            }
        }
        guard !names.isEmpty else { return .unknown }
        if names.contains(where: { $0.isSame(as: pinned) }) { return .same }
        // One tenant names one person differently in tokens of two kinds: only what is of one kind shows that it is another.
        guard let tenant = TokenIdentity.tenant(of: pinned.issuer) else { return .other }
        let isOfDirectory = pinned.subject.hasSuffix(".\(tenant)")
        let isComparable = known.contains { identity in
            if let own = identity.issuer, TokenIdentity.tenant(of: own) != tenant { return true }
            return isOfDirectory
                ? identity.directorySubject != nil
                : PinnedIdentity.areOfOneHost(identity.issuer ?? issuer, pinned.issuer)
        }
        return isComparable ? .other : .unknown
    }

    enum Likeness: Sendable {
        case same, other
        /// Nothing that is said can be compared.
        case unknown
    }
}

/// The provider's own name for the person who consented.
package struct PinnedIdentity: Sendable, Hashable {
    package let issuer: String
    package let subject: String

    /// Subjects to the letter; issuers by their host, for sources spell one issuer in several ways. What a directory calls a
    /// person holds the tenant, and Microsoft's versions of one tenant's issuer are on several hosts.
    func isSame(as other: ProviderIdentity) -> Bool {
        guard subject.utf8.elementsEqual(other.subject.utf8) else { return false }
        if isIssued(by: other.issuer) { return true }
        guard let tenant = TokenIdentity.tenant(of: issuer) else { return false }
        return tenant == TokenIdentity.tenant(of: other.issuer) && subject.hasSuffix(".\(tenant)")
    }

    /// Whether an issuer is this one, however it is spelt.
    func isIssued(by other: String) -> Bool { issuer == other || Self.areOfOneHost(issuer, other) }

    static func areOfOneHost(_ issuer: String, _ other: String) -> Bool { host(issuer) == host(other) }

    private static func host(_ issuer: String) -> String {
        (try? EndpointURL(parsing: issuer))?.authority.host ?? issuer
    }
}

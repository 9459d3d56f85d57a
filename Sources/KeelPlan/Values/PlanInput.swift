import KeelBase
import KeelModel
import KeelState

/// What planning looks at, all of it values: nothing is contacted, decrypted or written.
package struct PlanInput: Sendable {
    package var desired: EffectiveSet
    /// Nil: nothing was ever applied.
    package var committed: StateDocument?
    package var vault: VaultObservation
    /// Where the vault is, for notes.
    package var vaultPath: String
    /// The project and environment, for the commands in notes.
    package var place: ProjectPlace
    package var now: Timestamp
    /// Authorizations to obtain again although nothing about them changed.
    package var replacing: Set<ResourceAddress>
    /// Whether the grants of what is removed are to end at the provider as well.
    package var revokes: Bool
    /// Whether nothing is desired because everything is to be destroyed, whatever the manifests say.
    package var destroys: Bool
    /// What can hold the record of an account, by name.
    package var keepers: [String: any Keeper]
    /// What keepers say of their records; where there is no reading, nothing was observed.
    package var readings: [ResourceAddress: RecordReading]

    package init(
        desired: EffectiveSet, committed: StateDocument?, vault: VaultObservation, now: Timestamp,
        replacing: Set<ResourceAddress> = [], revokes: Bool = false, destroys: Bool = false,
        keepers: [any Keeper] = [],
        readings: [ResourceAddress: RecordReading] = [:], vaultPath: String = ".mailkeel/vault.db",
        place: ProjectPlace = "."
    ) {
        self.desired = desired
        self.committed = committed
        self.vault = vault
        self.now = now
        self.replacing = replacing
        self.revokes = revokes
        self.destroys = destroys
        self.keepers = Dictionary(([LocalKeeper()] + keepers).map { ($0.name, $0) }) { first, _ in first }
        self.readings = readings
        self.vaultPath = vaultPath
        self.place = place
    }
}

/// What was seen of the vault, from its plain columns.
package enum VaultObservation: Sendable, Equatable {
    /// There is no vault at the path.
    case absent
    case present(id: String, grants: [String: GrantFacts])
    /// There is one that cannot be read, for a reason that names it; nothing is concluded from it. If it is damaged, only
    /// a backup or a new one mends it.
    case unreadable(String, isDamaged: Bool = false)
}

/// The plain facts of one grant.
package struct GrantFacts: Sendable, Hashable {
    package enum Status: String, Sendable { case candidate, current, retired }

    package var profile: String
    package var subject: String
    package var status: Status
    /// The scopes as granted.
    package var scopes: [String]
    /// Which client it was issued to: `ClientWork.digest`.
    package var client: String
    /// Whether the provider has named its issuer and its subject.
    package var isVerified: Bool
    /// When it was obtained.
    package var created: Timestamp
    /// What its last renewal failed with; nil after a success.
    package var problem: RenewalProblem?
    /// When its refresh token got the time that it has, and when that ends; nil: not known, or never.
    package var horizon: Horizon?

    /// Why a grant could not be renewed.
    package struct RenewalProblem: Sendable, Hashable {
        /// The stable code.
        package let code: String
        /// Whether nothing but somebody's consent mends it.
        package let needsConsent: Bool

        package init(_ code: String, needsConsent: Bool) {
            self.code = code
            self.needsConsent = needsConsent
        }
    }

    /// The time that a refresh token has if nobody uses it.
    package struct Horizon: Sendable, Hashable {
        package let since: Timestamp
        package let end: Timestamp

        package init(since: Timestamp, end: Timestamp) {
            self.since = since
            self.end = end
        }
    }

    /// Without what changes with time and the provider's mood.
    var lasting: GrantFacts {
        GrantFacts(
            profile: profile, subject: subject, status: status, scopes: scopes, client: client, isVerified: isVerified,
            created: created)
    }

    package init(
        profile: String, subject: String, status: Status, scopes: [String] = [], client: String = "",
        isVerified: Bool = false, created: Timestamp = Timestamp(seconds: 0), problem: RenewalProblem? = nil,
        horizon: Horizon? = nil
    ) {
        self.profile = profile
        self.subject = subject
        self.status = status
        self.scopes = scopes
        self.client = client
        self.isVerified = isVerified
        self.created = created
        self.problem = problem
        self.horizon = horizon
    }
}

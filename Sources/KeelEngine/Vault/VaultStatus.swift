import KeelBase
import KeelVault

/// The vault as `vault status` shows it. Everything in it stands in clear in the vault.
package struct VaultStatus: Sendable {
    package let path: String
    package let facts: VaultFacts
    package let snapshot: VaultSnapshot
    /// How many bytes wait in the log.
    package let logSize: Int
    /// Nil unless it was asked for.
    package let verification: VaultVerification?
    package let now: Timestamp

    /// A refresh token that is not used before then dies soon.
    package static let nearHorizon: Int64 = 14 * 86_400

    package func count(_ status: GrantStatus) -> Int { grants.count { $0.status == status } }

    /// Those whose access token is to be renewed by now, the most urgent first.
    package var due: [GrantRecord] {
        live.filter { ($0.renewalDue ?? .distant) <= now }
            .sorted { ($0.renewalDue ?? .distant, $0.id) < ($1.renewalDue ?? .distant, $1.id) }
    }

    /// Those that could not be renewed last time.
    package var troubled: [GrantRecord] {
        live.filter { $0.renewalProblem != nil }.sorted {
            ($0.profile, $0.subject, $0.id) < ($1.profile, $1.subject, $1.id)
        }
    }

    /// Those that die soon if they are not used, the first to die first.
    package var nearHorizon: [GrantRecord] {
        live.filter { ($0.refreshHorizon ?? .distant).seconds - now.seconds <= Self.nearHorizon }
            .sorted { ($0.refreshHorizon ?? .distant, $0.id) < ($1.refreshHorizon ?? .distant, $1.id) }
    }

    /// How many retired ones the next purge deletes.
    package var purgeable: Int {
        let limit = now.adding(seconds: -Vault.retention)
        let kept = Set(snapshot.tombstones.map(\.grant))
        return grants.count { $0.status == .retired && ($0.retired ?? limit) < limit && !kept.contains($0.id) }
    }

    /// The breakers that are open now.
    package var openEndpoints: [EndpointHealth] {
        facts.endpoints.filter { ($0.openUntil ?? now) > now }
    }

    /// What an intent that is left over means.
    package static func meaning(of intent: Intent) -> String {
        switch intent.kind {
        case .rotation:
            "a refresh was under way when its process died; the provider may have issued a token that never came here. The next refresh tries the newest token that is here, then the one before"
        case .redemption:
            "a consent was being exchanged when its process died. If no grant came of it, it must be given again"
        }
    }

    private var grants: [GrantRecord] { Array(snapshot.grants.values) }

    private var live: [GrantRecord] { grants.filter { $0.status != .retired } }
}

extension Timestamp {
    /// Later than anything that happens.
    fileprivate static var distant: Timestamp { Timestamp(seconds: .max) }
}

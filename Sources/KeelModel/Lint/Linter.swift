import KeelBase
import KeelDiagnostics

/// Judges what the manifests want by what providers and keepers are known to refuse. Pure, and offline.
///
/// A resource with a mistake of another kind is not in the set, and is judged when that is mended.
package struct Linter: Sendable {
    let policy: ProjectPolicy
    /// By the name that `recordIn` gives.
    let keepers: [String: KeeperRules]
    let now: Timestamp

    package init(policy: ProjectPolicy, keepers: [String: KeeperRules], now: Timestamp) {
        self.policy = policy
        self.keepers = keepers
        self.now = now
    }

    /// All findings, in no order that matters.
    package func lint(_ set: EffectiveSet) -> [Diagnostic] {
        var findings = Findings()
        for profile in set.profiles {
            checkClient(profile, &findings)
            checkEndpoints(profile, &findings)
            checkScopes(profile, &findings)
        }
        for account in set.accounts {
            checkServer(account, &findings)
        }
        return findings.diagnostics
    }
}

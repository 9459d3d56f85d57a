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
        var profiles: [ResourceAddress: LintedProfile] = [:]
        for profile in set.profiles {
            let linted = LintedProfile(profile)
            profiles[profile.address] = linted
            checkGrant(linted, &findings)
            checkPreset(linted, &findings)
            checkClient(linted, &findings)
            checkRequests(linted, &findings)
            checkScopes(linted, &findings)
        }
        checkAccounts(set.accounts, profiles, &findings)
        checkProfilesInUse(set, &findings)
        checkKeepers(set.accounts, &findings)
        checkSilences(set, &findings)
        return findings.diagnostics
    }

    /// Neighbours mostly have the same profile and the same server, which are looked up once for all of them.
    private func checkAccounts(
        _ accounts: [EffectiveAccount], _ profiles: [ResourceAddress: LintedProfile], _ findings: inout Findings
    ) {
        var profile: LintedProfile?
        var server = (host: "", providers: [KnownProvider]())
        var lacking = LackingScopes()
        for account in accounts {
            if account.profile != profile?.profile.address { profile = account.profile.flatMap { profiles[$0] } }
            if account.endpoint.host != server.host {
                server = (account.endpoint.host, KnownProvider.server(account.endpoint.host))
            }
            let linted = LintedAccount(account: account, profile: profile, servers: server.providers)
            checkConnection(linted, &findings)
            checkServer(linted, &findings)
            checkLogin(linted, &findings)
            checkNames(linted, &findings)
            if let profile, profile.lacks(account.type) { lacking.note(account, profile) }
        }
        for lack in lacking.all { checkMailScopes(lack, &findings) }
    }

    private func checkSilences(_ set: EffectiveSet, _ findings: inout Findings) {
        for profile in set.profiles where !profile.spec.annotations.isEmpty { findings.checkSilences(of: profile.spec) }
        for account in set.accounts where !account.spec.annotations.isEmpty { findings.checkSilences(of: account.spec) }
    }
}

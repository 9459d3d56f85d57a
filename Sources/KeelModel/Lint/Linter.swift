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
        let survey = checkAccounts(set.accounts, profiles, &findings)
        for lack in survey.lacking.all { checkMailScopes(lack, &findings) }
        checkProfilesInUse(set, survey.profiles, &findings)
        checkKeepers(set.accounts, &findings)
        // At last: a silence is of use when a rule has found something.
        for profile in set.profiles { findings.checkSilences(of: profile.spec) }
        for spec in survey.annotated { findings.checkSilences(of: spec) }
        return findings.diagnostics
    }

    /// What was seen of all accounts on the one way through them.
    private struct Survey {
        /// The profiles that they name.
        var profiles: Set<ResourceAddress> = []
        var lacking = LackingScopes()
        var annotated: [EffectiveSpec] = []
    }

    /// Neighbours mostly have the same profile and the same server, which are looked up once for all of them.
    private func checkAccounts(
        _ accounts: [EffectiveAccount], _ profiles: [ResourceAddress: LintedProfile], _ findings: inout Findings
    ) -> Survey {
        var survey = Survey()
        var profile: LintedProfile?
        var server = (host: "", providers: [KnownProvider]())
        for account in accounts {
            if account.profile != profile?.profile.address {
                profile = account.profile.flatMap { profiles[$0] }
                if let address = account.profile { survey.profiles.insert(address) }
            }
            if account.endpoint.host != server.host {
                server = (account.endpoint.host, KnownProvider.server(account.endpoint.host))
            }
            let linted = LintedAccount(account: account, profile: profile, servers: server.providers)
            checkConnection(linted, &findings)
            checkServer(linted, &findings)
            checkLogin(linted, &findings)
            checkNames(linted, &findings)
            if let profile, profile.lacks(account.type) { survey.lacking.note(account, profile) }
            if !account.spec.annotations.isEmpty { survey.annotated.append(account.spec) }
        }
        return survey
    }
}

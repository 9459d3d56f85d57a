import KeelBase
import KeelDiagnostics

extension Linter {
    /// Profiles that no account names. While a project has no accounts yet, that is no finding.
    func checkProfilesInUse(_ set: EffectiveSet, _ used: Set<ResourceAddress>, _ findings: inout Findings) {
        guard set.isWhole, !set.accounts.isEmpty else { return }
        for profile in set.profiles where !used.contains(profile.address) {
            findings.add(
                .unusedProfile, profile.spec, "no account uses this profile",
                help: "remove it, or name it in the oauthProfile of an account")
        }
    }

    /// What keepers forbid.
    func checkKeepers(_ accounts: [EffectiveAccount], _ findings: inout Findings) {
        guard keepers.values.contains(where: { $0 != KeeperRules() }) else { return }
        var senders: [String: EffectiveAccount] = [:]
        var readers: [Mailbox: EffectiveAccount] = [:]
        for account in accounts where account.active {
            let rules = keepers[account.keeper] ?? KeeperRules()
            switch account.type {
            case .smtp where rules.oneActiveSender:
                guard let other = senders[account.keeper] else {
                    senders[account.keeper] = account
                    continue
                }
                findings.add(
                    .twoSenders, account.spec, AccountField.active,
                    "\(account.keeper) sends through one active account, and there is another one",
                    notes: [Diagnostic.Note("\(other.address) is active too", at: other.spec.place)],
                    help: "set active: false for all but one")
            case .imap, .pop3:
                let mailbox = Mailbox(host: account.endpoint.host, userName: account.userName.lowercased())
                guard let other = readers[mailbox] else {
                    readers[mailbox] = account
                    continue
                }
                // It takes one keeper that deletes what it reads.
                guard
                    let keeper = [account.keeper, other.keeper].first(where: { keepers[$0]?.exclusiveMailbox == true })
                else { continue }
                findings.add(
                    .twoReaders, account.spec, AccountField.userName,
                    "another active account reads this mailbox, and \(keeper) deletes what it reads",
                    notes: [Diagnostic.Note("\(other.address) reads it too", at: other.spec.place)],
                    help: "keep one of them active")
            case .smtp: continue
            }
        }
    }

    private struct Mailbox: Hashable {
        let host: String
        let userName: String
    }
}

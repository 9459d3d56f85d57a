import KeelBase
import KeelVault

/// What the servers of proven accounts showed, kept for the tests that come after. Whatever becomes of it, the run is not
/// concerned: the next test sees it again.
extension StepExecutor {
    /// Of how many accounts it is written at once: a transaction for each login would cost more than it is worth, and
    /// what a killed run did not come to write is no loss.
    private static let factsAtOnce = 512

    /// Notes what was seen of accounts that are committed with a proof of this run.
    func noteFacts(of proven: [Definition]) async {
        if await context.note(proven: proven) >= Self.factsAtOnce { await keepFacts() }
    }

    /// Writes what was noted. The vault drops what is not of the grant and settings in service.
    func keepFacts() async {
        let proven = await context.takeProven()
        guard let vault, !proven.isEmpty else { return }
        let before = EarlierObservations((try? await vault.observations(of: proven.map(\.account.address))) ?? [])
        let observations = proven.flatMap { account, seen in
            seen.facts.observations(of: account, by: "apply", at: seen.at)
        }
        guard let late = try? await vault.observe(all: observations) else { return }
        let dropped = Set(late.map(\.address))
        var changed = ChangedServers()
        for (account, seen) in proven where !dropped.contains(account.address) {
            // Nobody else will say so: the next test compares with what was just written.
            changed.note(
                seen.facts.changes(from: before.facts(of: account.address)), at: seen.endpoint, by: account.address)
        }
        await context.note(changed)
    }
}

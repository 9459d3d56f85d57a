import KeelBase
import KeelOAuth
import KeelPlan
import KeelVault

/// The grant in service, renewed for what is wanted now: it goes on under its id.
extension StepExecutor {
    /// Asks with the refresh token for other scopes, or with another client's proof. What only a person can mend waits for one,
    /// and the grant stays in service as it was.
    func renew(
        _ text: String, _ reason: AuthorizeWork.Renewal, _ work: AuthorizeWork, _ slot: ResourceAddress
    ) async throws(StepFailure) -> StepOutcome {
        guard let vault, let grant = GrantID(parsing: text) else {
            throw local("engine.no-grant", "there is no grant \(ForeignText(text)) to renew", slot)
        }
        let terms = try await terms(work.client, subject: work.subject, work.profile, slot: slot)
        let stored = try await inVault { vault throws(VaultFailure) in try await vault.recipe(of: grant) }
        let recipe = Recipe(
            work, terms, await contact(work.client, work.profile),
            margin: stored.map { Int64($0.recipe.marginSeconds) } ?? RenewalSchedule.usualMargin)
        let renewal: Renewal
        do throws(RenewalFailure) {
            renewal = try await grants.renewer.renew(grant, in: vault, for: slot, .anyway, with: recipe)
        } catch {
            guard error.isForPerson(reason) else { throw error.failure }
            return .pending(asking(work, slot))
        }
        // Some providers answer a wish for more with what was granted already.
        let missing = ScopeComparison.missing(terms.scopes, from: renewal.record.scopes)
        guard missing.isEmpty else { return .pending(asking(work, slot)) }
        await context.keep(
            RunContext.HeldGrant(id: grant, accessToken: renewal.token.secret, recipe: recipe, isNew: true), of: slot)
        return .done
    }
}

extension RenewalFailure {
    /// Whether somebody's consent mends it: the provider says so, or gives no more than was granted (RFC 6749 section 6).
    fileprivate func isForPerson(_ reason: AuthorizeWork.Renewal) -> Bool {
        if failureClass == .reauthorize { return true }
        guard reason == .wider, case .answered(let answer)? = failure.provider else { return false }
        return answer.kind == .invalidScope
    }
}

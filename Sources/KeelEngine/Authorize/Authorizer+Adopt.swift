import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelVault

/// Consents that another program holds.
extension Authorizer {
    /// Takes a refresh token that somebody brought, and shows that the provider still takes it.
    ///
    /// It is durable before it is used, and used in the order of every other renewal: the provider may replace it at once.
    package func adopt(_ refreshToken: Secret, _ request: ConsentRequest) async throws(StepFailure) -> GivenConsent {
        guard !refreshToken.isEmpty else {
            throw StepFailure(
                Diagnostic(
                    .error, "authorize.no-token", "there is no refresh token on standard input",
                    help: "give it alone, as the other program has it", address: request.slot,
                    responsible: .operatorHere))
        }
        // The provider may replace the token with the first question, and an answer that is cut off then is lost.
        return try await uninterrupted { () async throws(StepFailure) in try await exchange(refreshToken, request) }
    }

    private func exchange(_ refreshToken: Secret, _ request: ConsentRequest) async throws(StepFailure) -> GivenConsent {
        let terms = try await terms(of: request)
        let brought = KeelVault.IssuedTokens(
            access: nil, accessExpires: nil, refresh: refreshToken, scopes: request.client.scopes)
        let grant = try await inVault { vault throws(VaultFailure) in
            try await vault.addCandidate(
                draft(request), Recipe(request.work, terms.grant, terms.contact, margin: RenewalSchedule.usualMargin),
                brought)
        }
        let token: Secret
        do throws(StepFailure) {
            token = try await grants.accessToken(of: grant.id, in: vault, for: request.slot)
        } catch {
            throw try await withdrawn(grant, after: error)
        }
        var doubt: StepFailure?
        do throws(StepFailure) {
            try await intake.verify(
                grant.id, token, request.work, terms.grant, terms.contact, slot: request.slot,
                accepts: acceptsIdentity, in: vault)
        } catch {
            guard error.isOfPassingDoubt else { throw error }
            doubt = error
        }
        try await inVault { vault throws(VaultFailure) in
            try await vault.record(
                AuditEntry(run: run, actor: actor, action: "adopt", address: request.slot, grant: grant.id))
        }
        return try await given(grant.id, request, doubt: doubt)
    }

    /// Takes back what was brought, which whoever brought it still has; but not where the provider has put another token in its
    /// place, or may have: that one nobody else has, and a retired grant is never asked for again.
    private func withdrawn(
        _ grant: GrantRecord, after failure: StepFailure
    ) async throws(StepFailure) -> StepFailure {
        let reason = try await inVault { vault throws(VaultFailure) -> String? in
            let basis = try await vault.renewalBasis(of: grant.id)
            guard basis.refresh.first?.generation == grant.generation else {
                return
                    "the provider has replaced the token that was given, so that one is spent; the new one is kept here, and mailkeel apply goes on with it"
            }
            guard basis.interrupted.isEmpty else {
                return
                    "the provider may have replaced the token that was given: its answer never came; the token is kept here, and mailkeel apply asks again with it"
            }
            // A plan would adopt it. It stays sealed, as every token does that no longer serves.
            try await vault.retire([grant.id])
            return nil
        }
        guard let reason else { return failure }
        var kept = failure
        kept.diagnostic.notes.append(Diagnostic.Note(reason))
        return kept
    }
}

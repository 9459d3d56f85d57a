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
        let terms = try await terms(of: request)
        let brought = KeelVault.IssuedTokens(
            access: nil, accessExpires: nil, refresh: refreshToken, scopes: request.client.scopes)
        let grant = try await inVault { vault throws(VaultFailure) in
            try await vault.addCandidate(
                draft(request), Recipe(request.work, terms.grant, terms.contact, margin: 600), brought)
        }
        do throws(StepFailure) {
            let token = try await grants.accessToken(of: grant.id, in: vault, for: request.slot)
            try await intake.verify(
                grant, token, request.work, terms.grant, terms.contact, slot: request.slot, in: vault)
        } catch {
            // A plan would adopt it. It stays sealed, as every token does that no longer serves.
            try await inVault { vault throws(VaultFailure) in try await vault.retire([grant.id]) }
            throw error
        }
        try await inVault { vault throws(VaultFailure) in
            try await vault.record(
                AuditEntry(run: run, actor: actor, action: "adopt", address: request.slot, grant: grant.id))
        }
        return try await given(grant.id, request)
    }
}

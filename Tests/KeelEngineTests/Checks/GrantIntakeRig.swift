import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelPlan
import KeelTestSupport
import KeelVault
import Testing

extension EngineRig {
    /// A signed token whose signature nobody checks.
    static func unsignedToken(_ claims: [String: JSON]) -> Secret {
        let parts = [JSON.sorted(["alg": "RS256"]), JSON.sorted(claims)].map {
            String(decoding: Base64.encode($0.bytes(), .url), as: UTF8.self)
        }
        return Secret(copying: parts.joined(separator: ".") + ".c2lnbmF0dXJl")
    }

    func withNewVault() async throws {
        var findings: [String] = []
        let vault = try await VaultAccessor(paths: paths, files: files, time: clock).openOrCreate(&findings)
        await vault.close()
    }

    private func delivery(
        _ tokens: KeelOAuth.IssuedTokens, _ slot: ResourceAddress, _ nonce: String?, _ accepts: Bool
    ) async throws -> (GrantIntake, GrantIntake.Delivery) {
        let planned = try await plan()
        let works = planned.plan.steps.compactMap { step in
            if case .authorize(let work) = step.work, step.id.address == slot { work } else { nil }
        }
        let work = try #require(works.first)
        let explanation = FailureExplanation { [project = planned.project] in project.place($0, $1) }
        let checks = GrantChecks(
            tokens: TokenObtainer(transport: transport, time: clock, explanation: explanation),
            explanation: explanation, time: clock, place: paths.place)
        let contact = ProfileContact(work.client, nil)
        let terms = GrantTerms(
            grant: work.client.grant, subject: work.subject, tokenEndpoint: try #require(contact.endpoints.token),
            clientID: work.client.clientID, method: .none, credentials: ClientCredentials(), scopes: work.client.scopes,
            parameters: [:], trust: .system)
        var delivery = GrantIntake.Delivery(
            tokens, for: work, terms, contact, slot: slot, run: "run", actor: "alice@desk")
        delivery.nonce = nonce.map { Secret(copying: $0) }
        delivery.acceptsIdentity = accepts
        return (GrantIntake(checks: checks, time: clock), delivery)
    }

    @discardableResult
    func take(
        _ tokens: KeelOAuth.IssuedTokens, for slot: ResourceAddress, nonce: String? = nil, accepting: Bool = false
    ) async throws -> GrantID {
        let (intake, delivery) = try await delivery(tokens, slot, nonce, accepting)
        return try await withVault { try await intake.take(delivery, in: $0).id }
    }

    /// Looks at a candidate as whoever is about to put it into service; nil: it is in order.
    func verification(of grant: GrantID, for slot: ResourceAddress) async throws -> StepFailure? {
        let none = KeelOAuth.IssuedTokens(
            accessToken: Secret(copying: "token-of-one"), expiresAt: clock.now, statesLifetime: true, refreshToken: nil,
            grantedScopes: [], idToken: nil)
        let (intake, delivery) = try await delivery(none, slot, nil, false)
        return try await withVault { vault in
            do throws(StepFailure) {
                try await intake.verify(
                    grant, none.accessToken, delivery.work, delivery.terms, delivery.contact, slot: slot, in: vault)
                return nil
            } catch {
                return error
            }
        }
    }

    func refusal(
        of tokens: KeelOAuth.IssuedTokens, for slot: ResourceAddress, nonce: String? = nil
    ) async throws -> StepFailure {
        try await #require(throws: StepFailure.self) { try await take(tokens, for: slot, nonce: nonce) }
    }
}

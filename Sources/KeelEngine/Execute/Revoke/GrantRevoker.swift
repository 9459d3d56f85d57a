import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelProviders
import KeelVault

/// Ends grants at their providers (RFC 7009), by their recipes alone. What could not be ended is noted in the vault, and tried
/// again by later runs; its tokens are kept until then.
package struct GrantRevoker: Sendable {
    private let tokens: TokenObtainer
    private let secrets: SecretResolver
    private let explanation: FailureExplanation
    private let time: any TimeSource
    private let located: @Sendable (Trust) -> Trust
    /// Who does it, for the audit.
    private let run: String
    private let actor: String

    package init(
        paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation, run: String,
        actor: String
    ) {
        tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        self.secrets = secrets
        self.explanation = explanation
        time = ports.time
        located = { paths.located($0) }
        self.run = run
        self.actor = actor
    }

    /// What became of a grant at its provider.
    package enum Outcome: Sendable, Equatable {
        case revoked
        /// There was nothing left that could be ended: no token that still lives, or none that is known.
        case nothingLeft
    }

    /// Ends a grant that is out of service here. `endpoint` wins over what the recipe says.
    @discardableResult
    package func revoke(
        _ grant: GrantID, at endpoint: EndpointURL?, reason: String, in vault: Vault, for address: ResourceAddress
    ) async throws(StepFailure) -> Outcome {
        let basis = try await basis(grant, vault, address)
        guard let basis, let token = basis.token else {
            try await settle(grant, vault, address, action: nil)
            return .nothingLeft
        }
        guard let endpoint = endpoint ?? basis.recipe.endpoints.revocation else {
            throw StepFailure(nowhere(basis.recipe, address))
        }
        do throws(StepFailure) {
            try await ask(basis.recipe, basis.clientSecret, token, endpoint, vault)
        } catch {
            throw try await noted(error, grant, endpoint, reason, basis.recipe.grantType, vault, address)
        }
        try await settle(grant, vault, address, action: "revoke")
        return .revoked
    }

    /// Notes that a grant is to be ended once it is out of service here. Where no endpoint is known there is nothing to note.
    func announce(
        _ grant: GrantID, at endpoint: EndpointURL?, reason: String, in vault: Vault, for address: ResourceAddress
    ) async throws(StepFailure) {
        do throws(VaultFailure) {
            guard let recipe = try await vault.recipe(of: grant)?.recipe,
                let endpoint = endpoint ?? recipe.endpoints.revocation
            else { return }
            try await vault.announceRevocation(of: grant, at: endpoint, reason: reason)
        } catch {
            throw StepFailure(.local(error, address))
        }
    }

    /// Tries again what earlier runs could not end and what is due. Nothing of it stops anybody's work: what failed again is
    /// returned.
    package func retryDue(in vault: Vault, atMost count: Int = 20) async -> (revoked: Int, failures: [StepFailure]) {
        var revoked = 0
        var failures: [StepFailure] = []
        let due = (try? await vault.tombstonesDue(by: time.now, atMost: count)) ?? []
        for tombstone in due {
            // One that is still in service belongs to the run that means to end it.
            guard let record = try? await vault.grant(tombstone.grant), record.status == .retired else { continue }
            let slot = ResourceAddress.authorization(profile: record.profile, subject: record.subject)
            do throws(StepFailure) {
                let outcome = try await revoke(
                    tombstone.grant, at: await endpoint(of: tombstone, in: vault), reason: tombstone.reason,
                    in: vault, for: slot)
                if outcome == .revoked { revoked += 1 }
            } catch {
                failures.append(error)
            }
        }
        return (revoked, failures)
    }

    /// Where to try again. A tombstone is plain: whoever may write the file could have changed where the tokens are sent, so it
    /// counts only for a host that the recipe, which cannot be changed without the key, names as well.
    private func endpoint(of tombstone: Tombstone, in vault: Vault) async -> EndpointURL? {
        guard let endpoint = try? EndpointURL(parsing: tombstone.endpoint),
            let recipe = try? await vault.recipe(of: tombstone.grant)?.recipe
        else { return nil }
        let known = [recipe.tokenEndpoint] + recipe.endpoints.named.map(\.url)
        return known.contains { $0.authority == endpoint.authority } ? endpoint : nil
    }

    // MARK: Asking

    private struct Basis {
        let recipe: Recipe
        let clientSecret: Secret?
        let token: (secret: Secret, hint: TokenTypeHint)?
    }

    /// What is needed to end a grant; nil if the vault does not know it. One that an account still uses is not ended.
    private func basis(
        _ grant: GrantID, _ vault: Vault, _ address: ResourceAddress
    ) async throws(StepFailure) -> Basis? {
        do throws(VaultFailure) {
            guard let record = try await vault.grant(grant), let stored = try await vault.recipe(of: grant) else {
                return nil
            }
            guard record.status == .retired else {
                throw VaultFailure(.inUse, "grant \(grant) is still in service, and is not revoked", path: vault.path)
            }
            // The newest refresh token stands for the grant; where there is none, the access token is all there is.
            var token: (secret: Secret, hint: TokenTypeHint)?
            if let refresh = try await vault.refreshTokens(of: grant).first {
                token = (refresh.secret, .refreshToken)
            } else if let access = try await vault.accessToken(of: grant),
                (access.expires ?? time.now.adding(seconds: 1)) > time.now
            {
                token = (access.secret, .accessToken)
            }
            return Basis(recipe: stored.recipe, clientSecret: stored.clientSecret, token: token)
        } catch {
            throw StepFailure(.local(error, address))
        }
    }

    private func ask(
        _ recipe: Recipe, _ clientSecret: Secret?, _ token: (secret: Secret, hint: TokenTypeHint),
        _ endpoint: EndpointURL, _ vault: Vault
    ) async throws(StepFailure) {
        let profile = ResourceAddress(.oauthProfile, recipe.profile)
        var credentials = ClientCredentials()
        if let clientSecret {
            credentials = ClientCredentials([.clientSecret: clientSecret])
        } else {
            // The user's password is nobody's business here.
            let sources = recipe.credentials.filter { $0.key != .password }
            credentials = try await secrets.credentials(sources, in: vault, of: profile, explanation)
        }
        let terms = GrantTerms(recipe, credentials, trust: located(Trust(caFile: recipe.caFile)))
        let client = try explanation.client(of: terms, profile, at: time.now)
        let request = Revocation.request(client, endpoint: endpoint, token: token.secret, hint: token.hint)
        let response = try await tokens.response(
            to: request, trust: terms.trust, for: profile, field: "endpoints.revocation")
        do throws(OAuthFailure) {
            _ = try Revocation.interpret(
                response, at: time.now, withholding: credentials.withheld + [token.secret])
        } catch {
            throw tokens.refusal(error, by: endpoint, for: profile, outcome: "did not revoke the grant")
        }
    }

    // MARK: Afterwards

    private func settle(
        _ grant: GrantID, _ vault: Vault, _ address: ResourceAddress, action: String?
    ) async throws(StepFailure) {
        do throws(VaultFailure) {
            try await vault.removeTombstone(of: grant)
            guard let action else { return }
            try await vault.record(
                AuditEntry(run: run, actor: actor, action: action, address: address, grant: grant))
        } catch {
            throw StepFailure(.local(error, address))
        }
    }

    /// Keeps the failure beside the grant, and says that it is tried again.
    private func noted(
        _ failure: StepFailure, _ grant: GrantID, _ endpoint: EndpointURL, _ reason: String, _ type: GrantType,
        _ vault: Vault, _ address: ResourceAddress
    ) async throws(StepFailure) -> StepFailure {
        let earlier = ((try? await vault.tombstones()) ?? []).first { $0.grant == grant }?.attempts ?? 0
        let retry = time.now.adding(seconds: Self.wait(after: failure, attempts: earlier))
        do throws(VaultFailure) {
            try await vault.recordRevocationFailure(
                of: grant, at: endpoint, reason: reason, problem: failure.diagnostic.code, retry: retry)
        } catch {
            throw StepFailure(.local(error, address))
        }
        var shown = failure
        shown.diagnostic.address = address
        shown.diagnostic.notes.append(
            Diagnostic.Note(
                "it is out of use here; mailkeel refresh and the next apply try again, the first time after \(retry)"))
        return shown
    }

    /// How long to wait: what may pass by itself a quarter of an hour, then twice as long each time; all else a day.
    static func wait(after failure: StepFailure, attempts: Int) -> Int64 {
        let day: Int64 = 86_400
        switch failure.provider {
        case .unreached?: break
        case .answered(let answer)?:
            guard answer.classified(known: ErrorCatalogue.failureClass).mayPass else { return day }
        case nil: return day
        }
        let asked = Int64(failure.provider?.retryAfter ?? 0)
        return min(max(900 << Int64(min(attempts, 7)), asked), day)
    }

    private func nowhere(_ recipe: Recipe, _ address: ResourceAddress) -> Diagnostic {
        var diagnostic = explanation.local(
            "oauth.no_revocation_endpoint",
            "the provider of OAuthProfile/\(recipe.profile) has no revocation endpoint that is known here, so nothing was revoked",
            help:
                "it is out of use here; remove the application's access in the user's account, or write endpoints.revocation",
            address)
        diagnostic.range = explanation.place(
            ResourceAddress(.oauthProfile, recipe.profile), ["endpoints.revocation", "issuer", "provider"])
        diagnostic.responsible = .user
        return diagnostic
    }
}

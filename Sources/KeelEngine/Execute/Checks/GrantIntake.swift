import KeelBase
import KeelOAuth
import KeelPlan
import KeelVault

/// Takes in tokens that came for a slot: makes them durable, looks whether they are what was asked for, and refuses them if
/// not. Every way in which a grant comes to be there ends here.
package struct GrantIntake: Sendable {
    private let checks: GrantChecks
    private let time: any TimeSource

    package init(checks: GrantChecks, time: any TimeSource) {
        self.checks = checks
        self.time = time
    }

    /// What came, and for what.
    package struct Delivery: Sendable {
        package let tokens: KeelOAuth.IssuedTokens
        package let work: AuthorizeWork
        package let terms: GrantTerms
        package let contact: ProfileContact
        package let slot: ResourceAddress
        package let run: String
        /// Who does it, for the audit.
        package let actor: String
        /// The nonce of the authorization request, where there was one.
        package var nonce: Secret?
        /// The intent under which it was asked for.
        package var intent: IntentID?
        /// Whether somebody else than before is accepted, because a person said so.
        package var acceptsIdentity = false

        package init(
            _ tokens: KeelOAuth.IssuedTokens, for work: AuthorizeWork, _ terms: GrantTerms, _ contact: ProfileContact,
            slot: ResourceAddress, run: String, actor: String
        ) {
            self.tokens = tokens
            self.work = work
            self.terms = terms
            self.contact = contact
            self.slot = slot
            self.run = run
            self.actor = actor
        }
    }

    /// The candidate, durable and checked.
    ///
    /// A consent costs a person's time, and a code works once: its tokens are sealed before anything is asked of the network,
    /// and what is refused is kept out of service like any retired grant. What the application gets for itself is not even
    /// stored if it cannot be used.
    package func take(_ delivery: Delivery, in vault: Vault) async throws(StepFailure) -> GrantRecord {
        if delivery.terms.grant.isCache {
            try checks.checkScopes(delivery.tokens, delivery.terms, delivery.work.profile)
        }
        let grant: GrantRecord
        do throws(VaultFailure) {
            let recipe = recipe(delivery)
            grant = try await vault.addCandidate(
                draft(delivery), recipe, recipe.tokens(of: delivery.tokens, at: time.now), redeeming: delivery.intent)
            try await vault.record(
                AuditEntry(
                    run: delivery.run, actor: delivery.actor, action: "authorize", address: delivery.slot,
                    grant: grant.id))
        } catch {
            throw StepFailure(.local(error, delivery.slot))
        }
        do throws(StepFailure) {
            try await check(delivery, grant, vault)
        } catch {
            do throws(VaultFailure) { try await vault.retire([grant.id]) } catch {
                // It is a candidate that nobody names, and is looked at again before anybody takes it.
            }
            throw error
        }
        return grant
    }

    /// Looks at who stands behind a candidate that was never looked at: whoever stored it may have died before.
    package func verify(
        _ grant: GrantRecord, _ accessToken: Secret, _ work: AuthorizeWork, _ terms: GrantTerms,
        _ contact: ProfileContact, slot: ResourceAddress, in vault: Vault
    ) async throws(StepFailure) {
        guard grant.providerSubject == nil, !grant.type.isCache else { return }
        let evidence = await checks.identity(
            of: accessToken, known: nil, terms, contact.endpoints, slot)
        try await settle(evidence, grant.id, work, terms, contact, accepts: false, slot, vault)
    }

    private func check(
        _ delivery: Delivery, _ grant: GrantRecord, _ vault: Vault
    ) async throws(StepFailure) {
        let terms = delivery.terms
        guard !terms.grant.isCache else { return }
        try checks.checkScopes(delivery.tokens, terms, delivery.work.profile)
        try checks.checkLasts(delivery.tokens, terms, delivery.work.profile, slot: delivery.slot)
        let known = try checks.identity(
            in: delivery.tokens, terms, issuer: delivery.contact.metadata?.issuer, nonce: delivery.nonce, delivery.slot)
        let evidence = await checks.identity(
            of: delivery.tokens.accessToken, known: known, terms, delivery.contact.endpoints, delivery.slot)
        try await settle(
            evidence, grant.id, delivery.work, terms, delivery.contact, accepts: delivery.acceptsIdentity,
            delivery.slot, vault)
    }

    private func settle(
        _ evidence: IdentityEvidence, _ grant: GrantID, _ work: AuthorizeWork, _ terms: GrantTerms,
        _ contact: ProfileContact, accepts: Bool, _ slot: ResourceAddress, _ vault: Vault
    ) async throws(StepFailure) {
        let earlier: ProviderIdentity?
        do throws(VaultFailure) {
            earlier = try await vault.identity(profile: work.profile.name, subject: work.subject)
        } catch {
            throw StepFailure(.local(error, slot))
        }
        // Some providers name a person differently to each client.
        let pinned = earlier.flatMap { $0.clientDigest == work.client.digest ? $0 : nil }
        let found = try checks.judge(
            evidence, terms, issuer: contact.metadata?.issuer, pinned: pinned, accepts: accepts, slot)
        guard let found else { return }
        do throws(VaultFailure) {
            try await vault.recordIdentity(of: grant, issuer: found.issuer, subject: found.subject)
        } catch {
            throw StepFailure(.local(error, slot))
        }
    }

    // MARK: What is stored

    private func draft(_ delivery: Delivery) -> GrantDraft {
        GrantDraft(
            profile: delivery.work.profile.name, subject: delivery.work.subject,
            clientDigest: delivery.work.client.digest, type: delivery.terms.grant, run: delivery.run)
    }

    private func recipe(_ delivery: Delivery) -> Recipe {
        Recipe(
            delivery.work, delivery.terms, delivery.contact,
            margin: RenewalSchedule.margin(time.now, delivery.tokens.expiresAt))
    }
}

extension Recipe {
    /// What renews a grant that was obtained so.
    package init(_ work: AuthorizeWork, _ terms: GrantTerms, _ contact: ProfileContact, margin: Int64) {
        let client = work.client
        self.init(
            grantType: client.grant, profile: work.profile.name, subject: work.subject, issuer: client.issuer,
            tokenEndpoint: terms.tokenEndpoint, endpoints: contact.endpoints, clientID: client.clientID,
            clientAuthentication: terms.method, credentials: client.credentials, scopes: client.scopes,
            tokenParameters: client.parameters, caFile: client.trust.caFile, marginSeconds: Int(margin),
            refreshTokenLifetime: client.refreshTokenLifetime, revocationReach: client.revocationReach)
    }
}

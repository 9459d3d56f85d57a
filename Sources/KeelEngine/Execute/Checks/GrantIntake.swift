import KeelBase
import KeelDiagnostics
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

    /// What was taken in.
    package struct Taken: Sendable {
        package let grant: GrantRecord
        /// Why it is not known yet whether the accepted person consented: who puts the grant into service asks again.
        package let doubt: StepFailure?
    }

    /// The candidate, durable and checked.
    package func take(_ delivery: Delivery, in vault: Vault) async throws(StepFailure) -> GrantRecord {
        let taken = try await receive(delivery, in: vault)
        guard let doubt = taken.doubt else { return taken.grant }
        // What costs nobody's time is asked for anew.
        if !delivery.terms.grant.needsPerson { await retire(taken.grant.id, vault) }
        throw doubt
    }

    /// The same, where it does not matter yet that a source could not be asked.
    ///
    /// A consent costs a person's time, and a code works once: its tokens are sealed before anything is asked of the network.
    /// What can be seen without asking is looked at before and stored with them, so that no death in between puts a refused
    /// grant into service; what is refused is kept like any retired grant. What the application gets for itself is not even
    /// stored if it cannot be used.
    package func receive(_ delivery: Delivery, in vault: Vault) async throws(StepFailure) -> Taken {
        let terms = delivery.terms
        if terms.grant.isCache {
            try checks.checkScopes(delivery.tokens.grantedScopes, terms, delivery.work.profile)
        }
        var findings = Findings()
        do throws(StepFailure) {
            findings = try await lookedAt(delivery, vault)
        } catch {
            _ = try await store(delivery, Findings(), isRefused: true, vault)
            throw error
        }
        let grant = try await store(delivery, findings, isRefused: false, vault)
        guard !terms.grant.isCache, findings.identity == nil else { return Taken(grant: grant, doubt: nil) }
        let evidence = await checks.identity(
            of: delivery.tokens.accessToken, known: findings.known, terms, delivery.contact.endpoints, delivery.slot)
        do throws(StepFailure) {
            try await settle(
                evidence, grant.id, delivery.work, terms, delivery.contact, accepts: delivery.acceptsIdentity,
                delivery.slot, vault)
        } catch {
            guard !error.isOfPassingDoubt else { return Taken(grant: grant, doubt: error) }
            await retire(grant.id, vault)
            throw error
        }
        return Taken(grant: grant, doubt: nil)
    }

    /// Looks at a candidate that was stored without having been looked at: whoever stored it may have died before, may not
    /// have reached the provider, or had nothing but a refresh token. What is refused is retired.
    package func verify(
        _ grant: GrantID, _ accessToken: Secret, _ work: AuthorizeWork, _ terms: GrantTerms,
        _ contact: ProfileContact, slot: ResourceAddress, accepts: Bool = false, in vault: Vault
    ) async throws(StepFailure) {
        let record: GrantRecord?
        do throws(VaultFailure) { record = try await vault.grant(grant) } catch {
            throw StepFailure(.local(error, slot))
        }
        guard let record, record.status == .candidate, !record.type.isCache else { return }
        do throws(StepFailure) {
            try checks.checkScopes(record.scopes, terms, work.profile)
            guard record.issuer == nil else { return }
            let known = record.providerSubject.map { TokenIdentity(idTokenSubject: $0) }
            let evidence = await checks.identity(of: accessToken, known: known, terms, contact.endpoints, slot)
            try await settle(evidence, grant, work, terms, contact, accepts: accepts, slot, vault)
        } catch {
            if !error.isOfPassingDoubt { await retire(grant, vault) }
            throw error
        }
    }

    // MARK: Looking

    /// What the tokens say by themselves.
    private struct Findings {
        /// Who consented, by the ID token.
        var known: TokenIdentity?
        /// The same, where that is all that need be known.
        var identity: PinnedIdentity?
        /// The subject of the ID token, where more has to be asked: who looks at the grant after a death has no ID token.
        var subject: String?
    }

    /// Throws where the tokens alone show that they are not what was asked for. It asks nobody, and what it cannot read in the
    /// vault is looked at later.
    private func lookedAt(_ delivery: Delivery, _ vault: Vault) async throws(StepFailure) -> Findings {
        let (terms, slot) = (delivery.terms, delivery.slot)
        guard !terms.grant.isCache else { return Findings() }
        try checks.checkScopes(delivery.tokens.grantedScopes, terms, delivery.work.profile)
        try checks.checkLasts(delivery.tokens, terms, delivery.work.profile, slot: slot)
        let issuer = delivery.contact.metadata?.issuer
        var findings = Findings(
            known: try checks.identity(
                in: delivery.tokens, terms, issuer: issuer ?? delivery.work.client.expectedIssuer,
                nonce: delivery.nonce, slot))
        guard let known = findings.known else { return findings }
        let pinned: ProviderIdentity?
        do throws(StepFailure) { pinned = try await self.pinned(delivery.work, slot, vault) } catch { return findings }
        var evidence = IdentityEvidence(subject: terms.subject)
        evidence.add(known)
        evidence.addDirectoryName(in: delivery.tokens.accessToken)
        let found = try checks.judge(
            evidence, terms, issuer: issuer, pinned: pinned, accepts: delivery.acceptsIdentity, slot)
        if evidence.isDecided || pinned != nil {
            findings.identity = found
        } else {
            let origin = issuer ?? terms.tokenEndpoint.origin
            if PinnedIdentity.areOfOneHost(known.issuer ?? origin, origin) { findings.subject = known.subject }
        }
        return findings
    }

    private func settle(
        _ evidence: IdentityEvidence, _ grant: GrantID, _ work: AuthorizeWork, _ terms: GrantTerms,
        _ contact: ProfileContact, accepts: Bool, _ slot: ResourceAddress, _ vault: Vault
    ) async throws(StepFailure) {
        let pinned = try await pinned(work, slot, vault)
        let issuer = contact.metadata?.issuer
        var evidence = evidence
        if contact.metadata == nil, let unfound = checks.unfoundSource(work, contact, slot) {
            evidence.unasked = evidence.unasked ?? unfound
        }
        let found = try checks.judge(evidence, terms, issuer: issuer, pinned: pinned, accepts: accepts, slot)
        try checks.requireKnown(evidence, found, pinned: pinned, accepts: accepts, slot)
        // That nobody need know who consents is remembered like an identity.
        guard found != nil || pinned != nil && accepts else { return }
        do throws(VaultFailure) {
            try await vault.recordIdentity(
                of: grant, issuer: found?.issuer ?? issuer ?? terms.tokenEndpoint.origin, subject: found?.subject)
        } catch {
            throw StepFailure(.local(error, slot))
        }
    }

    /// Who was accepted for the slot and the client so far.
    private func pinned(
        _ work: AuthorizeWork, _ slot: ResourceAddress, _ vault: Vault
    ) async throws(StepFailure) -> ProviderIdentity? {
        do throws(VaultFailure) {
            return try await vault.identity(
                profile: work.profile.name, subject: work.subject, clientDigest: work.client.digest)
        } catch {
            throw StepFailure(.local(error, slot))
        }
    }

    // MARK: What is stored

    private func store(
        _ delivery: Delivery, _ findings: Findings, isRefused: Bool, _ vault: Vault
    ) async throws(StepFailure) -> GrantRecord {
        var draft = GrantDraft(
            profile: delivery.work.profile.name, subject: delivery.work.subject,
            clientDigest: delivery.work.client.digest, issuer: findings.identity?.issuer,
            providerSubject: findings.identity?.subject ?? findings.subject, type: delivery.terms.grant,
            run: delivery.run)
        draft.isRefused = isRefused
        let recipe = Recipe(
            delivery.work, delivery.terms, delivery.contact,
            margin: RenewalSchedule.margin(time.now, delivery.tokens.expiresAt))
        do throws(VaultFailure) {
            let grant = try await vault.addCandidate(
                draft, recipe, recipe.tokens(of: delivery.tokens, at: time.now), redeeming: delivery.intent)
            try await vault.record(
                AuditEntry(
                    run: delivery.run, actor: delivery.actor, action: "authorize", address: delivery.slot,
                    grant: grant.id))
            return grant
        } catch {
            throw StepFailure(.local(error, delivery.slot))
        }
    }

    /// One that cannot be retired is a candidate that nobody names, and is looked at again before anybody takes it.
    private func retire(_ grant: GrantID, _ vault: Vault) async {
        try? await vault.retire([grant])
    }
}

extension StepFailure {
    /// Whether it is not known yet whether the accepted person consented, and may be known soon.
    package var isOfPassingDoubt: Bool { diagnostic.code == GrantChecks.notAsked }
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

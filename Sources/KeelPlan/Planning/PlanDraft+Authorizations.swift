import KeelBase
import KeelDiagnostics
import KeelModel
import KeelState

extension PlanDraft {
    /// Only authorizations that the manifests need can be asked for again.
    mutating func checkReplacements() {
        let known = Set(authorizations.map(\.address))
        for address in input.replacing.subtracting(known).sorted() {
            let near = Suggestion.nearest(to: address.description, among: known.map(\.description))
            diagnostics.append(
                .error(
                    "plan.unknown-replacement", "there is no authorization \(address) to replace",
                    help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel state list shows the authorizations"))
        }
    }

    mutating func compare(_ authorization: EffectiveAuthorization) {
        let address = authorization.address
        guard let profile = profiles[authorization.profile], let basis = bases[authorization.profile] else { return }
        let after = authorization.effective
        let wanted = basis.values(of: authorization).recordDigest
        guard head(address)?.digest != nil else {
            let way = way(of: authorization, profile, renewal: nil)
            changes[address] = Change(
                address, .create, fields: FieldDiff.creation(.authorization, after), reasons: adoption(way),
                found: found(address), wanted: wanted, place: profile.spec.place)
            authorizing[address] = way
            return
        }
        guard let record = committed(address) else { return }
        let before = SlotBasis.shown(renames.renamed(record.effective, .authorization))
        let diff = FieldDiff(.authorization, before: before, after: after) { $0 == "scopes" ? .consent : .identity }
        let cause = basis.cause(
            of: authorization, since: record.effective, otherwise: profileCauses[authorization.profile])
        var reasons = diff.movedPresets + reasonsToObtain(authorization, record, cause)
        let isOther = cause == .identity || input.replacing.contains(address)
        let previous = renames.previous[address]
        guard !diff.changes.isEmpty || !reasons.isEmpty else {
            if let previous { move(address, from: previous, wanted, profile) }
            return
        }
        let renewal = isOther ? nil : renewal(diff.changes, reasons, authorization)
        let way = way(of: authorization, profile, renewal: renewal)
        reasons += adoption(way, beside: reasons)
        if let previous { reasons.append(Reason(.moved, "moved from \(previous)")) }
        changes[address] = Change(
            address, isOther ? .replace : .update, fields: diff.changes, reasons: reasons, previous: previous,
            found: found(address), wanted: wanted, place: profile.spec.place)
        authorizing[address] = way
    }

    private mutating func move(
        _ address: ResourceAddress, from previous: ResourceAddress, _ wanted: String, _ profile: EffectiveProfile
    ) {
        changes[address] = Change(
            address, .move, reasons: [Reason(.moved, "moved from \(previous)")], previous: previous,
            found: found(address), wanted: wanted, place: profile.spec.place)
    }

    /// Why a committed slot is filled again, beyond its own fields.
    private func reasonsToObtain(
        _ authorization: EffectiveAuthorization, _ record: CommittedRecord, _ cause: TokenCause?
    ) -> [Reason] {
        var reasons: [Reason] = []
        switch cause {
        case .identity:
            reasons.append(Reason(.otherApplication, "the profile is another application or provider now"))
        case .other:
            let whose = authorization.password == nil ? "the profile's" : "its"
            reasons.append(Reason(.otherCredentials, "\(whose) credentials, trust or scopes change"))
        case nil: break
        }
        if let grant = record.grant {
            // Another or unreadable vault is not observed, and never a reason to create.
            if let grants = observedGrants, let reason = reasonToReplace(grants[grant], authorization) {
                reasons.append(reason)
            }
        } else {
            reasons.append(Reason(.neverObtained, "it was never obtained"))
        }
        if input.replacing.contains(authorization.address) {
            reasons.append(Reason(.requested, "a replacement was asked for"))
        }
        if reasons.isEmpty, waitsForService(authorization, record) {
            reasons.append(Reason(.adopted, "somebody has consented anew, and that consent waits in the vault"))
        }
        return reasons
    }

    /// Whether somebody consented anew although the grant in service does: nobody does so unasked. A consent to more than that
    /// grant has is what another manifest asked for, and an older one was left behind for that grant; of one second it is newer.
    private func waitsForService(_ authorization: EffectiveAuthorization, _ record: CommittedRecord) -> Bool {
        guard let profile = profiles[authorization.profile], profile.grant.needsPerson, let grant = record.grant,
            let known = observedGrants?[grant], let anew = consent(for: authorization, profile).flatMap(grantFacts)
        else { return false }
        return anew.status == .candidate && anew.created >= known.created
            && Set(anew.scopes).isSubset(of: known.scopes + authorization.scopes)
    }

    /// Why a grant in service, as it was observed, does not do any longer; nil if it does. What passes is no reason.
    private func reasonToReplace(_ facts: GrantFacts?, _ authorization: EffectiveAuthorization) -> Reason? {
        guard let facts else { return Reason(.grantMissing, "the vault does not hold its grant") }
        guard facts.status != .retired else { return Reason(.grantRetired, "its grant was retired") }
        guard let profile = profiles[authorization.profile], !profile.grant.isCache else { return nil }
        if let problem = facts.problem, problem.needsConsent {
            let code = ForeignText(problem.code)
            return Reason(
                .reauthorize,
                profile.grant.needsPerson
                    ? "its grant cannot be renewed (\(code)) until \(ForeignText(authorization.subject)) consents again"
                    : "its grant cannot be renewed (\(code)) and is asked for again")
        }
        guard let remaining = RemainingTime(of: facts, profile, at: input.now), remaining.isNearlyOver else {
            return nil
        }
        return Reason(.nearHorizon, "its grant ends on \(day(remaining.end)) unless it is renewed")
    }

    /// What a renewal of the grant in service is to do; nil if only somebody's consent mends it.
    private func renewal(
        _ changes: [FieldChange], _ reasons: [Reason], _ authorization: EffectiveAuthorization
    ) -> AuthorizeWork.Renewal? {
        guard !reasons.contains(where: { $0.code == .reauthorize }) else { return nil }
        // One that was renewed lately and ends all the same has an end that no renewal moves.
        if reasons.contains(where: { $0.code == .nearHorizon }), isRenewedLately(authorization) { return nil }
        let scopes = changes.first { $0.field == "scopes" }
        let before = scopes?.before?.texts ?? []
        let after = scopes?.after?.texts ?? []
        if before == after { return .again }
        return after.isSubset(of: before) ? .narrower : .wider
    }

    private func isRenewedLately(_ authorization: EffectiveAuthorization) -> Bool {
        guard let profile = profiles[authorization.profile],
            let facts = head(authorization.address)?.grant.flatMap(grantFacts)
        else { return false }
        return RemainingTime(of: facts, profile, at: input.now)?.isRenewedLately ?? false
    }

    /// How the slot is filled with the least work. `renewal`: what the grant in service would have to be renewed for; nil: it
    /// is another application's or person's, or no renewal helps.
    private func way(
        of authorization: EffectiveAuthorization, _ profile: EffectiveProfile, renewal: AuthorizeWork.Renewal?
    ) -> AuthorizeWork.Way {
        guard profile.grant.needsPerson else { return .request }
        if !input.replacing.contains(authorization.address), let grant = consent(for: authorization, profile) {
            return .adopt(grant: grant)
        }
        guard let renewal, isHeld(authorization.address), let grant = head(authorization.address)?.grant else {
            return .consent
        }
        return .refresh(grant: grant, renewal)
    }

    /// The newest consent that nobody uses, that fits and that can still be renewed: a failed login never throws one away, and
    /// whoever consents once more does so because the one before is no good.
    private func consent(for authorization: EffectiveAuthorization, _ profile: EffectiveProfile) -> String? {
        let client = ClientWork(profile, authorization).digest
        let inService = head(authorization.address)?.grant
        let names = Set([profile.name] + renames.profileNames.filter { $0.value == profile.name }.keys)
        return observedGrants?.lazy.filter { id, facts in
            facts.problem?.needsConsent != true && facts.status != .retired && id != inService
                && names.contains(facts.profile)
                && facts.subject == authorization.subject && facts.client == client
                && ScopeComparison.missing(authorization.scopes, from: facts.scopes).isEmpty
        }.max { ($0.value.created, $0.key) < ($1.value.created, $1.key) }?.key
    }

    private func adoption(_ way: AuthorizeWork.Way, beside reasons: [Reason] = []) -> [Reason] {
        guard case .adopt = way, !reasons.contains(where: { $0.code == .adopted }) else { return [] }
        return [Reason(.adopted, "an earlier consent is in the vault and is adopted")]
    }

    /// Adds what obtains each new grant, and what records it.
    mutating func addAuthorizationSteps() {
        addRenewals()
        for authorization in authorizations {
            let address = authorization.address
            guard let profile = profiles[authorization.profile], let basis = bases[authorization.profile] else {
                continue
            }
            let change = changes[address]
            var before: [StepID] = []
            if let way = authorizing[address] {
                let client = ClientWork(profile, authorization)
                let work = AuthorizeWork(
                    profile: profile.address, subject: authorization.subject, way: way, client: client)
                let step = Step(
                    address, .authorize(work),
                    after: prepare(profile, authorization, client) + readPassword(of: authorization),
                    reasons: change?.reasons ?? [], preconditions: preconditions(of: way, address))
                steps.append(step)
                before = [step.id] + testsToPass(before: authorization, way, change)
            } else if change == nil {
                continue
            }
            addRecord(of: address, basis.values(of: authorization), authorization.profile, after: before)
        }
        moveIdleSlots()
    }

    /// The password of a user belongs to the slot, and the client's secrets to the profile.
    private mutating func readPassword(of authorization: EffectiveAuthorization) -> [StepID] {
        guard let source = authorization.password else { return [] }
        let secrets = [CredentialField.password.rawValue: source]
        let step = Step(authorization.address, .resolve(ResolveWork(secrets: secrets)), after: [])
        steps.append(step)
        return [step.id]
    }

    /// A grant that goes on must still be the one in service, under the name that its slot has until the record is written.
    private func preconditions(of way: AuthorizeWork.Way, _ slot: ResourceAddress) -> [Precondition] {
        guard case .refresh(let grant, _) = way else { return [] }
        return [.grant(renames.place(of: slot), grant)]
    }

    /// A grant that goes on with less might no longer serve the accounts that use it. So it is committed in that form only
    /// when all of them have logged in. Whoever is new has nothing to lose, and holds up nobody.
    private func testsToPass(
        before authorization: EffectiveAuthorization, _ way: AuthorizeWork.Way, _ change: Change?
    ) -> [StepID] {
        guard case .refresh = way, let scopes = change?.fields.first(where: { $0.field == "scopes" }),
            !(scopes.before?.texts ?? []).isSubset(of: scopes.after?.texts ?? [])
        else { return [] }
        return authorization.accounts.filter { account in
            comparisons[account].map { $0.needsLogin && $0.committed != nil } ?? false
        }.map { StepID($0, .test) }
    }

    private mutating func addRecord(
        of slot: ResourceAddress, _ values: [String: EffectiveValue], _ profile: ResourceAddress, after: [StepID]
    ) {
        let step = Step(
            slot,
            .record(
                .commit(
                    PlannedRecord(
                        values: .derived(values), dependencies: [profile], authorization: slot, proof: .earlier,
                        previous: changes[slot]?.previous))),
            after: after, preconditions: [asFound(slot)])
        steps.append(step)
        recordSteps[slot] = step.id
    }

    /// The slots of accounts that are switched off keep their grants, and follow their profiles like all others.
    private mutating func moveIdleSlots() {
        guard !renames.previous.isEmpty else { return }
        let idle = Set(accounts.filter { !$0.active }.compactMap(usableSlot))
        for slot in idle.subtracting(authorizations.map(\.address)).sorted() {
            guard let previous = renames.previous[slot], let record = committed(slot),
                case .text(let name)? = renames.renamed(record.effective, .authorization)["profile"]?.value,
                let profile = profiles[ResourceAddress(.oauthProfile, name)]
            else { continue }
            let values = renames.renamed(record.effective, .authorization)
            move(slot, from: previous, values.recordDigest, profile)
            addRecord(of: slot, values, profile.address, after: [])
        }
    }

    /// A test with an existing authorization needs its grant; when this vault does not hold it, it is obtained again.
    private mutating func addRenewals() {
        var renewed: Set<ResourceAddress> = []
        for account in accounts where comparisons[account.address]?.needsLogin == true {
            guard let address = slot(of: account), authorizing[address] == nil, !isHeld(address) else { continue }
            renewed.insert(address)
        }
        guard !renewed.isEmpty else { return }
        for authorization in authorizations where renewed.contains(authorization.address) {
            guard let profile = profiles[authorization.profile] else { continue }
            authorizing[authorization.address] = way(of: authorization, profile, renewal: .again)
        }
        // Where no vault is kept, each run has grants of its own; in one, all accounts of a slot go over together.
        guard case .present = input.vault else { return }
        for account in accounts where slot(of: account).map(renewed.contains) ?? false { compare(account) }
    }
}

extension ClientWork {
    /// How the profile's client asks for what the slot needs.
    package init(_ profile: EffectiveProfile, _ authorization: EffectiveAuthorization) {
        var credentials = profile.credentials
        credentials[.password] = authorization.password
        self.init(
            grant: profile.grant, endpoints: profile.known, issuer: profile.issuer?.asWritten,
            expectedIssuer: profile.expectedIssuer, clientID: profile.clientID,
            clientAuthentication: profile.clientAuthentication, credentials: credentials,
            scopes: authorization.scopes, parameters: profile.authorizationParameters,
            redirectURI: profile.redirectURI, refreshTokenLifetime: profile.refreshTokenLifetime,
            revocationReach: profile.revocationReach, trust: profile.trust)
    }
}

extension EffectiveAuthorization {
    /// The slot's values, in the form in which every resource's values are kept.
    var effective: [String: EffectiveValue] {
        [
            "profile": EffectiveValue(.text(profile.name), .manifest),
            "subject": EffectiveValue(.text(subject), .manifest),
            "scopes": EffectiveValue(.set(of: scopes), scopesOrigin),
        ]
    }
}

import KeelBase
import KeelModel
import KeelState

/// Ending at the provider what is out of service here.
///
/// Revoking one token may end more than its own grant, and how much more depends on the provider. So what is replaced is revoked
/// only where nothing that stays can be hit, and what is removed only where somebody asks for it as well.
extension PlanDraft {
    /// Grants of one slot that go out of service, and the steps after which nothing stands on them.
    private struct Leaving {
        let slot: ResourceAddress
        let grants: [String]
        let isRemoved: Bool
        let after: [StepID]
    }

    /// By what a provider knows a grant.
    private struct Consent: Hashable {
        let client: String
        let subject: String
    }

    mutating func planRevocations() {
        let leaving = leavingGrants()
        guard !leaving.isEmpty else { return }
        let staying = stayingConsents(but: Set(leaving.filter(\.isRemoved).map(\.slot)))
        for item in leaving { revoke(item, staying) }
    }

    private mutating func revoke(_ item: Leaving, _ staying: Set<Consent>) {
        guard let facts = item.grants.first.flatMap(grantFacts) else { return }
        let place = item.isRemoved ? renames.place(of: item.slot) : item.slot
        let issuer = formerProfile(of: facts)
        let reach = issuer.reach
        let isHit = staying.contains(Consent(client: facts.clientID, subject: facts.subject))
        if let words = Self.obstacle(reach, hasEndpoint: issuer.mayRevoke, isHit: isHit) {
            let text = item.isRemoved ? "its grant is not revoked at the provider" : "the former grant is not revoked"
            changes[place]?.reasons.append(Reason(.notRevoked, "\(text): \(words)"))
            return
        }
        let work = RevokeWork(
            profile: ResourceAddress(.oauthProfile, facts.profile), subject: facts.subject, grants: item.grants,
            endpoint: issuer.endpoint, reach: reach)
        steps.append(Step(place, .revoke(work), after: item.after, reasons: changes[place]?.reasons ?? []))
    }

    /// Why a revocation does nothing, or too much; nil if it does what is wanted.
    private static func obstacle(_ reach: RevocationReach, hasEndpoint: Bool, isHit: Bool) -> String? {
        switch reach {
        case .none: return "the provider has nothing to revoke it with"
        case .token, .chain: break
        case .userAndClient where isHit:
            return "that would end what the same user has granted to the same client and stays in service"
        case .unknown where isHit:
            return "it is not known whether that would end what stays in service; revocationReach says how far it goes"
        case .userAndClient, .unknown: break
        }
        return hasEndpoint ? nil : "no revocation endpoint is known"
    }

    // MARK: What leaves

    private mutating func leavingGrants() -> [Leaving] {
        guard let grants = observedGrants else { return [] }
        var leaving: [Leaving] = []
        for authorization in authorizations where !(profiles[authorization.profile]?.grant.isCache ?? true) {
            let former = formerGrants(of: authorization).filter { grants[$0].map(\.isRevocable) ?? false }
            guard !former.isEmpty, let steps = stepsOff(Set(former)) else { continue }
            leaving.append(
                Leaving(
                    slot: authorization.address, grants: former.sorted(), isRemoved: false,
                    after: [recordSteps[authorization.address]].compactMap(\.self) + steps))
        }
        guard input.revokes else { return leaving }
        for (place, change) in changes.sorted(by: { $0.key < $1.key })
        where place.kind == .authorization && change.action == .delete {
            guard let grant = change.found.grant, grants[grant].map(\.isRevocable) ?? false,
                let steps = stepsOff([grant])
            else { continue }
            leaving.append(
                Leaving(
                    slot: place, grants: [grant], isRemoved: true, after: [StepID(place, .record)] + steps))
        }
        return leaving
    }

    /// The grants that this run takes from a slot or from its accounts: a run that failed may have left some behind.
    private func formerGrants(of authorization: EffectiveAuthorization) -> Set<String> {
        let inService = head(authorization.address)?.grant
        var former: Set<String> = []
        for account in authorization.accounts {
            guard let committed = comparisons[account]?.committed, let grant = committed.grant else { continue }
            let slots = committed.dependencies.map { renames.renamed($0) ?? $0 }
            if slots.contains(authorization.address) { former.insert(grant) }
        }
        switch authorizing[authorization.address] {
        case .refresh?, nil: if let inService { former.remove(inService) }
        case .adopt(let grant)?:
            if let inService { former.insert(inService) }
            former.remove(grant)
        case .request?, .consent?: if let inService { former.insert(inService) }
        }
        return former
    }

    /// The records after which no account points to these grants; nil if one goes on with them.
    private func stepsOff(_ grants: Set<String>) -> [StepID]? {
        var steps: [StepID] = []
        for address in renames.state?.addresses ?? [] where address.kind == .emailAccount {
            guard let grant = head(address)?.grant, grants.contains(grant) else { continue }
            let isProvenAnew = comparisons[address]?.isUnproven == true
            let isRemoved = changes[renames.place(of: address)].map { $0.action == .delete } ?? false
            guard isProvenAnew || isRemoved, let step = recordSteps[address] else { return nil }
            steps.append(step)
        }
        return steps.sorted()
    }

    // MARK: What stays

    /// What people have granted, to which clients, and what the slots stand on that this run leaves in service.
    private mutating func stayingConsents(but leaving: Set<ResourceAddress>) -> Set<Consent> {
        var staying: Set<Consent> = []
        for authorization in authorizations {
            guard let profile = profiles[authorization.profile], !profile.grant.isCache else { continue }
            staying.insert(Consent(client: profile.clientID, subject: authorization.subject))
        }
        let filled = Set(authorizations.map(\.address))
        for address in renames.state?.addresses ?? [] where address.kind == .authorization {
            guard !filled.contains(address), !leaving.contains(renames.place(of: address)),
                let facts = head(address)?.grant.flatMap(grantFacts)
            else { continue }
            staying.insert(Consent(client: facts.clientID, subject: facts.subject))
        }
        return staying
    }

    /// What is known of how the profile revokes that a grant was obtained by.
    private mutating func formerProfile(
        of facts: GrantFacts
    ) -> (reach: RevocationReach, endpoint: EndpointURL?, mayRevoke: Bool) {
        let name = renames.profileNames[facts.profile] ?? facts.profile
        let address = ResourceAddress(.oauthProfile, name)
        // As it was committed; and as it is wanted, where that was committed before its slots came over.
        if let values = committed(address)?.effective, values["client.id"]?.value == .text(facts.clientID) {
            func text(_ field: String) -> String? {
                if case .text(let text)? = values[field]?.value { text } else { nil }
            }
            let endpoint = text("endpoints.revocation").flatMap { try? EndpointURL(parsing: $0) }
            return (
                text("revocationReach").flatMap(RevocationReach.init) ?? .unknown, endpoint,
                endpoint != nil || text("issuer") != nil
            )
        }
        guard let profile = profiles[address], profile.clientID == facts.clientID else {
            // Its recipe knows.
            return (.unknown, nil, true)
        }
        return (
            profile.revocationReach, profile.known.revocation, profile.known.revocation != nil || profile.issuer != nil
        )
    }
}

extension GrantFacts {
    /// The id of the client that it was issued to.
    fileprivate var clientID: String { client.split(separator: " ", maxSplits: 2).last.map(String.init) ?? "" }

    /// Whether it is in the vault and worth a revocation: it was not obtained for the asking, and has not ended already.
    fileprivate var isRevocable: Bool {
        let type = client.prefix { $0 != " " }
        let isCache = GrantType(rawValue: String(type))?.isCache ?? true
        return status != .retired && problem?.needsConsent != true && !isCache
    }
}

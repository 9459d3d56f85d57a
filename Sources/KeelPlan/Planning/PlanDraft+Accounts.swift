import KeelBase
import KeelDiagnostics
import KeelModel
import KeelState

/// What was found out about an account that changes.
struct AccountComparison {
    let committed: CommittedRecord?
    let staging: StagingRecord?
    let fields: [FieldChange]
    let effects: Set<Effect>
    /// Whether its settings or its grant are not those that were proven.
    let isUnproven: Bool
    /// Whether a login must prove it before it is committed.
    let needsLogin: Bool
}

extension PlanDraft {
    mutating func compare(_ account: EffectiveAccount) {
        guard checkKeeper(account) else { return }
        let digest = account.spec.recordDigest
        let head = head(account.address)
        let isSame = head?.digest == digest && renames.previous[account.address] == nil
        // Most accounts of most plans end here, and nothing of theirs is decoded.
        if let head, isSame, !head.hasFailure, !head.isStaged, isInOrder(account, head) { return }
        let stored = record(account.address)
        guard let record = stored?.committed else { return create(account, stored, digest) }
        let slots = record.dependencies.first { $0.kind == .authorization }
        let wasSlot = slots.map { renames.renamed($0) ?? $0 }
        let diff = FieldDiff(
            .emailAccount, before: renames.renamed(record.effective, .emailAccount), after: account.spec.effective
        ) { account.effect(of: $0, wasAuthorization: wasSlot) }
        var reasons = diff.movedPresets + NewHost.reasons(diff.changes)
        if slot(of: account) != wasSlot, let reason = newHost(of: account) { reasons.append(reason) }
        if diff.changes.contains(where: { $0.field == "password" }), let reason = borrowedPassword(account) {
            reasons.append(reason)
        }
        if let kept = record.effective["recordIn"]?.value, kept != .text(account.keeper) { explainOtherKeeper(account) }
        let unproven = unproven(account, record, stored?.failure)
        if let unproven { reasons.append(unproven) }
        let needsLogin: Set<Effect> = [.identity, .consent, .credential, .connection, .sender, .service]
        let isUnproven = account.active && (unproven != nil || !diff.effects.isDisjoint(with: needsLogin))
        let isReworded = diff.changes.isEmpty && record.declared != account.spec.declared
        let previous = renames.previous[account.address]
        let isRenamed = previous != nil || renames.touches(record)
        let isUnfinished = stored?.staging != nil
        if isUnproven, unproven == nil, let failure = stored?.failure { reasons.append(Self.lastAttempt(failure)) }
        guard !diff.changes.isEmpty || isUnproven || isReworded || isRenamed || isUnfinished else { return }
        if let previous { reasons.append(Reason(.moved, "moved from \(previous)")) }
        if isUnfinished { reasons.append(Self.unfinished) }
        if isReworded, reasons.isEmpty { reasons.append(renames.touches(record) ? Self.follows : Self.reworded) }
        if isUnproven, account.proof == .deferred { reasons.append(Self.deferred) }
        let isOnlyMoved = diff.changes.isEmpty && !isUnproven && !isReworded && !isUnfinished
        changes[account.address] = Change(
            account.address, isOnlyMoved && previous != nil ? .move : .update, fields: diff.changes, reasons: reasons,
            previous: previous, found: found(account.address), wanted: digest, place: account.spec.place)
        comparisons[account.address] = AccountComparison(
            committed: record, staging: stored?.staging, fields: diff.changes, effects: diff.effects,
            isUnproven: isUnproven, needsLogin: isUnproven && account.proof == .required)
    }

    private mutating func create(_ account: EffectiveAccount, _ stored: ResourceRecord?, _ digest: String) {
        var reasons: [Reason] = []
        if let failure = stored?.failure { reasons.append(Self.lastAttempt(failure)) }
        if stored?.staging != nil { reasons.append(Self.unfinished) }
        if account.active, account.proof == .deferred { reasons.append(Self.deferred) }
        if let reason = newHost(of: account) ?? borrowedPassword(account) { reasons.append(reason) }
        let fields = FieldDiff.creation(account.spec)
        changes[account.address] = Change(
            account.address, .create, fields: fields, reasons: reasons, found: found(account.address), wanted: digest,
            place: account.spec.place)
        comparisons[account.address] = AccountComparison(
            committed: nil, staging: stored?.staging, fields: fields, effects: [], isUnproven: account.active,
            needsLogin: account.active && account.proof == .required)
    }

    /// Why it matters where an account that is new to its slot logs in.
    private mutating func newHost(of account: EffectiveAccount) -> Reason? {
        guard let slot = slot(of: account), head(slot)?.grant != nil else { return nil }
        return NewHost.reason(server: account.endpoint.host, unlike: hosts(of: slot), grantOf: slot)
    }

    /// The hosts to which the grant of a slot has gone: those of all accounts that are committed with it, also of those
    /// that are gone from the manifests.
    private mutating func hosts(of slot: ResourceAddress) -> Set<String> {
        if let knownHosts { return knownHosts[slot] ?? [] }
        var hosts: [ResourceAddress: Set<String>] = [:]
        for address in renames.state?.addresses ?? [] where address.kind == .emailAccount && head(address)?.grant != nil
        {
            guard let record = committed(address), case .text(let server)? = record.effective["server"]?.value else {
                continue
            }
            for slot in record.dependencies where slot.kind == .authorization {
                hosts[renames.renamed(slot) ?? slot, default: []].insert(server)
            }
        }
        knownHosts = hosts
        return hosts[slot] ?? []
    }

    static let unfinished = Reason(.unfinished, "an earlier run began its record at the keeper and did not finish")
    static let follows = Reason(.moved, "its profile has another name now")
    static let deferred = Reason(.unproven, "it will be committed UNPROVEN, because its proof is deferred")

    /// Whether a committed account, as it stands, needs nothing.
    private func isInOrder(_ account: EffectiveAccount, _ head: RecordHead) -> Bool {
        guard account.active else { return true }
        guard head.isProven || account.proof == .deferred else { return false }
        guard let slot = slot(of: account) else { return true }
        return authorizing[slot] == nil && (!isHeld(slot) || head.grant == self.head(slot)?.grant)
    }

    /// Why a committed account must log in although nothing about it changed; nil if it need not.
    private func unproven(
        _ account: EffectiveAccount, _ record: CommittedRecord, _ failure: FailureRecord?
    ) -> Reason? {
        guard account.active else { return nil }
        if account.proof == .required, record.proof == nil { return Reason(.neverProven, "it was never proven") }
        guard let slot = slot(of: account) else { return failure.map(Self.lastAttempt) }
        if case .refresh = authorizing[slot] {
            return Reason(.renewedGrant, "it is proven again, because the grant of \(slot) goes on under other terms")
        }
        if authorizing[slot] != nil {
            return Reason(
                .newGrant,
                account.proof == .deferred
                    ? "it goes over to the new grant of \(slot)" : "it is proven again with the new grant of \(slot)")
        }
        // A run that failed or ended before the account's turn left it on the grant before, or on one that went on under
        // other terms.
        let isBehind =
            isHeld(slot) ? record.grant != head(slot)?.grant || hasFailed(failure, with: slot) : failure != nil
        guard isBehind else { return nil }
        return failure.map(Self.lastAttempt)
            ?? Reason(.otherGrant, "it was not proven with the grant of \(slot) that is in service")
    }

    /// Whether the account failed in the very run that committed its slot.
    private func hasFailed(_ failure: FailureRecord?, with slot: ResourceAddress) -> Bool {
        guard let failure, let record = try? renames.state?.record(slot)?.committed else { return false }
        return record.run == failure.run
    }

    private static func lastAttempt(_ failure: FailureRecord) -> Reason {
        Reason(.lastAttemptFailed, "the last attempt failed at \(failure.at): \(ForeignText(failure.message))")
    }

    // MARK: Steps

    /// Hands each changed account to its keeper, which makes the steps.
    mutating func addAccountSteps() {
        for account in accounts {
            guard let comparison = comparisons[account.address], let keeper = keeper(of: account) else { continue }
            var test: Step?
            if comparison.needsLogin, !keeper.capabilities.holdsGrants {
                guard let step = testStep(account, comparison) else { continue }
                test = step
            }
            add(
                keeper.plan(
                    AccountChange(
                        address: account.address, goal: .account(account), committed: comparison.committed,
                        staging: comparison.staging, reading: reading(account.address), fields: comparison.fields,
                        effects: comparison.effects, needsProof: comparison.needsLogin,
                        dependencies: dependencies(of: account),
                        grant: slot(of: account).flatMap(grantStep).map { [$0] } ?? [],
                        test: test, record: recordStep(account, comparison))),
                for: account.address)
        }
    }

    /// What must be committed before the account is. One that is switched off names what is there, and waits for nothing
    /// that can fail.
    private func dependencies(of account: EffectiveAccount) -> [StepID] {
        let needed = [account.profile, slot(of: account)].compactMap(\.self).filter { address in
            account.active || renames.previous[address] != nil
                || (address.kind == .oauthProfile && head(address)?.digest == nil)
        }
        return needed.compactMap { recordSteps[$0] }
    }

    /// What must be done before there is a grant to log in with, under the slot's name; nil if it is there.
    private func grantStep(_ slot: ResourceAddress) -> StepID? {
        if authorizing[slot] != nil { return StepID(slot, .authorize) }
        return renames.previous[slot] == nil ? nil : recordSteps[slot]
    }

    func reading(_ address: ResourceAddress) -> RecordReading { input.readings[address] ?? .notObserved }

    mutating func add(_ plan: KeeperPlan, for address: ResourceAddress) {
        steps += plan.steps
        recordSteps[address] = StepID(address, .record)
        changes[address]?.reasons += plan.implicitEffects.map {
            Reason(.implicit, "the keeper will also change \(ForeignText($0.record)): \(ForeignText($0.consequence))")
        }
    }

    private func recordStep(_ account: EffectiveAccount, _ comparison: AccountComparison) -> Step {
        // An inactive account keeps its grant, and gets none.
        let slot = slot(of: account).flatMap { account.active || head($0)?.grant != nil ? $0 : nil }
        let proof: PlannedRecord.Proof =
            if comparison.needsLogin { .login } else if comparison.isUnproven { .none } else { .earlier }
        return Step(
            account.address,
            .record(
                .commit(
                    PlannedRecord(
                        values: .of(account.spec), dependencies: [account.profile, slot].compactMap { $0 },
                        authorization: slot, proof: proof, settings: account.spec.settingsDigest,
                        previous: renames.previous[account.address]))),
            after: [], reasons: changes[account.address]?.reasons ?? [],
            preconditions: [asFound(account.address)])
    }

    private mutating func testStep(_ account: EffectiveAccount, _ comparison: AccountComparison) -> Step? {
        guard let work = TestWork(account) else { return nil }
        var grant: Precondition?
        if let slot = work.authorization, authorizing[slot] == nil, let id = head(slot)?.grant {
            grant = .grant(slot, id)
        }
        return Step(
            account.address, .test(work), after: [], reasons: changes[account.address]?.reasons ?? [],
            preconditions: grant.map { [$0] } ?? [])
    }
}

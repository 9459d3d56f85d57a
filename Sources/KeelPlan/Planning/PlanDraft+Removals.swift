import KeelBase
import KeelDiagnostics
import KeelModel
import KeelState

extension PlanDraft {
    /// Plans away what is committed and no longer wanted: accounts first, then their slots, then profiles.
    mutating func planRemovals() {
        guard let state = renames.state else { return }
        var wanted = Set(input.desired.profiles.map(\.address))
        wanted.formUnion(accounts.map(\.address))
        wanted.formUnion(accounts.compactMap(usableSlot))
        let unwanted = state.addresses.filter { !wanted.contains($0) }
        guard !unwanted.isEmpty else { return }
        let released = Set(input.desired.refactoring.removals.map(\.address))
        var users = formerUsers(among: unwanted)
        var destroyed: Set<ResourceAddress> = []
        for address in unwanted.reversed() {
            let record = committed(address)
            // A slot goes the way of its accounts; one that nobody used is destroyed.
            let isReleased =
                address.kind == .authorization
                ? users[address].map {
                    !$0.contains(where: destroyed.contains) && $0.contains { unwanted.contains($0) }
                }
                    ?? false
                : released.contains(address)
            guard isReleased || mayDestroy(address, record) else { continue }
            if !isReleased { destroyed.insert(address) }
            let place = renames.place(of: address)
            changes[place] = Change(
                place, isReleased ? .forget : .delete,
                fields: FieldDiff.removal(address.kind, SlotBasis.shown(record?.effective ?? [:])),
                reasons: [removalReason(place, isReleased: isReleased)], found: found(address), wanted: nil,
                place: nil)
            let waits = (users.removeValue(forKey: address) ?? []).sorted().compactMap { recordSteps[$0] }
            remove(address, record, isReleased: isReleased, after: waits)
            if place != address, input.committed?.head(address) != nil { dropFailure(at: address) }
        }
    }

    /// A run that failed has left its failure under the new name of what now goes under its old one.
    private mutating func dropFailure(at address: ResourceAddress) {
        let reason = removalReason(address, isReleased: false)
        changes[address] = Change(address, .delete, reasons: [reason], found: Found(), wanted: nil, place: nil)
        steps.append(
            Step(
                address, .record(.destroy), after: [], reasons: [reason], preconditions: [.committed(address, nil)]))
    }

    /// Which of the accounts and slots that this plan changes or removes stood on each unwanted slot and profile.
    private mutating func formerUsers(among unwanted: [ResourceAddress]) -> [ResourceAddress: [ResourceAddress]] {
        var users: [ResourceAddress: [ResourceAddress]] = [:]
        let changed = Set(unwanted).union(recordSteps.keys)
        for address in changed {
            for dependency in committed(address)?.dependencies ?? [] {
                users[renames.renamed(dependency) ?? dependency, default: []].append(address)
            }
        }
        return users
    }

    private mutating func remove(
        _ address: ResourceAddress, _ record: CommittedRecord?, isReleased: Bool, after waits: [StepID]
    ) {
        // A slot that goes while its profile is renamed goes from where it stands.
        let place = renames.place(of: address)
        let step = Step(
            place, .record(isReleased ? .release : .destroy), after: waits, reasons: changes[place]?.reasons ?? [],
            preconditions: [asFound(address)])
        guard address.kind == .emailAccount else {
            steps.append(step)
            recordSteps[address] = step.id
            return
        }
        var name = LocalKeeper().name
        if case .text(let text)? = record?.effective["recordIn"]?.value { name = text }
        guard let keeper = input.keepers[name] else { return explainUnknownKeeper(name, address, nil) }
        var policy = RemovalPolicy.forget
        if case .text(let text)? = record?.effective["lifecycle.onDestroy"]?.value,
            let declared = RemovalPolicy(rawValue: text)
        {
            policy = declared
        }
        add(
            keeper.plan(
                AccountChange(
                    address: address, goal: isReleased ? .released : .destroyed(policy), committed: record,
                    staging: self.record(address)?.staging, reading: reading(address), fields: [], effects: [],
                    needsProof: false, dependencies: waits, grant: [], test: nil, record: step)),
            for: address)
    }

    /// The slot that an account uses, or would use: switching an account off keeps its grant alive.
    ///
    /// While nobody is switched on the grant is not obtained again. So when its profile changes it would be another
    /// application's, or renewed with another secret, and it goes; unless it is the same application's and cost a
    /// person's time.
    func usableSlot(_ account: EffectiveAccount) -> ResourceAddress? {
        guard let slot = slot(of: account), !account.active, authorizing[slot] == nil else { return slot(of: account) }
        guard let address = account.profile, let cause = profileCauses[address] else { return slot }
        let isStale = cause == .identity || profiles[address]?.grant.isCache == true
        return isStale && head(address)?.digest != nil ? nil : slot
    }

    /// Whether nothing protects the address; explains if something does.
    private mutating func mayDestroy(_ address: ResourceAddress, _ record: CommittedRecord?) -> Bool {
        let field = AccountField.preventDestroy.definition.name
        guard address.kind == .emailAccount, record?.effective[field]?.value == .boolean(true) else { return true }
        diagnostics.append(
            Diagnostic(
                .error, "plan.prevent-destroy", "\(address) would be destroyed, and its \(field) forbids it",
                help:
                    "declare it again; to destroy it, first apply it with \(field): false; to keep it and stop managing it, declare it Removed",
                address: address, responsible: .manifestAuthor))
        return false
    }

    private func removalReason(_ address: ResourceAddress, isReleased: Bool) -> Reason {
        if isReleased {
            return address.kind == .authorization
                ? Reason(.released, "because no managed account needs it; its grant stays in the vault")
                : Reason(.released, "because the manifests declare it Removed")
        }
        return address.kind == .authorization
            ? Reason(
                .notNeeded,
                "because no account needs it; its grant is retired here\(input.revokes ? "" : ", and not revoked at the provider")"
            )
            : Reason(
                .notDeclared,
                input.destroys
                    ? "because everything is to be destroyed" : "because \(address) is not in the manifests")
    }
}

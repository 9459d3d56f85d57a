import KeelBase
import KeelPlan
import KeelState
import KeelVault

/// Records: what is committed, and what follows from it in the vault.
///
/// The journal names a grant before the vault puts it into service: a crash in between is mended by the next run.
extension StepExecutor {
    /// A record that is about to be committed.
    private struct Prepared {
        let index: Int
        let address: ResourceAddress
        let entry: Journal.Entry
        let earlier: CommittedRecord?
        let consequence: Consequence
    }

    /// What follows in the vault.
    private enum Consequence {
        /// A grant of this run goes into service for the address.
        case serve(GrantID, CommittedRecord)
        /// Later observations count only for this grant and these settings.
        case register(CommittedRecord)
        case destroy
        case release
    }

    /// Commits records together: one line in the journal, then the vault.
    func commit(_ steps: [Step]) async -> [StepOutcome] {
        var outcomes = [StepOutcome](repeating: .done, count: steps.count)
        var prepared: [Prepared] = []
        prepared.reserveCapacity(steps.count)
        for (index, step) in steps.enumerated() {
            do throws(StepFailure) {
                try await check(step.preconditions)
                let record = try await prepare(step, index)
                try await announceRevocations(after: step.id)
                prepared.append(record)
            } catch {
                outcomes[index] = await failed(error, step.id)
            }
        }
        do throws(StateFailure) {
            try await state.commit(prepared.map(\.entry))
        } catch {
            for item in prepared {
                let failure = explanation.local(
                    error.code.rawValue, error.description, help: error.remedy, item.address)
                outcomes[item.index] = await failed(StepFailure(failure), steps[item.index].id)
            }
            return outcomes
        }
        for (index, failure) in await follow(prepared) { outcomes[index] = await failed(failure, steps[index].id) }
        await noteFacts(
            of: prepared.compactMap { item in
                guard case .done = outcomes[item.index], let record = item.entry.record?.committed,
                    record.proof?.run == run
                else { return nil }
                return Definition(of: item.address, record)
            })
        return outcomes
    }

    // MARK: The record

    private func prepare(_ step: Step, _ index: Int) async throws(StepFailure) -> Prepared {
        let address = step.id.address
        guard case .record(let work) = step.work else {
            throw local("engine.no-record", "\(step.id) is no record", address)
        }
        switch work {
        case .commit(let planned):
            var before = try await stored(planned.previous ?? address)
            // What was written at a keeper in this run was noted under the new name.
            if planned.previous != nil, let staging = try await stored(address)?.staging { before?.staging = staging }
            let obtained = await obtainedGrant(planned, address)
            try await keepRecipe(address)
            let record = await record(planned, address, before, obtained)
            return Prepared(
                index: index, address: address,
                entry: Journal.Entry(address, ResourceRecord(committed: record), from: planned.previous),
                earlier: before?.committed, consequence: obtained.map { .serve($0, record) } ?? .register(record))
        case .destroy, .release:
            let before = try await stored(address)
            return Prepared(
                index: index, address: address, entry: Journal.Entry(address, nil), earlier: before?.committed,
                consequence: work == .destroy ? .destroy : .release)
        }
    }

    /// What a renewed grant is renewed by goes before its record: a run that dies in between renews it once more.
    private func keepRecipe(_ address: ResourceAddress) async throws(StepFailure) {
        guard address.kind == .authorization, let held = await context.grant(of: address), let recipe = held.recipe
        else { return }
        try await inVault { vault throws(VaultFailure) in try await vault.replaceRecipe(of: held.id, with: recipe) }
    }

    private func record(
        _ planned: PlannedRecord, _ address: ResourceAddress, _ before: ResourceRecord?, _ obtained: GrantID?
    ) async -> CommittedRecord {
        let earlier = before?.committed
        let grant = obtained?.text ?? (planned.authorization == nil ? nil : earlier?.grant)
        var proof = planned.proof == .none ? nil : earlier?.proof
        if planned.proof == .login, let mechanism = await context.proof(of: address) {
            proof = ProofRecord(
                at: time.now, run: run, grant: grant, settings: planned.settings ?? "", mechanism: mechanism)
        }
        let secrets = await context.secrets(of: address)
        let marks = fingerprints.map { makes in secrets.mapValues(makes.fingerprint) } ?? [:]
        return CommittedRecord(
            declared: planned.values.declared, effective: planned.values.effective,
            fingerprints: marks.isEmpty ? planned.kept(earlier?.fingerprints ?? [:]) : marks, grant: grant,
            proof: proof,
            dependencies: planned.dependencies,
            external: (earlier?.external ?? [:]).merging(before?.staging?.external ?? [:]) { _, new in new },
            committedAt: time.now, run: run)
    }

    /// The grant of this run that the record names. An account's is the one that proved it: what another account of the
    /// slot was proven with says nothing of this one. Only an account that asks for no proof takes the slot's as it is.
    private func obtainedGrant(_ planned: PlannedRecord, _ address: ResourceAddress) async -> GrantID? {
        guard let authorization = planned.authorization else { return nil }
        switch planned.proof {
        case .login: return await context.grant(of: authorization)?.id
        case .earlier: return address == authorization ? await context.grant(of: authorization)?.id : nil
        case .none:
            if let grant = await context.grant(of: authorization)?.id { return grant }
            return await state.head(of: authorization)?.grant.flatMap(GrantID.init(parsing:))
        }
    }

    // MARK: What follows

    /// Does what follows from committed records; returns what could not be done.
    private func follow(_ prepared: [Prepared]) async -> [(Int, StepFailure)] {
        var failures: [(Int, StepFailure)] = []
        var registered: [Definition] = []
        for item in prepared {
            do throws(StepFailure) {
                if let previous = item.entry.from, vault != nil {
                    try await inVault { vault throws(VaultFailure) in try await vault.rename(previous, to: item.address)
                    }
                }
                switch item.consequence {
                case .serve(let grant, let record): try await serve(grant, item.address, record, item.earlier)
                case .register(let record):
                    if vault != nil, let definition = Definition(of: item.address, record) {
                        registered.append(definition)
                    }
                case .destroy: try await forget(item.address, item.earlier, retires: true)
                case .release: try await forget(item.address, item.earlier, retires: false)
                }
                if item.address.kind == .authorization, let record = item.entry.record?.committed {
                    try await clearFailures(of: record)
                }
            } catch {
                failures.append((item.index, error))
            }
        }
        guard !registered.isEmpty else { return failures }
        do throws(StepFailure) {
            try await inVault { [registered] vault throws(VaultFailure) in try await vault.register(registered) }
        } catch {
            let addresses = Set(registered.map(\.address))
            failures += prepared.filter { addresses.contains($0.address) }.map { ($0.index, error) }
        }
        return failures
    }

    /// Puts a grant into service, and takes out what it replaces as soon as no account needs that.
    private func serve(
        _ grant: GrantID, _ address: ResourceAddress, _ record: CommittedRecord, _ earlier: CommittedRecord?
    ) async throws(StepFailure) {
        let definitions = [Definition(of: address, record)].compactMap { $0 }
        let unused = try await inVault { vault throws(VaultFailure) in
            try await vault.promote(grant, for: definitions.map(\.address), registering: definitions)
        }
        try await retire(unused.filter { $0 != grant }, after: earlier)
        guard address.kind == .authorization, let former = earlier?.grant.flatMap(GrantID.init(parsing:)),
            former != grant
        else { return }
        try await inVault { vault throws(VaultFailure) in
            do throws(VaultFailure) {
                try await vault.retire([former])
            } catch {
                // The last of its accounts that proves itself with the new one retires it.
                guard error.code == .inUse else { throw error }
            }
        }
    }

    private func forget(
        _ address: ResourceAddress, _ earlier: CommittedRecord?, retires: Bool
    ) async throws(StepFailure) {
        guard vault != nil else { return }
        switch address.kind {
        case .emailAccount:
            let unused = try await inVault { vault throws(VaultFailure) in try await vault.forget(address) }
            if retires { try await retire(unused, after: earlier) }
        case .authorization:
            guard retires, let grant = earlier?.grant.flatMap(GrantID.init(parsing:)) else { return }
            try await inVault { vault throws(VaultFailure) in try await vault.retire([grant]) }
        case .oauthProfile: break
        }
    }

    /// Retires grants to which no account points any more, but not the one on which the account's slot still stands:
    /// another account may be proving itself with it at this moment.
    private func retire(_ unused: [GrantID], after earlier: CommittedRecord?) async throws(StepFailure) {
        guard !unused.isEmpty else { return }
        var standing: Set<String> = []
        for slot in earlier?.dependencies ?? [] where slot.kind == .authorization {
            if let grant = await state.head(of: slot)?.grant { standing.insert(grant) }
        }
        let gone = unused.filter { !standing.contains($0.text) }
        guard !gone.isEmpty else { return }
        try await inVault { vault throws(VaultFailure) in try await vault.retire(gone) }
    }

    /// What a new grant was obtained through works again. That says nothing of a password that another user's login was refused
    /// with: a profile remembers those of all its users.
    private func clearFailures(of slot: CommittedRecord) async throws(StepFailure) {
        guard case .text(let subject)? = slot.effective["subject"]?.value else { return }
        for address in slot.dependencies {
            guard let head = await state.head(of: address), head.hasFailure, head.digest != nil else { continue }
            do throws(StateFailure) {
                try await state.amend(address) { record in
                    let others = record.failure?.refused.filter {
                        RefusalMark.isPassword($0.key, ofOtherThan: subject)
                    }
                    if others?.isEmpty ?? true { record.failure = nil } else { record.failure?.refused = others ?? [:] }
                }
            } catch {
                throw StepFailure(
                    explanation.local(error.code.rawValue, error.description, help: error.remedy, address))
            }
        }
    }
}

extension PlannedRecord {
    /// The fingerprints of secrets that the record still has.
    fileprivate func kept(_ fingerprints: [String: Fingerprint]) -> [String: Fingerprint] {
        guard !fingerprints.isEmpty else { return [:] }
        let fields = values.effective
        return fingerprints.filter { fields[$0.key] != nil }
    }
}

extension Definition {
    /// What observations of a committed account must match; nil for other kinds.
    init?(of address: ResourceAddress, _ record: CommittedRecord) {
        guard address.kind == .emailAccount else { return nil }
        self.init(
            of: address, grant: record.grant.flatMap(GrantID.init(parsing:)), settingsDigest: record.settingsDigest)
    }
}

import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelState
import KeelSystem
import KeelVault

/// What the engine reaches the world through.
package struct EnginePorts: Sendable {
    package let files: any FileStore
    package let time: any TimeSource
    package let transport: any HTTPTransport
    package let dialer: any StreamDialer
    /// Where records can be kept, besides this machine.
    package let keepers: [KeeperBinding]
    /// How long mail servers may take.
    package var patience = LoginPatience()

    package init(
        files: any FileStore, time: any TimeSource, transport: any HTTPTransport, dialer: any StreamDialer,
        keepers: [KeeperBinding] = []
    ) {
        self.files = files
        self.time = time
        self.transport = transport
        self.dialer = dialer
        self.keepers = keepers
    }
}

/// A plan that somebody approved, with what it was made from.
package struct ApprovedPlan: Sendable {
    package let plan: Plan
    /// The state that it was made on; nil: there was none.
    package let document: StateDocument?
    package let vault: VaultObservation
    package let destroys: Bool
    package let replacing: Set<ResourceAddress>
    package let revokes: Bool
    /// Makes the plan again from what is found under the lock, with what could not be planned.
    package let replan: @Sendable (StateDocument?, VaultObservation) -> Planner

    package init(
        _ plan: Plan, on document: StateDocument?, _ vault: VaultObservation, destroys: Bool = false,
        replacing: Set<ResourceAddress> = [], revokes: Bool = false,
        replan: @escaping @Sendable (StateDocument?, VaultObservation) -> Planner
    ) {
        self.plan = plan
        self.document = document
        self.vault = vault
        self.destroys = destroys
        self.replacing = replacing
        self.revokes = revokes
        self.replan = replan
    }

    func approval(_ addresses: Set<ResourceAddress>?, lineage: String) -> Approval {
        let all = plan.approval(lineage: lineage, destroys: destroys, replacing: replacing, revokes: revokes)
        return addresses.map(all.restricted) ?? all
    }
}

/// How a run is to be done.
package struct RunOptions: Sendable {
    /// The word in the lock record: `apply`, `destroy`.
    package var operation: String
    /// The person and the machine.
    package var who: String
    package var version: String
    /// What else the lock record says: the process, the CI job.
    package var info: String
    /// Steps that may run at the same time.
    package var parallelism = 10
    /// How long to wait for the lock of another run.
    package var lockTimeout = Duration.zero
    /// Whether a credential that a server refused is offered again.
    package var offersRefused = false
    /// Whether this run is the rest of an earlier one, and so the only one that ends what that left.
    package var isRemainder = false

    package init(operation: String, who: String, version: String, info: String) {
        self.operation = operation
        self.who = who
        self.version = version
        self.info = info
    }
}

/// Executes an approved plan: lock, recover, compare, run, fold, unlock.
package struct Applier: Sendable {
    let paths: ProjectPaths
    let ports: EnginePorts
    let secrets: SecretResolver
    let explanation: FailureExplanation
    let options: RunOptions
    /// Whether to start nothing more.
    package var isStopping: @Sendable () -> Bool = { false }
    /// Called once when another run holds the lock and this one waits for it.
    package var waitsForLock: @Sendable (LockRecord?) async -> Void = { _ in }

    package init(
        paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation,
        options: RunOptions
    ) {
        self.paths = paths
        self.ports = ports
        self.secrets = secrets
        self.explanation = explanation
        self.options = options
    }

    /// Applies what was approved, if it is still what would be done; nothing else.
    package func apply(
        _ approved: ApprovedPlan, report: @escaping @Sendable ([RunEvent]) async -> Void
    ) async throws(EngineFailure) -> RunReport {
        let run = RunIdentity.make()
        let session = StateSession(paths: paths, files: ports.files, time: ports.time)
        let lock = try await session.lock(run, options, waiting: waitsForLock)
        defer { lock.unlock() }
        accessor.removeLeftovers()
        let state = try session.begin(run, options)
        var findings = session.recovered(state)
        let existing = try await existingVault(for: approved.plan, state, &findings)
        if let existing { findings += try await RunRecovery(state: state, vault: existing).mend() }
        let plan = try await current(approved, state, existing)
        if let existing, Self.needsGrants(plan) { try await accessor.requireAccepted(existing) }
        let vault = try await vault(existing, for: plan, state, &findings)
        try await note(AuditEntry(run: run, actor: options.who, action: options.operation), in: vault)
        let executor = try await executor(run, state, vault, plan, &findings)
        let runner = GraphRunner(
            parallelism: options.parallelism, performer: executor, report: report, isStopping: isStopping)
        let outcomes = await runner.run(plan.steps)
        await executor.keepFacts()
        findings += await executor.context.changed.findings
        // What is revoked now need not be kept for it.
        if let vault { findings += await retryRevocations(run, vault) }
        await RetiredGrants(paths: paths, files: ports.files, time: ports.time).sweep(vault)
        await vault?.close()
        var result = RunReport(plan: plan, outcomes: outcomes)
        result.findings = findings
        do throws(EngineFailure) {
            try await session.finish(state)
            try await keepPending(result, approved, plan, lineage: state.document.lineage)
        } catch {
            // What the run did is known all the same, and durable in the journal.
            result.unfinished = error
        }
        return result
    }

    // MARK: The plan

    /// The part of the plan made anew that was approved. Where nothing has changed since, that is the plan itself.
    private func current(
        _ approved: ApprovedPlan, _ state: StateRun, _ vault: Vault?
    ) async throws(EngineFailure) -> Plan {
        let observation: VaultObservation
        if let vault {
            do throws(VaultFailure) {
                observation = VaultObserver.observation(of: try await vault.snapshot())
            } catch {
                throw EngineFailure(error)
            }
        } else {
            observation = await VaultObserver.observe(paths.vault, files: ports.files)
        }
        let document = await state.document
        // Planning is pure: from the same it makes the same.
        if observation == approved.vault, approved.isMade(on: document) { return approved.plan }
        let again = approved.replan(document, observation)
        guard again.diagnostics.allSatisfy({ $0.severity != .error }) else { throw EngineFailure(again.diagnostics) }
        do throws(StaleApproval) {
            return try approved.approval(nil, lineage: document.lineage).remainder(of: again.plan)
        } catch {
            throw EngineFailure(stale: error.addresses)
        }
    }

    /// Keeps what waits for a person. A run of everything leaves nothing of earlier approvals.
    private func keepPending(
        _ report: RunReport, _ approved: ApprovedPlan, _ plan: Plan, lineage: String
    ) async throws(EngineFailure) {
        let pending = Set(report.pending)
        let unfinished =
            options.isRemainder ? Set(report.notReached).union(report.failures.compactMap(\.diagnostic.address)) : []
        let kept = pending.union(unfinished)
        let store = PendingStore(paths, files: ports.files)
        let approval =
            kept.isEmpty
            ? Approval(lineage: lineage, items: [:])
            : ApprovedPlan(
                plan, on: nil, .absent, destroys: approved.destroys, replacing: approved.replacing,
                revokes: approved.revokes, replan: approved.replan
            ).approval(kept, lineage: lineage)
        try store.keep(approval, of: kept.isEmpty ? plan : plan.restricted(to: kept))
    }

    // MARK: The vault

    var accessor: VaultAccessor { VaultAccessor(paths: paths, files: ports.files, time: ports.time) }

    /// Who did what, for whoever asks later; without a vault there is nothing to answer for.
    private func note(_ entry: AuditEntry, in vault: Vault?) async throws(EngineFailure) {
        do throws(VaultFailure) {
            try await vault?.record(entry)
        } catch {
            throw EngineFailure(error)
        }
    }

    private static func needsGrants(_ plan: Plan) -> Bool {
        plan.steps.contains { step in
            switch step.work {
            case .authorize, .test: true
            default: false
            }
        }
    }

    private static func readsVault(_ plan: Plan) -> Bool {
        plan.steps.contains { step in
            guard case .resolve(let work) = step.work else { return false }
            return work.secrets.values.contains { $0.nameInVault != nil }
        }
    }

    private static func hasPasswords(_ plan: Plan) -> Bool {
        plan.steps.contains { step in
            if case .test(let work) = step.work { work.password != nil } else { false }
        }
    }

    /// The vault that is there. A plan of records alone does without if it must.
    private func existingVault(
        for plan: Plan, _ state: StateRun, _ findings: inout [String]
    ) async throws(EngineFailure) -> Vault? {
        let document = await state.document
        let accessor = VaultAccessor(paths: paths, files: ports.files, time: ports.time, state: document)
        if Self.needsGrants(plan) || Self.readsVault(plan) { return try await accessor.openIfMade() }
        guard document.vault != nil else { return nil }
        do throws(EngineFailure) {
            if let vault = try await accessor.openIfMade() { return vault }
            // Slots that the plan removes need no grant any more.
            let removed = Set(plan.changes.lazy.filter { $0.action == .delete }.map(\.address))
            let replacing = ReplaceCommand(document.slots.filter { !removed.contains($0) }, in: paths.place)
            let consequence = replacing.map { "nothing can log in. If it is lost, \($0.advice)" }
            findings.append(
                "There is no vault at \(paths.vault), so \(consequence ?? "no grant in it could be retired").")
        } catch {
            let reason = error.diagnostics.map(\.message).joined(separator: "; ")
            let help = error.diagnostics.compactMap(\.help).map { " To mend it: \($0)." }.joined()
            findings.append("The vault could not be opened, and what is in it was left as it is: \(reason).\(help)")
        }
        return nil
    }

    /// The vault of the run, made only once the plan has turned out to hold: a plan of records alone makes none.
    private func vault(
        _ existing: Vault?, for plan: Plan, _ state: StateRun, _ findings: inout [String]
    ) async throws(EngineFailure) -> Vault? {
        guard Self.needsGrants(plan) else { return existing }
        let vault = if let existing { existing } else { try await accessor.openOrCreate(&findings) }
        await state.use(vault: vault.id)
        return vault
    }

    /// Tries again what earlier runs could not revoke.
    private func retryRevocations(_ run: String, _ vault: Vault) async -> [String] {
        guard !isStopping() else { return [] }
        let (revoked, failures) = await revoker(run).retryDue(in: vault)
        let done = "Revoked \(counted(revoked, "grant")) that an earlier run could not revoke."
        return (revoked > 0 ? [done] : []) + failures.map { "Still not revoked: \($0.diagnostic.message)." }
    }

    // MARK: The executor

    private func executor(
        _ run: String, _ state: StateRun, _ vault: Vault?, _ plan: Plan, _ findings: inout [String]
    ) async throws(EngineFailure) -> StepExecutor {
        let paths = paths
        var logins = LoginTester(paths: paths, ports: ports, explanation: explanation)
        let grants = GrantTokens(paths: paths, ports: ports, secrets: secrets, explanation: explanation)
        let hasPasswords = Self.hasPasswords(plan)
        let hasSecrets = hasPasswords || plan.steps.contains { $0.id.kind == .resolve }
        let fingerprints = hasSecrets ? SecretFingerprints(key: try await accessor.projectKey(&findings)) : nil
        logins.fingerprint = await transcriptMark(plan, fingerprints, &findings)
        var passwords: PasswordLogin?
        if hasPasswords, let fingerprints {
            let seen = (try? await vault?.observations()) ?? []
            passwords = PasswordLogin(
                secrets: secrets, logins: logins,
                refused: RefusedPasswords(fingerprints, seen, offersAgain: options.offersRefused),
                explanation: explanation)
        }
        let tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        let checks = GrantChecks(tokens: tokens, explanation: explanation, time: ports.time, place: paths.place)
        return StepExecutor(
            run: run, actor: options.who, context: RunContext(), state: state, vault: vault, secrets: secrets,
            tokens: tokens,
            issuers: IssuerDirectory(
                tokens: tokens, memory: IssuerMemory(paths, files: ports.files), time: ports.time),
            checks: checks, prover: ClientProver(tokens: tokens, explanation: explanation, time: ports.time),
            revoker: revoker(run), revocations: plan.revocationsByRecord,
            intake: GrantIntake(checks: checks, time: ports.time),
            grants: grants, logins: logins, grantLogin: GrantLogin(grants: grants, logins: logins),
            passwords: passwords,
            keepers: Dictionary(ports.keepers.map { ($0.keeper.name, $0.client) }) { first, _ in first },
            previous: Dictionary(
                uniqueKeysWithValues: plan.changes.compactMap { change in change.previous.map { (change.address, $0) } }
            ),
            explanation: explanation,
            fingerprints: fingerprints, offersRefused: options.offersRefused, time: ports.time, place: paths.place,
            located: { paths.located($0) })
    }

    /// What stands for a credential in the transcripts that tests of the plan leave, if any does. As in `mailkeel test` it
    /// takes the project's key, and not the vault's, which need not be open.
    private func transcriptMark(
        _ plan: Plan, _ fingerprints: SecretFingerprints?, _ findings: inout [String]
    ) async -> (@Sendable (Secret) -> String)? {
        let isWanted = plan.steps.contains { if case .test(let work) = $0.work { work.debug } else { false } }
        guard isWanted else { return nil }
        if let fingerprints { return fingerprints.transcriptMark }
        return await accessor.transcriptMarks(&findings)
    }

    private func revoker(_ run: String) -> GrantRevoker {
        GrantRevoker(
            paths: paths, ports: ports, secrets: secrets, explanation: explanation, run: run, actor: options.who)
    }
}

extension ApprovedPlan {
    /// Whether the state under the lock is the one that the plan was made on.
    func isMade(on current: StateDocument) -> Bool {
        // From a state without anything the same follows as from none.
        guard let document else { return current.isEmpty && current.vault == nil }
        return document.lineage == current.lineage && document.serial == current.serial
    }
}

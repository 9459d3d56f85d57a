import KeelBase
import KeelCrypto
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

    package init(
        files: any FileStore, time: any TimeSource, transport: any HTTPTransport, dialer: any StreamDialer
    ) {
        self.files = files
        self.time = time
        self.transport = transport
        self.dialer = dialer
    }
}

/// Executes an approved plan: lock, recover, re-derive, run, fold, unlock.
package struct Applier: Sendable {
    private let paths: ProjectPaths
    private let ports: EnginePorts
    private let secrets: SecretResolver
    private let explanation: FailureExplanation
    /// Steps that may run at the same time.
    package var parallelism = 10
    /// Whether to start nothing more.
    package var isStopping: @Sendable () -> Bool = { false }

    package init(paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation) {
        self.paths = paths
        self.ports = ports
        self.secrets = secrets
        self.explanation = explanation
    }

    /// Applies `approved`, which must be what would be planned now.
    ///
    /// `input` makes the planner's input from the state and vault as they are under the lock; `operation` is the word in the
    /// lock record: `apply`, `destroy`.
    package func apply(
        _ approved: Plan, operation: String, who: String, version: String,
        input: @Sendable (StateDocument?, VaultObservation) -> PlanInput,
        report: @escaping @Sendable (RunEvent) async -> Void
    ) async throws(EngineFailure) -> RunReport {
        let run = RandomIdentifier.make()
        let store = StateStore(paths.state, files: ports.files)
        let record = LockRecord(
            id: run, operation: operation, who: who, version: version, created: ports.time.now,
            info: "pid \(HostIdentity.processID)")
        let lock = try inState { () throws(StateFailure) in try store.lock(record) }
        defer { lock.unlock() }
        accessor.removeLeftovers()
        let state = try inState { () throws(StateFailure) in
            try store.begin(run: run) { StateDocument(lineage: RandomIdentifier.uuid()) }
        }
        var findings = recovered(state)
        let existing = try await existingVault(for: approved, state, &findings)
        if let existing { findings += try await RunRecovery(state: state, vault: existing).mend() }
        try await checkStaleness(approved, state, existing, input)
        let vault = try await vault(existing, for: approved, state, &findings)
        try await note(AuditEntry(run: run, actor: who, action: operation), in: vault)
        let executor = try await executor(run, who, state, vault, approved, &findings)
        let runner = GraphRunner(
            parallelism: parallelism, execute: { await executor.execute($0) }, report: report, isStopping: isStopping)
        let outcomes = await runner.run(approved.steps)
        await vault?.close()
        do throws(StateFailure) {
            try await state.finish()
        } catch {
            throw EngineFailure(error)
        }
        var result = RunReport(plan: approved, outcomes: outcomes)
        result.findings = findings
        return result
    }

    // MARK: Parts

    private func inState<Result>(_ body: () throws(StateFailure) -> Result) throws(EngineFailure) -> Result {
        do throws(StateFailure) {
            return try body()
        } catch {
            throw EngineFailure(error)
        }
    }

    /// Who did what, for whoever asks later; without a vault there is nothing to answer for.
    private func note(_ entry: AuditEntry, in vault: Vault?) async throws(EngineFailure) {
        do throws(VaultFailure) {
            try await vault?.record(entry)
        } catch {
            throw EngineFailure(error)
        }
    }

    private func recovered(_ state: StateRun) -> [String] {
        guard let journal = state.recovered else { return [] }
        let cut = journal.endsTorn ? " Its last line was cut off and was never acted upon." : ""
        return [
            "An earlier run (\(journal.header.run)) did not finish. What its journal holds, \(counted(journal.entries.count, "result")), was folded into the state.\(cut)"
        ]
    }

    private var accessor: VaultAccessor { VaultAccessor(paths: paths, files: ports.files, time: ports.time) }

    private static func needsGrants(_ plan: Plan) -> Bool {
        plan.steps.contains { $0.id.kind == .authorize || $0.id.kind == .test }
    }

    /// The vault that is there. A plan of records alone does without if it must.
    private func existingVault(
        for plan: Plan, _ state: StateRun, _ findings: inout [String]
    ) async throws(EngineFailure) -> Vault? {
        if Self.needsGrants(plan) { return try await accessor.openIfMade() }
        guard await state.document.vault != nil else { return nil }
        do throws(EngineFailure) {
            return try await accessor.open()
        } catch {
            let reason = error.diagnostics.map(\.message).joined(separator: "; ")
            findings.append("The vault could not be opened, and what is in it was left as it is: \(reason).")
            return nil
        }
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

    private func checkStaleness(
        _ approved: Plan, _ state: StateRun, _ vault: Vault?,
        _ input: @Sendable (StateDocument?, VaultObservation) -> PlanInput
    ) async throws(EngineFailure) {
        var observation = VaultObservation.absent
        if let vault {
            do throws(VaultFailure) {
                observation = VaultObserver.observation(of: try await vault.snapshot())
            } catch {
                throw EngineFailure(error)
            }
        }
        let again = Planner(input(await state.document, observation)).plan
        guard again.changes == approved.changes, again.steps == approved.steps else {
            throw EngineFailure(
                [
                    Diagnostic(
                        .error, "plan.stale", "the state has changed since the plan was made",
                        help: "run mailkeel plan again and review what is different", responsible: .operatorHere)
                ], reason: .stale)
        }
    }

    private func executor(
        _ run: String, _ who: String, _ state: StateRun, _ vault: Vault?, _ plan: Plan, _ findings: inout [String]
    ) async throws(EngineFailure) -> StepExecutor {
        let paths = paths
        let located: @Sendable (Trust) -> Trust = { paths.located($0) }
        let tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        let resolves = plan.steps.contains { $0.id.kind == .resolve }
        let logins = LoginTester(dialer: ports.dialer, explanation: explanation)
        let grants = GrantTokens(paths: paths, ports: ports, secrets: secrets, explanation: explanation)
        return StepExecutor(
            run: run, actor: who, context: RunContext(), state: state, vault: vault, secrets: secrets, tokens: tokens,
            logins: logins,
            grantLogin: GrantLogin(grants: grants, logins: logins), explanation: explanation,
            fingerprintKey: resolves ? try accessor.projectKey(&findings) : nil, time: ports.time, located: located)
    }
}

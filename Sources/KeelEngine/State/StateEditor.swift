import KeelBase
import KeelDiagnostics
import KeelState
import KeelVault

/// Changes the state without applying anything: under the lock, by a journal, with a backup, as a run does.
///
/// The state goes first, and the vault follows; what a crash leaves in between is mended by the next apply.
package struct StateEditor: Sendable {
    private let paths: ProjectPaths
    private let files: any FileStore
    private let time: any TimeSource
    private let options: RunOptions
    /// Called once when another run holds the lock and this one waits for it.
    package var waitsForLock: @Sendable (LockRecord?) async -> Void = { _ in }

    package init(paths: ProjectPaths, files: any FileStore, time: any TimeSource, options: RunOptions) {
        self.paths = paths
        self.files = files
        self.time = time
        self.options = options
    }

    /// What was done.
    package struct Report: Sendable {
        package let edit: StateEdit
        /// The serial of the state from now on.
        package let serial: Int
        /// What was found besides.
        package let findings: [String]
    }

    /// What an edit would do. Takes no lock and writes nothing.
    package func preview(
        _ make: (StateDocument) throws(EngineFailure) -> StateEdit
    ) throws(EngineFailure) -> StateEdit { try make(try existing()) }

    /// Does what `make` finds to be done in the state as it is under the lock.
    package func edit(
        _ make: @Sendable (StateDocument) throws(EngineFailure) -> StateEdit
    ) async throws(EngineFailure) -> Report {
        // To take the lock, or to begin, where there is no state would make files.
        try requireState()
        let run = RunIdentity.make()
        let lock = try await session.lock(run, options, waiting: waitsForLock)
        defer { lock.unlock() }
        try requireState()
        accessor.removeLeftovers()
        let state = try session.begin(run, options)
        var findings = session.recovered(state)
        let edit = try make(await state.document)
        do throws(StateFailure) {
            try await state.commit(edit.entries)
        } catch {
            throw EngineFailure(error)
        }
        findings += await follow(edit, run, vaultID: await state.document.vault)
        try await finish(state)
        return Report(edit: edit, serial: await state.document.serial, findings: findings)
    }

    /// Replaces the state by another one; `force` allows one of other descent, or an older one.
    package func push(_ bytes: [UInt8], force: Bool) async throws(EngineFailure) -> PushOutcome {
        let run = RunIdentity.make()
        let lock = try await session.lock(run, options, waiting: waitsForLock)
        defer { lock.unlock() }
        accessor.removeLeftovers()
        do throws(StateFailure) {
            return try StateStore(paths.state, files: files).push(
                bytes, force: force,
                written: Written(run: run, operation: options.operation, who: options.who, at: time.now))
        } catch {
            throw EngineFailure(error)
        }
    }

    // MARK: The state

    private var session: StateSession { StateSession(paths: paths, files: files, time: time) }

    private func existing() throws(EngineFailure) -> StateDocument {
        do throws(StateFailure) {
            if let document = try StateStore(paths.state, files: files).read().document { return document }
        } catch {
            throw EngineFailure(error)
        }
        throw missing
    }

    private func requireState() throws(EngineFailure) {
        do throws(FileFailure) {
            if try files.mode(paths.state.state) != nil { return }
        } catch {
            throw EngineFailure(error)
        }
        throw missing
    }

    private var missing: EngineFailure {
        EngineFailure([
            Diagnostic(
                .error, "state.none", "there is no state at \(paths.state.state)",
                help: "run mailkeel apply first, or name the project's directory with --chdir",
                responsible: .operatorHere)
        ])
    }

    private func finish(_ state: StateRun) async throws(EngineFailure) {
        do throws(EngineFailure) {
            try await session.finish(state)
        } catch {
            var diagnostics = error.diagnostics
            let words = "the change itself is safe in \(paths.state.journal) and counts; the next run folds it in"
            if !diagnostics.isEmpty { diagnostics[0].notes.append(Diagnostic.Note(words)) }
            throw EngineFailure(diagnostics, reason: error.reason)
        }
    }

    // MARK: The vault

    private var accessor: VaultAccessor { VaultAccessor(paths: paths, files: files, time: time) }

    /// Lets the vault follow; returns what it could not.
    private func follow(_ edit: StateEdit, _ run: String, vaultID: String?) async -> [String] {
        guard let vaultID else { return [] }
        let reason: String
        do throws(EngineFailure) {
            guard let vault = try await accessor.openIfMade() else { return [] }
            guard vault.id == vaultID else {
                await vault.close()
                return ["Another vault lies at \(paths.vault) than the state names; it was left as it is."]
            }
            let failure = await change(vault, edit, run)
            await vault.close()
            guard let failure else { return [] }
            reason = failure.reason
        } catch {
            reason = error.diagnostics.map(\.message).joined(separator: "; ")
        }
        return [
            "The vault could not follow: \(reason). The state is changed, and the next apply lets the vault follow."
        ]
    }

    private func change(_ vault: Vault, _ edit: StateEdit, _ run: String) async -> VaultFailure? {
        do throws(VaultFailure) {
            for rename in edit.renames { try await vault.rename(rename.from, to: rename.to) }
            for account in edit.removed where account.kind == .emailAccount { try await vault.forget(account) }
            let definitions = edit.definitions.sorted { $0.key < $1.key }.compactMap {
                Definition(of: $0.key, $0.value)
            }
            if !definitions.isEmpty { try await vault.register(definitions) }
            try await vault.record(
                AuditEntry(run: run, actor: options.who, action: options.operation, detail: edit.detail))
            return nil
        } catch {
            return error
        }
    }
}

extension StateEdit {
    /// For the audit.
    fileprivate var detail: String {
        JSON.object([
            .init("moved", .array(renames.map { .string("\($0.from) -> \($0.to)") })),
            .init("removed", .array(removed.map { .string($0.description) })),
        ]).text()
    }
}

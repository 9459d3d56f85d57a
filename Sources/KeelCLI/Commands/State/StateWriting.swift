import ArgumentParser
import KeelEngine
import KeelState

extension CommandContext {
    /// Changes the state, or says what would be changed.
    func editState(
        _ operation: String, _ lockTimeout: Duration, isDry: Bool,
        _ change: @escaping @Sendable (StateDocument) throws(EngineFailure) -> StateEdit
    ) async throws -> StateEditOutcome {
        guard !isDry else {
            let edit = try reading { try editor(operation, lockTimeout).preview(change) }
            return StateEditOutcome(operation: operation, edit: edit, serial: nil, findings: [])
        }
        let report = try await editingState(operation, lockTimeout) { editor throws(EngineFailure) in
            try await editor.edit(change)
        }
        return StateEditOutcome(
            operation: operation, edit: report.edit, serial: report.serial, findings: report.findings)
    }

    /// Lends an editor of the state, while watching for signals: none of them may cut a change in two.
    func editingState<Result: Sendable>(
        _ operation: String, _ lockTimeout: Duration,
        _ body: @escaping @Sendable (StateEditor) async throws(EngineFailure) -> Result
    ) async throws -> Result {
        try await preparePassphrase()
        let stop = StopRequest()
        stop.mayBeCutOffAtOnce(true)
        let editor = editor(operation, lockTimeout)
        return try await stop.whileWatching {
            try await reporting {
                do throws(EngineFailure) {
                    return try await body(editor)
                } catch {
                    guard error.reason == .locked, let status = stop.status else { throw error }
                    console.remark("Interrupted while waiting for the state lock. Nothing was changed.")
                    throw status.exit
                }
            }
        }
    }

    /// Runs what only reads, turning a failure of the engine into words and an exit code.
    func reading<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as EngineFailure {
            try show(failure)
            throw ExitStatus.of(failure).exit
        } catch let failure as StateFailure {
            let failure = EngineFailure(StateStore(paths.state, files: files).mended(failure))
            try show(failure)
            throw ExitStatus.of(failure).exit
        }
    }

    /// A path of the project as it is written behind `--chdir`.
    func relative(_ path: String) -> String {
        guard let chdir else { return path }
        let prefix = chdir.hasSuffix("/") ? chdir : "\(chdir)/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }

    private func editor(_ operation: String, _ lockTimeout: Duration) -> StateEditor {
        var options = runOptions(operation)
        options.lockTimeout = lockTimeout
        var editor = StateEditor(paths: paths, files: files, time: time, options: options)
        editor.waitsForLock = { holder in try? sayWaiting(for: holder) }
        return editor
    }
}

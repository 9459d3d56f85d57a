import KeelBase
import KeelCrypto
import KeelState

/// The state under its lock, as every command that writes it uses it.
package struct StateSession: Sendable {
    private let paths: ProjectPaths
    private let store: StateStore
    private let time: any TimeSource

    package init(paths: ProjectPaths, files: any FileStore, time: any TimeSource) {
        self.paths = paths
        store = StateStore(paths.state, files: files)
        self.time = time
    }

    /// Takes the lock, waiting for another run as long as the options say.
    package func lock(
        _ run: String, _ options: RunOptions, waiting: @escaping @Sendable (LockRecord?) async -> Void = { _ in }
    ) async throws(EngineFailure) -> StateLock {
        let record = LockRecord(
            id: run, operation: options.operation, who: options.who, version: options.version, created: time.now,
            info: options.info, path: paths.state.state)
        do throws(StateFailure) {
            return try await store.lock(record, timeout: options.lockTimeout, waiting: waiting)
        } catch {
            throw EngineFailure(error)
        }
    }

    /// Opens the state for writing; the caller holds the lock.
    package func begin(_ run: String, _ options: RunOptions) throws(EngineFailure) -> StateRun {
        do throws(StateFailure) {
            return try store.begin(
                StateWriter(run: run, operation: options.operation, who: options.who, time: time)
            ) { StateDocument(lineage: RandomIdentifier.uuid()) }
        } catch {
            throw EngineFailure(error)
        }
    }

    /// Folds everything that was committed into the state file.
    package func finish(_ state: StateRun) async throws(EngineFailure) {
        do throws(StateFailure) {
            try await state.finish()
        } catch {
            throw EngineFailure(error)
        }
    }

    /// What to say of an earlier run that did not finish.
    package func recovered(_ state: StateRun) -> [String] {
        guard let journal = state.recovered else { return [] }
        let cut = journal.endsTorn ? " Its last line was cut off and was never acted upon." : ""
        return [
            "An earlier run (\(journal.header.run)) did not finish. What its journal holds, \(counted(journal.entries.count, "result")), was folded into the state.\(cut)"
        ]
    }
}

/// The identity of a run.
package enum RunIdentity {
    package static func make() -> String { RandomIdentifier.make() }
}

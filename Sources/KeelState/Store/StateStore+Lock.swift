import KeelBase

/// Whether somebody holds the state lock.
package enum LockStatus: Sendable, Equatable {
    case free
    /// Another process holds it; nil if its record cannot be read.
    case held(LockRecord?)
    /// Nobody holds it, but the record of a run that was killed is still there. It is in nobody's way.
    case leftover(LockRecord)
}

/// What `unlock` did.
package enum UnlockOutcome: Sendable, Equatable {
    /// The record of a killed run is gone.
    case removed
    /// There was nothing to unlock.
    case nothing
}

extension StateStore {
    /// No wait is longer before the lock is tried again.
    private static let longestPause = Duration.milliseconds(250)

    /// Takes the lock, trying again until `timeout` has passed. `waiting` hears once who holds it, if there is a wait.
    ///
    /// - Throws: `StateFailure` with `.locked`, which names the holder.
    package func lock(
        _ record: LockRecord, timeout: Duration = .zero, waiting: (LockRecord?) async -> Void = { _ in }
    ) async throws(StateFailure) -> StateLock {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: timeout)
        var pause = Duration.milliseconds(10)
        var isTold = false
        while true {
            if let lock = try lockIfFree(record) { return lock }
            guard clock.now < deadline else { throw locked() }
            if !isTold { await waiting(lockRecord()) }
            isTold = true
            do {
                try await clock.sleep(for: min(pause, deadline - clock.now))
            } catch {
                throw locked()
            }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Who holds the lock. Changes nothing.
    package func holder() throws(StateFailure) -> LockStatus {
        try inLock { lock in
            let record = lockRecord()
            return lock == nil ? .held(record) : record.map(LockStatus.leftover) ?? .free
        }
    }

    /// Removes the record that a killed run left, if `id` is its id.
    ///
    /// - Throws: `StateFailure` with `.locked` if a living process holds the lock, and `.notTheHolder` for another id.
    package func unlock(id: String) throws(StateFailure) -> UnlockOutcome {
        try inLock { lock throws(StateFailure) in
            let record = lockRecord()
            guard lock != nil else {
                throw StateFailure(
                    .locked, path: paths.state, "\(Self.name(record)) holds the state lock",
                    remedy:
                        "a living process holds it, and only its end frees it: wait for it or end it\(record.map { " (\($0.info))" } ?? "")",
                    holder: record)
            }
            guard let record else { return .nothing }
            guard record.id == id else {
                throw StateFailure(
                    .notTheHolder, path: paths.lockRecord, "the lock's id is \(record.id), not \(ForeignText(id))",
                    remedy: "`mailkeel unlock \(record.id)` removes what \(record.who) left there", holder: record)
            }
            try inFiles { () throws(FileFailure) in try files.remove(paths.lockRecord) }
            return .removed
        }
    }

    // MARK: Parts

    private func lockIfFree(_ record: LockRecord) throws(StateFailure) -> StateLock? {
        try inFiles { () throws(FileFailure) in
            try files.createDirectory(paths.directory)
            guard let lock = try files.lock(paths.lock) else { return nil }
            do throws(FileFailure) {
                try files.replace(paths.lockRecord, with: record.json.bytes(.pretty))
            } catch {
                lock.unlock()
                throw error
            }
            return StateLock(lock: lock, recordPath: paths.lockRecord, files: files)
        }
    }

    /// Does something under the lock, or without it (nil) if another holds it.
    private func inLock<Result>(
        _ body: ((any FileLock)?) throws(StateFailure) -> Result
    ) throws(StateFailure) -> Result {
        let lock = try inFiles { () throws(FileFailure) -> (any FileLock)? in
            // Nobody ever locked it, and looking must not make files.
            guard try files.mode(paths.lock) != nil else { return Unlocked() }
            return try files.lock(paths.lock)
        }
        defer { lock?.unlock() }
        return try body(lock)
    }

    private struct Unlocked: FileLock {
        func unlock() {}
    }

    private func lockRecord() -> LockRecord? {
        (try? files.read(paths.lockRecord, limit: 16 << 10))?.flatMap(LockRecord.init(parsing:))
    }

    private func locked() -> StateFailure {
        let record = lockRecord()
        return StateFailure(
            .locked, path: paths.state, "\(Self.name(record)) holds the state lock", holder: record)
    }

    private static func name(_ record: LockRecord?) -> String { record?.summary ?? "another run" }
}

/// The held state lock.
package struct StateLock: Sendable {
    fileprivate let lock: any FileLock
    fileprivate let recordPath: String
    fileprivate let files: any FileStore

    /// Removes the readable record and frees the lock. A record that cannot be removed misleads nobody: the kernel's
    /// lock decides.
    package func unlock() {
        try? files.remove(recordPath)
        lock.unlock()
    }
}

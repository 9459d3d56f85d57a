import KeelBase

/// One lock for each grant, across processes: only one of them may use its refresh token at a time.
///
/// The kernel owns the locks, so a killed process leaves none behind, and they lapse at no time limit: a lease that ran
/// out during a slow exchange would let two processes spend one token. Take the state's lock first where both are
/// needed.
package struct GrantLocks: Sendable {
    private let directory: String
    private let files: any FileStore

    /// The lock files stand in `directory`/grants.
    package init(directory: String, files: any FileStore) {
        self.directory = directory + "/grants"
        self.files = files
    }

    /// Waits for the lock of a grant without keeping a thread; hold it until the new tokens are durable.
    ///
    /// Throws `.locked` when another holder keeps it for longer than `limit`.
    package func acquire(_ grant: GrantID, for limit: Duration) async throws(VaultFailure) -> any FileLock {
        try make()
        let path = "\(directory)/\(grant.text).lock"
        return try await BusyRetry.run(for: limit) { () throws(VaultFailure) in
            let lock: (any FileLock)?
            do throws(FileFailure) { lock = try files.lock(path) } catch { throw Self.failure(error) }
            guard let lock else { throw VaultFailure(.locked, "another process is renewing grant \(grant)") }
            return lock
        }
    }

    /// Removes the lock files of all grants but these. One that somebody holds stays, and one that cannot be removed harms
    /// nobody: who waits for a lock whose file goes takes it anew.
    package func sweep(keeping known: Set<GrantID>) {
        for entry in (try? files.list(directory)) ?? [] where entry.name.hasSuffix(".lock") {
            guard let grant = GrantID(parsing: String(entry.name.dropLast(5))), !known.contains(grant) else { continue }
            let path = "\(directory)/\(entry.name)"
            guard let lock = try? files.lock(path) else { continue }
            try? files.remove(path)
            lock.unlock()
        }
    }

    private func make() throws(VaultFailure) {
        do throws(FileFailure) { try files.createDirectory(directory) } catch { throw Self.failure(error) }
    }

    private static func failure(_ failure: FileFailure) -> VaultFailure {
        let code: VaultFailure.Code =
            switch failure.code {
            case .noSpace: .full
            case .readOnly, .permissionDenied: .readOnly
            default: .io
            }
        return VaultFailure(code, failure.description, path: failure.path)
    }
}

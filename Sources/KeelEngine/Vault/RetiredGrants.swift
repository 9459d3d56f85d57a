import KeelBase
import KeelState
import KeelVault

/// What is replaced or forgotten, and kept sealed for a while in case that was a mistake.
package struct RetiredGrants: Sendable {
    private let locks: GrantLocks
    private let time: any TimeSource

    package init(paths: ProjectPaths, files: any FileStore, time: any TimeSource) {
        locks = GrantLocks(directory: paths.state.directory, files: files)
        self.time = time
    }

    /// Deletes those that were retired longer ago than that, with their lock files; returns which. Never a candidate, nor one
    /// that is still to be revoked.
    @discardableResult
    package func purge(
        in vault: Vault, olderThan seconds: Int64 = Vault.retention
    ) async throws(VaultFailure) -> [GrantID] {
        let gone = try await vault.purge(retiredBefore: time.now.adding(seconds: -seconds))
        // Also those of grants that others have deleted.
        locks.sweep(keeping: Set(try await vault.snapshot().grants.keys))
        return gone
    }

    /// The same in passing, by commands whose work is another: what fails is done by the next.
    package func sweep(_ vault: Vault?) async {
        guard let vault, let snapshot = try? await vault.snapshot(), snapshot.quarantine == nil else { return }
        let limit = time.now.adding(seconds: -Vault.retention)
        guard snapshot.grants.values.contains(where: { ($0.retired ?? limit) < limit }) else { return }
        _ = try? await purge(in: vault)
    }
}

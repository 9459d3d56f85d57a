import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelState
import KeelVault

/// Looking after the vault of a project: each is one command.
package struct VaultMaintenance: Sendable {
    let paths: ProjectPaths
    let files: any FileStore
    let time: any TimeSource
    let options: RunOptions
    /// Called once when another run holds the state lock and this one waits for it.
    package var waitsForLock: @Sendable (LockRecord?) async -> Void = { _ in }

    /// `options` say who does it, for the audit and the lock.
    package init(paths: ProjectPaths, files: any FileStore, time: any TimeSource, options: RunOptions) {
        self.paths = paths
        self.files = files
        self.time = time
        self.options = options
    }

    // MARK: Looking

    /// The vault in clear; with its key everything in it is opened too, if `verifying` says so. Nil if there is none.
    package func status(verifying: Bool) async throws(EngineFailure) -> VaultStatus? {
        let keys = verifying ? try await accessor.vaultKeys() : []
        do throws(VaultFailure) {
            let vault = try await Vault.open(
                path: paths.vault, files: files, keys: keys, keyFile: paths.vaultKeySource.place, access: .readOnly,
                time: time)
            return try await vault.lent { vault throws(VaultFailure) in
                let verification = verifying ? try await vault.verify() : nil
                return VaultStatus(
                    path: paths.vault, facts: try await vault.facts(), snapshot: try await vault.snapshot(),
                    logSize: (try? files.head(of: paths.vault + "-wal", count: 0))?.size ?? 0,
                    verification: verification, now: time.now)
            }
        } catch {
            // A vault that a state names was there.
            if error.code == .missing, (try? StateStore(paths.state, files: files).read().document?.vault) == nil {
                return nil
            }
            throw accessor.failure(error)
        }
    }

    /// Whether the vault's key follows from a passphrase.
    package func followsFromPassphrase() async -> Bool {
        await accessor.keyNames(of: paths.vault)?.derivations.isEmpty == false
    }

    // MARK: Copies

    /// Writes a copy of the vault; without its key too, and never with it. Returns how many bytes it has.
    package func backUp(to target: String, replacing: Bool) async throws(EngineFailure) -> Int {
        // Who has lost the key can still keep what may be opened when it is found.
        let keys = (try? await accessor.vaultKeys(asking: .none)) ?? []
        let (path, files, time) = (paths.vault, files, time)
        let entry = entry("vault.backup", ("file", .string(target)))
        return try await using { () throws(VaultFailure) in
            do throws(VaultFailure) {
                return try await Vault.open(
                    path: path, files: files, keys: keys, access: .readWriteIfPossible, time: time)
            } catch  where error.code == .wrongKey {
                return try await Vault.open(
                    path: path, files: files, key: nil, access: .readWriteIfPossible, time: time)
            }
        } body: { vault throws(VaultFailure) in
            try await vault.backUp(to: target, replacing: replacing, files: files)
            // The copy does not know of itself. Where nothing can be noted, as on a full disk, it is there all the same.
            try? await vault.record(entry)
            return (try? files.head(of: target, count: 0))?.size ?? 0
        }
    }

    /// Puts a backup into place, under the state's lock. It is quarantined there.
    package func restore(_ backup: String, allowsOther: Bool) async throws(EngineFailure) -> Restoration {
        let keys = try await accessor.vaultKeys(of: backup)
        guard !keys.isEmpty else {
            let words = "its key is not at \(paths.vaultKey)"
            throw accessor.failure(VaultFailure(.keyNeeded, words, path: backup))
        }
        let lock = try await StateSession(paths: paths, files: files, time: time)
            .lock(RunIdentity.make(), options, waiting: waitsForLock)
        defer { lock.unlock() }
        let expected: String?
        do throws(StateFailure) {
            expected = try StateStore(paths.state, files: files).read().document?.vault
        } catch {
            throw EngineFailure(error)
        }
        accessor.hideFromGit()
        do throws(VaultFailure) {
            return try await VaultRestorer(
                path: paths.vault, files: files, keys: keys, keySource: paths.vaultKeySource.place, time: time
            ).restore(
                backup, of: expected, allowsOther: allowsOther,
                noting: entry("vault.restore", ("file", .string(backup))))
        } catch {
            throw restoring(error, backup)
        }
    }

    /// Lets the tokens of a restored vault be used; nil if it was in no quarantine.
    package func acceptRestored() async throws(EngineFailure) -> VaultSnapshot? {
        let entry = entry("vault.accept-restore")
        return try await using(existing) { vault throws(VaultFailure) in
            let before = try await vault.snapshot()
            return try await vault.acceptRestored(noting: entry) ? before : nil
        }
    }

    // MARK: Deleting

    /// Deletes grants that were retired longer ago than that; returns which.
    package func purge(olderThan seconds: Int64) async throws(EngineFailure) -> [GrantID] {
        let retired = RetiredGrants(paths: paths, files: files, time: time)
        return try await using(existing) { vault throws(VaultFailure) in
            let gone = try await retired.purge(in: vault, olderThan: seconds)
            guard !gone.isEmpty else { return [] }
            try await vault.record(
                entry("vault.purge", ("grants", .array(gone.map { .string($0.text) }))))
            return gone
        }
    }

    // MARK: Parts

    var accessor: VaultAccessor { VaultAccessor(paths: paths, files: files, time: time) }

    func entry(_ action: String, _ detail: (String, JSON)...) -> AuditEntry {
        let members = detail.map { JSON.Member($0.0, $0.1) }
        return AuditEntry(
            run: RunIdentity.make(), actor: options.who, action: action,
            detail: members.isEmpty ? nil : JSON.object(members).text())
    }

    /// The vault that is there, with its key.
    func existing() async throws(EngineFailure) -> Vault {
        if let vault = try await accessor.openIfMade() { return vault }
        throw accessor.failure(VaultFailure(.missing, "there is no vault at \(paths.vault)", path: paths.vault))
    }

    private func using<Result>(
        _ open: () async throws(VaultFailure) -> Vault, body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(EngineFailure) -> Result {
        do throws(VaultFailure) { return try await open().lent(to: body) } catch {
            throw accessor.failure(error)
        }
    }

    func using<Result>(
        _ open: () async throws(EngineFailure) -> Vault, _ body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(EngineFailure) -> Result {
        let vault = try await open()
        do throws(VaultFailure) { return try await vault.lent(to: body) } catch { throw accessor.failure(error) }
    }

    /// What mends a vault in use does not mend a backup.
    private func restoring(_ failure: VaultFailure, _ backup: String) -> EngineFailure {
        let isOfBackup = failure.path == backup
        let help: String? =
            switch failure.code {
            case .foreign: "name a backup of this project's vault; --force restores this one all the same"
            case .wrongKey: "put the key back under which the backup was made, as another line of \(paths.vaultKey)"
            case .missing where isOfBackup: "name the file that `mailkeel vault backup` wrote"
            case .corrupt where isOfBackup, .notAVault where isOfBackup: "name an older backup"
            default: nil
            }
        guard let help else { return accessor.failure(failure) }
        var diagnostic = Diagnostic.local(failure)
        diagnostic.help = help
        return EngineFailure([diagnostic])
    }
}

import KeelBase
import KeelDiagnostics
import KeelState
import KeelSystem
import KeelVault

/// Opens the project's vault with its key.
package struct VaultAccessor: Sendable {
    let paths: ProjectPaths
    let files: any FileStore
    private let time: any TimeSource
    let remedy: VaultRemedy
    let processes: any ProcessRunner

    /// `state` is what the vault belongs to, where it was read: failures name the commands that obtain its grants again.
    package init(
        paths: ProjectPaths, files: any FileStore, time: any TimeSource, state: StateDocument? = nil,
        processes: any ProcessRunner = SystemProcessRunner()
    ) {
        self.paths = paths
        self.files = files
        self.time = time
        remedy = VaultRemedy(place: paths.place, slots: state?.slots)
        self.processes = processes
    }

    /// The existing vault, for reading; what can be noted in it is. A full or read-only disk does not hinder.
    package func open() async throws(EngineFailure) -> Vault {
        if let vault = try await openIfMade(for: .readWriteIfPossible) { return vault }
        throw failure(VaultFailure(.missing, "there is no vault at \(paths.vault)", path: paths.vault))
    }

    /// The vault, made with a new key where there is neither; `findings` says what was made and where.
    package func openOrCreate(_ findings: inout [String]) async throws(EngineFailure) -> Vault {
        if let vault = try await openIfMade() { return vault }
        let (keys, derivation) = try await newKeys(&findings)
        hideFromGit()
        do throws(VaultFailure) {
            if let aside = try Vault.setAsideLog(of: paths.vault, files: files, at: time.now) {
                findings.append("The vault is lost, but a log of its last changes was there; it is kept as \(aside).")
            }
            return try await Vault.open(
                path: paths.vault, files: files, keys: keys, derivation: derivation,
                keyFile: paths.vaultKeySource.place, access: .create, time: time)
        } catch {
            // Another process was faster, and its vault has another salt.
            if error.code == .wrongKey, derivation != nil, let vault = try await openIfMade() { return vault }
            throw failure(error)
        }
    }

    /// The vault at the project's path; nil if there is none, or only what a run left that was killed while it made one.
    ///
    /// A vault whose key is lost is an error: it must not get another key, which could never open it.
    func openIfMade(for access: VaultAccess = .readWrite) async throws(EngineFailure) -> Vault? {
        guard await mayBeMade() else { return nil }
        let keys = try await vaultKeys()
        guard !keys.isEmpty else {
            let words = "its key is not at \(paths.vaultKey)"
            throw failure(VaultFailure(.keyNeeded, words, path: paths.vault))
        }
        do throws(VaultFailure) {
            return try await Vault.open(
                path: paths.vault, files: files, keys: keys, keyFile: paths.vaultKeySource.place, access: access,
                time: time)
        } catch {
            guard error.isOfNoVault else { throw failure(error) }
            return nil
        }
    }

    /// Throws where the vault is a copy whose tokens may not be used yet.
    func requireAccepted(_ vault: Vault) async throws(EngineFailure) {
        do throws(VaultFailure) {
            guard let quarantine = try await vault.quarantine() else { return }
            throw VaultFailure(.quarantined, quarantine.words, path: vault.path)
        } catch {
            throw failure(error)
        }
    }

    /// A vault in version control could not be taken back. That the hint cannot be written hinders nothing.
    func hideFromGit() {
        let path = "\(paths.hidden)/.gitignore"
        try? files.createDirectory(paths.hidden)
        guard (try? files.mode(path)) == .some(nil) else { return }
        try? files.create(path, with: Array("# Sealed grants and the state that names them.\n*\n".utf8))
    }

    /// Whether a look without a key and without writing finds a vault, or something that only a writer can judge.
    private func mayBeMade() async -> Bool {
        do throws(VaultFailure) {
            let vault = try await Vault.open(path: paths.vault, files: files, key: nil, access: .readOnly, time: time)
            await vault.close()
            return true
        } catch {
            return !error.isOfNoVault
        }
    }

    /// Removes what killed runs left beside the files that this program writes. The caller holds the state lock.
    func removeLeftovers() {
        let state = paths.state
        for path in [
            state.state, state.journal, state.lockRecord, paths.pending, paths.vault, paths.vaultKey, paths.projectKey,
            "\(paths.hidden)/.gitignore",
        ] { files.removeLeftovers(of: path) }
    }

    func failure(_ failure: VaultFailure) -> EngineFailure {
        EngineFailure([.local(failure, nil, remedy)])
    }
}

extension VaultFailure {
    /// Whether there is nothing that could be opened, so that a vault may be made.
    fileprivate var isOfNoVault: Bool { code == .missing || code == .headless }
}

extension StateDocument {
    /// The slots that were filled.
    var slots: [ResourceAddress] { addresses.filter { $0.kind == .authorization && head($0)?.digest != nil } }
}

import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelState
import KeelVault

/// Opens the project's vault with its key.
package struct VaultAccessor: Sendable {
    private let paths: ProjectPaths
    private let files: any FileStore
    private let time: any TimeSource
    private let remedy: VaultRemedy

    /// `state` is what the vault belongs to, where it was read: failures name the commands that obtain its grants again.
    package init(paths: ProjectPaths, files: any FileStore, time: any TimeSource, state: StateDocument? = nil) {
        self.paths = paths
        self.files = files
        self.time = time
        remedy = VaultRemedy(place: paths.place, slots: state?.slots)
    }

    /// The existing vault, for reading; what can be noted in it is. A full or read-only disk does not hinder.
    package func open() async throws(EngineFailure) -> Vault {
        if let vault = try await openIfMade(for: .readWriteIfPossible) { return vault }
        throw failure(VaultFailure(.missing, "there is no vault at \(paths.vault)", path: paths.vault))
    }

    /// The vault, made with a new key where there is neither; `findings` says what was made and where.
    package func openOrCreate(_ findings: inout [String]) async throws(EngineFailure) -> Vault {
        if let vault = try await openIfMade() { return vault }
        let key = try key(paths.vaultKey, purpose: "the vault", &findings)
        hideFromGit()
        do throws(VaultFailure) {
            if let aside = try Vault.setAsideLog(of: paths.vault, files: files, at: time.now) {
                findings.append("The vault is lost, but a log of its last changes was there; it is kept as \(aside).")
            }
            return try await Vault.open(
                path: paths.vault, files: files, key: key, keyFile: paths.vaultKey, access: .create, time: time)
        } catch {
            throw failure(error)
        }
    }

    /// The vault at the project's path; nil if there is none, or only what a run left that was killed while it made one.
    ///
    /// A vault whose key is lost is an error: it must not get another key, which could never open it.
    func openIfMade(for access: VaultAccess = .readWrite) async throws(EngineFailure) -> Vault? {
        guard await mayBeMade() else { return nil }
        guard let key = try loadKey() else {
            let words = "its key is not at \(paths.vaultKey)"
            throw failure(VaultFailure(.keyNeeded, words, path: paths.vault))
        }
        do throws(VaultFailure) {
            return try await Vault.open(
                path: paths.vault, files: files, key: key, keyFile: paths.vaultKey, access: access, time: time)
        } catch {
            guard error.isOfNoVault else { throw failure(error) }
            return nil
        }
    }

    /// The key under which fingerprints are made, made where there is none.
    package func projectKey(_ findings: inout [String]) throws(EngineFailure) -> Secret {
        let key = try key(paths.projectKey, purpose: "fingerprints of secrets", &findings)
        return KeyDerivation.key(from: key, purpose: "fingerprint/v1")
    }

    /// Makes the keys that are not there yet; `findings` says which, and where.
    package func makeKeys(_ findings: inout [String]) throws(EngineFailure) {
        _ = try projectKey(&findings)
        _ = try key(paths.vaultKey, purpose: "the vault", &findings)
    }

    private func key(_ path: String, purpose: String, _ findings: inout [String]) throws(EngineFailure) -> Secret {
        do throws(KeyFileFailure) {
            // The keys are the user's, so runs of two projects or environments may make them at the same time.
            let (key, isNew) = try KeyFile.loadOrCreate(path, files)
            guard isNew else { return key }
            findings.append("Made a new key for \(purpose) at \(path). Back it up, and keep it out of version control.")
            return key
        } catch {
            throw EngineFailure([diagnostic(error)])
        }
    }

    /// A vault in version control could not be taken back. That the hint cannot be written hinders nothing.
    private func hideFromGit() {
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

    private func loadKey() throws(EngineFailure) -> Secret? {
        do throws(KeyFileFailure) {
            return try KeyFile.load(paths.vaultKey, files)
        } catch {
            throw EngineFailure([diagnostic(error)])
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

    private func failure(_ failure: VaultFailure) -> EngineFailure {
        EngineFailure([.local(failure, nil, remedy)])
    }

    private func diagnostic(_ failure: KeyFileFailure) -> Diagnostic {
        Diagnostic(
            .error, failure.code.rawValue.replacing("key_file_", with: "key.").replacing("_", with: "-"),
            failure.description, help: help(failure), responsible: .operatorHere)
    }

    private func help(_ failure: KeyFileFailure) -> String {
        let isOfVault = failure.path == paths.vaultKey
        switch failure.code {
        case .tooOpen: return "run `chmod 600 \(ShellWord(failure.path))`"
        case .malformed:
            return isOfVault
                ? remedy.lostKey(failure.path, vault: paths.vault)
                : "put the right key back; if it is lost, move \(failure.path) away: the next apply makes a new one"
        case .inaccessible:
            let variable = isOfVault ? "MAILKEEL_VAULT_KEY_FILE" : "MAILKEEL_PROJECT_KEY_FILE"
            let way = "set HOME, XDG_CONFIG_HOME or \(variable) to a place where you may write"
            return failure.isOfFullDisk ? "free some space there, or \(way)" : way
        }
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

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

    package init(paths: ProjectPaths, files: any FileStore, time: any TimeSource) {
        self.paths = paths
        self.files = files
        self.time = time
    }

    /// The existing vault.
    package func open() async throws(EngineFailure) -> Vault {
        if let vault = try await openIfMade() { return vault }
        var missing = Diagnostic.local(VaultFailure(.missing, "there is none at \(paths.vault)"))
        missing.help =
            "restore it from a backup; mailkeel apply --replace AUTHORIZATION makes a new one and obtains that grant again"
        throw EngineFailure([missing])
    }

    /// The vault, made with a new key where there is neither; `findings` says what was made and where.
    package func openOrCreate(_ findings: inout [String]) async throws(EngineFailure) -> Vault {
        if let vault = try await openIfMade() { return vault }
        let key = try key(paths.vaultKey, purpose: "the vault", &findings)
        hideFromGit()
        do throws(VaultFailure) {
            return try await Vault.open(path: paths.vault, files: files, key: key, access: .create, time: time)
        } catch {
            throw EngineFailure(error)
        }
    }

    /// The vault at the project's path; nil if there is none, or only what a run left that was killed while it made one.
    ///
    /// A vault whose key is lost is an error: it must not get another key, which could never open it.
    func openIfMade() async throws(EngineFailure) -> Vault? {
        guard await mayBeMade() else { return nil }
        guard let key = try loadKey() else {
            throw EngineFailure(
                VaultFailure(
                    .keyNeeded, "its key is not at \(paths.vaultKey); restore it, or set MAILKEEL_VAULT_KEY_FILE"))
        }
        do throws(VaultFailure) {
            return try await Vault.open(path: paths.vault, files: files, key: key, access: .readWrite, time: time)
        } catch {
            guard error.code == .missing else { throw EngineFailure(error) }
            return nil
        }
    }

    /// The key under which fingerprints are made, made where there is none.
    package func projectKey(_ findings: inout [String]) throws(EngineFailure) -> Secret {
        let key = try key(paths.projectKey, purpose: "fingerprints of secrets", &findings)
        return KeyDerivation.key(from: key, purpose: "fingerprint/v1")
    }

    private func key(_ path: String, purpose: String, _ findings: inout [String]) throws(EngineFailure) -> Secret {
        do throws(KeyFileFailure) {
            if let key = try KeyFile.load(path, files) { return key }
            let key = try KeyFile.create(path, files)
            findings.append("Made a new key for \(purpose) at \(path). Back it up, and keep it out of version control.")
            return key
        } catch {
            throw EngineFailure([Self.diagnostic(error)])
        }
    }

    /// A vault in version control could not be taken back. That the hint cannot be written hinders nothing.
    private func hideFromGit() {
        let path = "\(paths.state.directory)/.gitignore"
        try? files.createDirectory(paths.state.directory)
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
            return error.code != .missing
        }
    }

    private func loadKey() throws(EngineFailure) -> Secret? {
        do throws(KeyFileFailure) {
            return try KeyFile.load(paths.vaultKey, files)
        } catch {
            throw EngineFailure([Self.diagnostic(error)])
        }
    }

    /// Removes what killed runs left beside the files that this program writes. The caller holds the state lock.
    func removeLeftovers() {
        let state = paths.state
        for path in [
            state.state, state.journal, state.lockRecord, paths.pending, paths.vault, paths.vaultKey, paths.projectKey,
            "\(state.directory)/.gitignore",
        ] { files.removeLeftovers(of: path) }
    }

    private static func diagnostic(_ failure: KeyFileFailure) -> Diagnostic {
        Diagnostic(
            .error, failure.code.rawValue.replacing("key_file_", with: "key.").replacing("_", with: "-"),
            failure.description, responsible: .operatorHere)
    }
}

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
        let isThere = try exists()
        let key: Secret?
        do throws(KeyFileFailure) {
            key = try KeyFile.load(paths.vaultKey, files)
        } catch {
            throw EngineFailure([Self.diagnostic(error)])
        }
        do throws(VaultFailure) {
            // Asked first, so that a missing vault is not reported as a missing key.
            guard isThere else { throw VaultFailure(.missing, "there is none at \(paths.vault)") }
            guard let key else {
                throw VaultFailure(
                    .keyNeeded, "its key is not at \(paths.vaultKey); restore it, or set MAILKEEL_VAULT_KEY_FILE")
            }
            return try await Vault.open(path: paths.vault, files: files, key: key, access: .readWrite, time: time)
        } catch {
            throw EngineFailure(error)
        }
    }

    /// The vault, made with a new key where there is neither; `findings` says what was made and where.
    package func openOrCreate(_ findings: inout [String]) async throws(EngineFailure) -> Vault {
        if try exists() { return try await open() }
        let key = try key(paths.vaultKey, purpose: "the vault", &findings)
        hideFromGit()
        do throws(VaultFailure) {
            return try await Vault.open(path: paths.vault, files: files, key: key, access: .create, time: time)
        } catch {
            throw EngineFailure(error)
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

    /// Whether there is a vault at the project's path.
    func exists() throws(EngineFailure) -> Bool {
        do throws(FileFailure) {
            return try files.mode(paths.vault) != nil
        } catch {
            throw EngineFailure(VaultFailure(.io, error.description))
        }
    }

    private static func diagnostic(_ failure: KeyFileFailure) -> Diagnostic {
        Diagnostic(.error, "key.\(failure.code.rawValue)", failure.description, responsible: .operatorHere)
    }
}

import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelState

extension VaultAccessor {
    /// The key under which fingerprints are made, made where there is none.
    package func projectKey(_ findings: inout [String]) async throws(EngineFailure) -> Secret {
        let keys = try await keys(from: paths.projectKeySource, purpose: "fingerprints of secrets", &findings)
        return KeyDerivation.key(from: keys[0], purpose: "fingerprint/v1")
    }

    /// What stands for a credential in a transcript, by the project's key; nil where that cannot be had, which `findings` says.
    package func transcriptMarks(_ findings: inout [String]) async -> (@Sendable (Secret) -> String)? {
        do throws(EngineFailure) {
            return SecretFingerprints(key: try await projectKey(&findings)).transcriptMark
        } catch {
            // Logins are proven all the same; what is missing is that one credential can be told from another.
            findings += error.diagnostics.map {
                "transcripts say of credentials only how long they are: \($0.message)"
                    + ($0.help.map { "; \($0)" } ?? "")
            }
            return nil
        }
    }

    /// Makes the key files that are not there yet; `findings` says which, and where. Keys from elsewhere are not looked at.
    package func makeKeys(_ findings: inout [String]) throws(EngineFailure) {
        if case .file(let path) = paths.projectKeySource {
            _ = try key(path, purpose: "fingerprints of secrets", &findings)
        }
        guard !paths.passphrase.isGiven else { return }
        if case .file(let path) = paths.vaultKeySource { _ = try key(path, purpose: "the vault", &findings) }
    }

    /// Keys that are no passphrase's, the one in use first; none where they are in a file that is not there.
    func plainKeys() async throws(EngineFailure) -> [Secret] {
        guard case .file(let path) = paths.vaultKeySource else {
            var none: [String] = []
            return try await keys(from: paths.vaultKeySource, purpose: "the vault", &none)
        }
        return try keys(in: path)
    }

    /// The keys in a key file; none if there is none.
    func keys(in path: String) throws(EngineFailure) -> [Secret] {
        do throws(KeyFileFailure) { return try KeyFile.loadAll(path, files) } catch {
            throw failure(error)
        }
    }

    /// The keys from a source, at least one; a file is made where there is none.
    func keys(
        from source: KeySource, purpose: String, _ findings: inout [String]
    ) async throws(EngineFailure) -> [Secret] {
        let text: Secret
        switch source {
        case .file(let path):
            let found = try keys(in: path)
            return found.isEmpty ? [try key(path, purpose: purpose, &findings)] : found
        case .variable(_, let value): text = value
        case .command(let words, let variable, let environment):
            let commands = SecretCommands(processes, environment: environment, directory: paths.directory)
            do throws(SecretFailure) { text = try await commands.secret(words) } catch {
                throw Self.failure(
                    "key.command-failed", "the key for \(purpose), \(variable): \(error.reason)", error.remedy)
            }
        case .unclear(let words, let remedy): throw Self.failure("key.unclear", words, remedy)
        }
        guard let keys = KeyText.keys(in: text) else {
            throw Self.failure(
                "key.malformed", "\(source.place) is no key for \(purpose)",
                "give 32 random bytes as base64 or hexadecimal digits, or the line of a key file")
        }
        return keys
    }

    func key(_ path: String, purpose: String, _ findings: inout [String]) throws(EngineFailure) -> Secret {
        do throws(KeyFileFailure) {
            // The keys are the user's, so runs of two projects or environments may make them at the same time.
            let (key, isNew) = try KeyFile.loadOrCreate(path, files)
            guard isNew else { return key }
            findings.append("Made a new key for \(purpose) at \(path). Back it up, and keep it out of version control.")
            return key
        } catch {
            throw failure(error)
        }
    }

    static func failure(_ code: String, _ message: String, _ help: String) -> EngineFailure {
        EngineFailure([Diagnostic(.error, code, message, help: help, responsible: .operatorHere)])
    }

    // MARK: What went wrong

    func failure(_ failure: KeyFileFailure) -> EngineFailure { EngineFailure([diagnostic(failure)]) }

    private func diagnostic(_ failure: KeyFileFailure) -> Diagnostic {
        Diagnostic(
            .error, failure.code.rawValue,
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

import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelSystem
import KeelVault

/// When a person may be asked for a passphrase.
enum PassphraseQuestions: Sendable {
    case none
    /// For the key that seals the vault now.
    case current
    /// Also for the one before, whose values a change of the key still has to open.
    case all
}

extension VaultAccessor {
    /// The keys that may open the vault at `path` (nil: the project's), as that says in clear: from a passphrase, or from where
    /// keys are; both while it changes from one to the other. None where they are in a file that is not there.
    func vaultKeys(
        of path: String? = nil, asking questions: PassphraseQuestions = .current
    ) async throws(EngineFailure) -> [Secret] {
        let path = path ?? paths.vault
        guard let names = await keyNames(of: path), !names.derivations.isEmpty else { return try await plainKeys() }
        var keys: [Secret] = []
        var failure: EngineFailure?
        for name in [names.current].compactMap(\.self) + names.retiring {
            let mayAsk = questions == .all || (questions == .current && name == names.current)
            do throws(EngineFailure) {
                keys += try await self.keys(name, names.derivations[name], of: path, mayAsk)
            } catch {
                failure = failure ?? error
            }
        }
        // While the key is changed either opens the vault.
        if let failure, !keys.contains(where: { names.opens(KeyIdentifier(of: $0)) }) { throw failure }
        return keys
    }

    private func keys(
        _ name: KeyIdentifier, _ derivation: PassphraseDerivation?, of path: String, _ mayAsk: Bool
    ) async throws(EngineFailure) -> [Secret] {
        guard let derivation else { return try await plainKeys() }
        do throws(PassphraseFailure) {
            return [try await paths.passphrase.key(name, derivation, of: path, mayAsk: mayAsk)]
        } catch {
            throw self.failure(error, path)
        }
    }

    /// The keys with which a new vault is made, and how the first follows from a passphrase.
    func newKeys(
        _ findings: inout [String]
    ) async throws(EngineFailure) -> (keys: [Secret], derivation: PassphraseDerivation?) {
        guard paths.passphrase.isGiven else {
            return (try await keys(from: paths.vaultKeySource, purpose: "the vault", &findings), nil)
        }
        guard !paths.namesVaultKey else {
            throw Self.failure(
                "key.unclear", "the variables give a key and a passphrase, and a new vault gets one of them",
                "unset those of the one that it should not have")
        }
        do throws(PassphraseFailure) {
            let (key, derivation) = try await paths.passphrase.newKey()
            findings.append(
                "The vault's key follows from the passphrase. Nobody can open the vault without it: keep it where you find it again."
            )
            return ([key], derivation)
        } catch {
            throw failure(error, paths.vault)
        }
    }

    /// Refuses a vault that only a passphrase opens to a command that other programs call again and again: each call would take
    /// half a second and 128 MiB, and there is nobody to ask.
    package func requireNoPassphrase(for command: String) async throws(EngineFailure) {
        guard let names = await keyNames(of: paths.vault), !names.derivations.isEmpty else { return }
        throw Self.failure(
            "key.passphrase-refused",
            "the vault's key follows from a passphrase, and `mailkeel \(command)` is for programs that call it often",
            "put the vault under a key in a file: `\(ProjectCommand(["vault", "rekey", "--new-key", "vault.key"], in: paths.place))`, with a file of your own outside of the project"
        )
    }

    /// Asks for the vault's passphrase, if it has one: before a lock is taken, which no wait for a person may hold.
    package func preparePassphrase() async throws(EngineFailure) {
        guard let names = await keyNames(of: paths.vault), !names.derivations.isEmpty else { return }
        _ = try await vaultKeys()
    }

    /// The names of the vault's keys, which stand there in clear; nil where that cannot be read, which opening it explains.
    func keyNames(of path: String) async -> VaultKeyNames? {
        for access in [VaultAccess.readOnly, .readWriteIfPossible] {
            do throws(VaultFailure) {
                let vault = try await Vault.open(path: path, files: files, key: nil, access: access)
                let names = try await vault.keyNames()
                await vault.close()
                return names
            } catch {
                guard error.code == .needsRecovery else { return nil }
            }
        }
        return nil
    }

    // MARK: What went wrong

    func failure(_ failure: PassphraseFailure, _ path: String) -> EngineFailure {
        let give =
            "run this on a terminal, or give it in \(VaultPassphrase.variable), or in a file with mode 0600 that \(VaultPassphrase.fileVariable) names"
        return switch failure {
        case .needed:
            Self.failure(
                "key.passphrase-needed",
                "the key of \(path) follows from a passphrase, which is not given, and nobody can be asked here", give)
        case .wrong:
            Self.failure(
                "key.passphrase-wrong", "the passphrase is not the one of \(path)",
                remedy.forgottenPassphrase(vault: path))
        case .tooShort:
            Self.failure(
                "key.passphrase-short",
                "the passphrase has fewer than \(VaultPassphrase.shortest) characters: whoever has the file would guess it",
                "take a longer one; six random words are good")
        case .unclear:
            Self.failure(
                "key.unclear",
                "\(VaultPassphrase.variable) and \(VaultPassphrase.fileVariable) are set, and only one of them can give the passphrase",
                "unset one of them")
        case .unusable(let file):
            Self.failure("key.passphrase-file", "the passphrase: \(file.description)", SecretFailure(file).remedy)
        case .noMemory:
            Self.failure(
                "key.passphrase-memory", "there is not enough memory to make the vault's key from the passphrase",
                "it takes 128 MiB for half a second: try again when they are free")
        }
    }
}

extension VaultKeyNames {
    /// Whether a key of that name opens the vault.
    fileprivate func opens(_ name: KeyIdentifier) -> Bool { current == name || retiring.contains(name) }
}

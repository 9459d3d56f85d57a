import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelVault

/// Under which key a vault is put.
package enum RekeyTarget: Sendable {
    /// A new one, which becomes the first line of the key file.
    case keyFile
    /// The one in that file, made where there is none.
    case file(String)
    case passphrase(Secret)
}

/// What came of a rekey.
package struct RekeyReport: Sendable {
    /// The key that seals the vault now.
    package let key: KeyIdentifier
    /// The file in which it is; nil for one from a passphrase, and where that is not known.
    package let file: String?
    package let madeFile: Bool
    /// Whether it went on with a change that was broken off.
    package let isContinued: Bool
    /// How many values and codes were made anew.
    package let renewed: Int
    /// What could not be opened, and stays as it was.
    package let damaged: [String]
    /// How the key follows from a passphrase; nil if it does not.
    package let derivation: PassphraseDerivation?
}

extension VaultMaintenance {
    /// Seals the whole vault under another key. Nil if it is under that key already.
    ///
    /// It goes on where an earlier one was broken off. `report` hears of each step.
    package func rekey(
        to target: RekeyTarget, report: @Sendable (RekeyProgress) async -> Void = { _ in }
    ) async throws(EngineFailure) -> RekeyReport? {
        var more: [Secret] = []
        switch target {
        case .keyFile: break
        case .file(let path): more = try accessor.keys(in: path)
        // It may be the one of a change that was broken off.
        case .passphrase(let passphrase): await paths.passphrase.take(passphrase)
        }
        let keys = try await accessor.vaultKeys(asking: .all)
        let vault = try await opened(keys + more.filter { key in !keys.contains(where: key.matches) })
        do throws(EngineFailure) {
            let result = try await rekey(vault, target, report)
            await vault.close()
            return result
        } catch {
            await vault.close()
            throw error
        }
    }

    private func rekey(
        _ vault: Vault, _ target: RekeyTarget, _ report: @Sendable (RekeyProgress) async -> Void
    ) async throws(EngineFailure) -> RekeyReport? {
        let names: VaultKeyNames
        do throws(VaultFailure) { names = try await vault.keyNames() } catch { throw accessor.failure(error) }
        let isContinued = !names.retiring.isEmpty
        var place = (file: target.file, isNew: false)
        if !isContinued {
            guard let next = try await nextKey(target, names) else { return nil }
            place = (next.file, next.isNew)
            let begun = entry("vault.rekey-begin", ("key", .string(KeyIdentifier(of: next.key).description)))
            do throws(VaultFailure) {
                try await vault.beginRekey(to: next.key, next.derivation, noting: begun)
            } catch {
                throw accessor.failure(error)
            }
        }
        do throws(VaultFailure) {
            let current = try await vault.keyNames().current
            let done = entry("vault.rekey", ("key", .string(current?.description ?? "")))
            var progress = RekeyProgress()
            while !progress.isDone {
                progress = try await vault.rekey(progress, noting: done)
                await report(progress)
            }
            let names = try await vault.keyNames()
            guard let key = names.current else {
                throw VaultFailure(.corrupt, "it has lost the name of its key", path: vault.path)
            }
            return RekeyReport(
                key: key, file: place.file, madeFile: place.isNew, isContinued: isContinued,
                renewed: progress.renewed, damaged: progress.damaged, derivation: names.derivations[key])
        } catch {
            throw unfinished(error)
        }
    }

    /// A key to change to.
    private struct NextKey {
        let key: Secret
        var derivation: PassphraseDerivation?
        var file: String?
        var isNew = false
    }

    /// The key to change to, durable in its file if it has one; nil if it is the vault's already.
    private func nextKey(
        _ target: RekeyTarget, _ names: VaultKeyNames
    ) async throws(EngineFailure) -> NextKey? {
        switch target {
        case .keyFile: return try await nextLine(names)
        case .file(let path):
            do throws(KeyFileFailure) {
                let (key, isNew) = try KeyFile.loadOrCreate(path, files)
                return KeyIdentifier(of: key) == names.current ? nil : NextKey(key: key, file: path, isNew: isNew)
            } catch {
                throw accessor.failure(error)
            }
        case .passphrase(let passphrase):
            do throws(PassphraseFailure) {
                let (key, derivation) = try await paths.passphrase.newKey(from: passphrase)
                return NextKey(key: key, derivation: derivation)
            } catch {
                throw accessor.failure(error, paths.vault)
            }
        }
    }

    /// A new key in the key file.
    private func nextLine(_ names: VaultKeyNames) async throws(EngineFailure) -> NextKey? {
        let isPassphrases = names.current.map { names.derivations[$0] != nil } ?? false
        guard case .file(let path) = paths.vaultKeySource, !isPassphrases else {
            let place = isPassphrases ? "follows from a passphrase" : "is in \(paths.vaultKeySource.place)"
            let help =
                isPassphrases
                ? "say --new-passphrase for another one, or name a file for a key with --new-key"
                : "name a file for the new key with --new-key, and put its line there afterwards"
            throw VaultAccessor.failure(
                "key.not-a-file", "the vault's key \(place), where this command cannot put a new one", help)
        }
        // Another vault under these keys went ahead, or this one was broken off before it began.
        if let first = try accessor.keys(in: path).first, KeyIdentifier(of: first) != names.current {
            return NextKey(key: first, file: path)
        }
        do throws(KeyFileFailure) { return NextKey(key: try KeyFile.add(to: path, files), file: path) } catch {
            throw accessor.failure(error)
        }
    }

    /// What was done is durable, whatever went wrong.
    private func unfinished(_ failure: VaultFailure) -> EngineFailure {
        var diagnostic = accessor.failure(failure).diagnostics.first ?? .local(failure)
        if failure.code == .keyNeeded {
            diagnostic.help =
                "give this key as well: with --new-key or --new-passphrase if the change began with that, else as the vault's key file"
        } else {
            diagnostic.notes.append(Diagnostic.Note("nothing is lost; the same command goes on from here"))
        }
        return EngineFailure([diagnostic])
    }

    private func opened(_ keys: [Secret]) async throws(EngineFailure) -> Vault {
        do throws(VaultFailure) {
            return try await Vault.open(
                path: paths.vault, files: files, keys: keys, keyFile: paths.vaultKeySource.place, access: .readWrite,
                time: time)
        } catch {
            throw accessor.failure(error)
        }
    }
}

extension RekeyTarget {
    /// The file that it names.
    fileprivate var file: String? {
        if case .file(let path) = self { path } else { nil }
    }
}

import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelVault

/// What came of a rekey.
package struct RekeyReport: Sendable {
    /// The key that seals the vault now.
    package let key: KeyIdentifier
    /// The file in which it is.
    package let file: String?
    package let madeFile: Bool
    /// Whether it went on with a change that was broken off.
    package let isContinued: Bool
    /// How many values and codes were made anew.
    package let renewed: Int
    /// What could not be opened, and stays as it was.
    package let damaged: [String]
}

extension VaultMaintenance {
    /// Seals the whole vault under another key: a new one, which becomes the first line of the key file; or the one in
    /// `newKeyFile`, made where there is none. Nil if the vault is under that key already.
    ///
    /// It goes on where an earlier one was broken off. `report` hears of each step.
    package func rekey(
        newKeyFile: String?, report: @Sendable (RekeyProgress) async -> Void = { _ in }
    ) async throws(EngineFailure) -> RekeyReport? {
        let keys = try await accessor.vaultKeys()
        let more = try newKeyFile.map { path throws(EngineFailure) in try accessor.keys(in: path) } ?? []
        let vault = try await opened(keys + more.filter { key in !keys.contains(where: key.matches) })
        do throws(EngineFailure) {
            let result = try await rekey(vault, keys, newKeyFile, report)
            await vault.close()
            return result
        } catch {
            await vault.close()
            throw error
        }
    }

    private func rekey(
        _ vault: Vault, _ keys: [Secret], _ newKeyFile: String?, _ report: @Sendable (RekeyProgress) async -> Void
    ) async throws(EngineFailure) -> RekeyReport? {
        let names: VaultKeyNames
        do throws(VaultFailure) { names = try await vault.keyNames() } catch { throw accessor.failure(error) }
        let isContinued = !names.retiring.isEmpty
        var place: (file: String?, isNew: Bool) = (newKeyFile, false)
        if !isContinued {
            guard let next = try nextKey(names, keys, newKeyFile) else { return nil }
            place = (next.file, next.isNew)
            let begun = entry("vault.rekey-begin", ("key", .string(KeyIdentifier(of: next.key).description)))
            do throws(VaultFailure) { try await vault.beginRekey(to: next.key, noting: begun) } catch {
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
            guard let key = try await vault.keyNames().current else {
                throw VaultFailure(.corrupt, "it has lost the name of its key", path: vault.path)
            }
            return RekeyReport(
                key: key, file: place.file, madeFile: place.isNew, isContinued: isContinued,
                renewed: progress.renewed, damaged: progress.damaged)
        } catch {
            throw unfinished(error)
        }
    }

    /// The key to change to, durable in its file; nil if it is the vault's already.
    private func nextKey(
        _ names: VaultKeyNames, _ keys: [Secret], _ newKeyFile: String?
    ) throws(EngineFailure) -> (key: Secret, file: String, isNew: Bool)? {
        guard newKeyFile == nil else { return try nextKey(in: newKeyFile ?? "", names) }
        guard case .file(let path) = paths.vaultKeySource else {
            throw EngineFailure([
                Diagnostic(
                    .error, "key.not-a-file",
                    "the vault's key is in \(paths.vaultKeySource.place), where this command cannot put a new one",
                    help: "name a file for the new key with --new-key, and put its line there afterwards",
                    responsible: .operatorHere)
            ])
        }
        // Another vault under these keys went ahead, or this one was broken off before it began.
        if let first = keys.first, KeyIdentifier(of: first) != names.current { return (first, path, false) }
        do throws(KeyFileFailure) { return (try KeyFile.add(to: path, files), path, false) } catch {
            throw accessor.failure(error)
        }
    }

    private func nextKey(
        in file: String, _ names: VaultKeyNames
    ) throws(EngineFailure) -> (key: Secret, file: String, isNew: Bool)? {
        do throws(KeyFileFailure) {
            let (key, isNew) = try KeyFile.loadOrCreate(file, files)
            return KeyIdentifier(of: key) == names.current ? nil : (key, file, isNew)
        } catch {
            throw accessor.failure(error)
        }
    }

    /// What was done is durable, whatever went wrong.
    private func unfinished(_ failure: VaultFailure) -> EngineFailure {
        var diagnostic = accessor.failure(failure).diagnostics.first ?? .local(failure)
        if failure.code == .keyNeeded {
            diagnostic.help =
                "name the file that has this key: with --new-key if the change began with that, else as the vault's key file"
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

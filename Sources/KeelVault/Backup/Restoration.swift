import KeelBase

/// What came of putting a backup into place.
package struct Restoration: Sendable, Hashable {
    /// The id of the vault that is there now.
    package let vault: String
    /// Where the one is kept that was there before; nil if there was none.
    package let aside: String?
    package let quarantine: Quarantine
    package let grants: Int
}

/// Puts a backup in the place of a vault.
package struct VaultRestorer: Sendable {
    private let path: String
    private let files: any FileStore
    private let keys: [Secret]
    private let keySource: String?
    private let time: any TimeSource

    /// `path` is where the vault stands, or stood; `keys` are those that may open the backup.
    package init(
        path: String, files: any FileStore, keys: [Secret], keySource: String? = nil,
        time: any TimeSource = SystemTimeSource()
    ) {
        self.path = path
        self.files = files
        self.keys = keys
        self.keySource = keySource
        self.time = time
    }

    /// Restores the backup, after a look at whether it is sound, opens with a key at hand, and is of the vault `expected`
    /// (nil: of whichever is there). `allowsOther` lets it be another one.
    ///
    /// What is there now is kept aside. A sound vault gets its new content by one transaction, so that whoever has it open
    /// goes on with what is restored, and nothing that was stored up to then is lost. Throws `.foreign`, `.wrongKey`,
    /// `.corrupt` and what opening throws. The caller holds the state's lock.
    package func restore(
        _ backup: String, of expected: String?, allowsOther: Bool = false, noting entry: AuditEntry
    ) async throws(VaultFailure) -> Restoration {
        let source = try await Vault.open(
            path: backup, files: files, keys: keys, keyFile: keySource, access: .readOnly, time: time)
        do throws(VaultFailure) {
            try await source.checkIntegrity()
            let present = try await present()
            try check(source.id, against: expected ?? present?.vault, backup, allowsOther)
            let behind = try await behind(source, present)
            try makeDirectory()
            let copy = try VaultCopy(besides: path, files)
            try await source.copyContent(into: copy, Quarantine(copied: time.now, behind: behind))
            await source.close()
            let aside = try await put(copy, present)
            return try await finish(aside, entry)
        } catch {
            await source.close()
            throw error
        }
    }

    /// The vault that is there, for reading; nil if there is none, or it cannot be read.
    private func present() async throws(VaultFailure) -> VaultSnapshot? {
        do throws(VaultFailure) {
            let vault = try await Vault.open(
                path: path, files: files, key: nil, access: .readWriteIfPossible, time: time)
            let snapshot = try await vault.snapshot()
            await vault.close()
            return snapshot
        } catch {
            switch error.code {
            case .missing, .headless, .corrupt, .notAVault: return nil
            default: throw error
            }
        }
    }

    /// On another machine there may be nothing yet.
    private func makeDirectory() throws(VaultFailure) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        do throws(FileFailure) { try files.createDirectory(String(path[..<slash])) } catch {
            throw VaultFile.failure(error)
        }
    }

    private func check(
        _ found: String, against expected: String?, _ backup: String, _ allowsOther: Bool
    ) throws(VaultFailure) {
        guard let expected, expected != found, !allowsOther else { return }
        throw VaultFailure(
            .foreign, "\(backup) is a backup of the vault \(found), and this project's is \(expected)", path: backup)
    }

    /// What the vault that is there knows better.
    private func behind(_ source: Vault, _ present: VaultSnapshot?) async throws(VaultFailure) -> [GrantID] {
        guard let present, present.vault == source.id else { return [] }
        let restored = try await source.snapshot().grants
        return present.grants.values.filter { grant in
            guard grant.status != .retired else { return false }
            return (restored[grant.id]?.generation ?? 0) < grant.generation
        }.map(\.id).sorted()
    }

    private func put(_ copy: borrowing VaultCopy, _ present: VaultSnapshot?) async throws(VaultFailure) -> String? {
        let aside: String
        do throws(FileFailure) { aside = try VaultFile.asideName(for: path, files, time.now) } catch {
            throw VaultFile.failure(error)
        }
        guard present != nil else {
            let kept = try keepDamaged(as: aside)
            let vault = try VaultFile.connect(path, files, .create)
            try VaultFormat.makeTables(vault)
            try vault.takeContent(of: copy.path, before: {})
            return kept
        }
        let writer = try VaultFile.connect(path, files, .readWrite)
        let reader = try VaultFile.connect(path, files, .readOnly)
        let old = try VaultCopy(besides: aside, files)
        let copied = time.now
        try await BusyRetry.run(for: Vault.patience) { () throws(VaultFailure) in
            // While this writes nobody else does, so what is kept is what is replaced, to the last token.
            try writer.takeContent(of: copy.path) { () throws(VaultFailure) in
                let first = try QuarantineMark.read(reader)?.copied ?? copied
                try old.fill(from: reader, Quarantine(copied: first, behind: []))
                try old.take(aside, replacing: false)
            }
        }
        return aside
    }

    /// Keeps what is no vault any more, with its log, under another name; nil if there is nothing.
    private func keepDamaged(as aside: String) throws(VaultFailure) -> String? {
        do throws(FileFailure) {
            var kept: String?
            for suffix in ["", "-wal"] where try files.mode(path + suffix) != nil {
                try files.preserve(path + suffix, as: aside + suffix)
                kept = aside
            }
            for suffix in ["-shm", "-wal", ""] { try files.remove(path + suffix) }
            return kept
        } catch {
            throw VaultFile.failure(error)
        }
    }

    private func finish(_ aside: String?, _ entry: AuditEntry) async throws(VaultFailure) -> Restoration {
        let vault = try await Vault.open(
            path: path, files: files, keys: keys, keyFile: keySource, access: .readWrite, time: time)
        do throws(VaultFailure) {
            try await vault.record(entry)
            let snapshot = try await vault.snapshot()
            await vault.close()
            guard let quarantine = snapshot.quarantine else {
                throw VaultFailure(.conflict, "another process accepted it meanwhile", path: path)
            }
            return Restoration(
                vault: vault.id, aside: aside, quarantine: quarantine, grants: snapshot.grants.count)
        } catch {
            await vault.close()
            throw error
        }
    }
}

extension Connection {
    /// Puts the content of another vault in the place of what is here, in one transaction; `body` runs in it first.
    fileprivate func takeContent(
        of other: String, before body: () throws(VaultFailure) -> Void
    ) throws(VaultFailure) {
        try run("ATTACH ?1 AS restored", .text(other))
        defer { _ = try? run("DETACH restored") }
        try transaction { () throws(VaultFailure) in
            try body()
            try run("PRAGMA defer_foreign_keys = ON")
            // The names are those of our own tables, never of the file's.
            let tables = try rows(
                "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ) { row throws(VaultFailure) in try row.text(0) }
            try execute(VaultSchema.auditOpened)
            for table in tables { try run("DELETE FROM main.\"\(table)\"") }
            for table in tables { try run("INSERT INTO main.\"\(table)\" SELECT * FROM restored.\"\(table)\"") }
            try execute(VaultSchema.auditClosed)
        }
    }
}

import KeelBase

extension Vault {
    /// Writes a copy of the vault, consistent while others write, with mode 0600. No key is needed, and none is in it.
    ///
    /// The copy is quarantined: wherever it is put into place, its refresh tokens are not used before somebody accepts that.
    /// Throws `.exists` if there is a file at `target` and `replacing` does not allow that.
    package func backUp(
        to target: String, replacing: Bool = false, files: any FileStore
    ) async throws(VaultFailure) {
        let copy = try VaultCopy(besides: target, files)
        try await copyContent(into: copy, Quarantine(copied: time.now, behind: []))
        try copy.take(target, replacing: replacing)
    }

    /// What a backup is worth, before anything is done with it: throws `.corrupt` unless SQLite finds it sound.
    package func checkIntegrity() async throws(VaultFailure) {
        let words = try await reading { connection throws(VaultFailure) in
            try connection.rows("PRAGMA integrity_check(3)") { row throws(VaultFailure) in try row.text(0) }
        }
        guard words == ["ok"] else {
            throw VaultFailure(.corrupt, "\(path) is damaged (\(words.joined(separator: "; ")))", path: path)
        }
    }

    /// For one writer after another: a copy of a copy keeps the time of the first.
    func copyContent(into copy: borrowing VaultCopy, _ quarantine: Quarantine) async throws(VaultFailure) {
        let first = try await self.quarantine()?.copied ?? quarantine.copied
        let mark = Quarantine(copied: first, behind: quarantine.behind)
        try await outsideTransactions { connection throws(VaultFailure) in try copy.fill(from: connection, mark) }
    }
}

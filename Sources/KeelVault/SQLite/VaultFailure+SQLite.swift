import CSQLite

extension VaultFailure {
    /// A result code of SQLite, plain or extended, with its words.
    init(sqlite result: Int32, _ words: String) {
        let code: Code =
            switch result & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED: .locked
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_FULL: .full
            case SQLITE_READONLY: .readOnly
            // A reader that may not write found a write-ahead log that a killed writer left half written.
            case SQLITE_PROTOCOL: .needsRecovery
            default: .io
            }
        self.init(code, "\(words) (SQLite \(result))")
    }
}

import CSQLite
import Glibc

extension VaultFailure {
    /// A result code of SQLite, plain or extended, with its words and the system's error behind it, if there was one.
    package init(sqlite result: Int32, _ words: String, errno number: Int32, path: String) {
        let code = Self.code(result, number)
        let detail = "SQLite \(result): \(words)"
        let reason =
            switch code {
            case .full: "no space is left on the disk"
            case .readOnly: "nothing can be written there (read-only file system, or not your file)"
            case .corrupt: "\(path) is damaged (\(detail))"
            case .locked: "another process keeps it busy"
            default: detail
            }
        self.init(code, reason, path: path, result: result)
    }

    /// Whether the file is no database at all, which no log can mend.
    var isOfNoDatabase: Bool { result.map { $0 & 0xFF == SQLITE_NOTADB } ?? false }

    private static func code(_ result: Int32, _ number: Int32) -> Code {
        switch result & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_FULL: .full
        case SQLITE_READONLY: .readOnly
        // A reader that may not write found a write-ahead log that a killed writer left half written.
        case SQLITE_PROTOCOL: .needsRecovery
        // The shared memory could not grow; SQLite keeps no error of the system for that.
        case SQLITE_IOERR where result == SQLITE_IOERR | 19 << 8: .full
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            switch number {
            case ENOSPC, EDQUOT: .full
            case EROFS: .readOnly
            default: .io
            }
        default: .io
        }
    }
}

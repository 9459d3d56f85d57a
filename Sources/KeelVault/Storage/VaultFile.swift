import KeelBase

/// How a vault is opened.
package enum VaultAccess: Sendable {
    /// Writes nothing at all, not even a helper file.
    case readOnly
    case readWrite
    /// Like `readWrite`; makes the vault first if there is none.
    case create
}

/// The database file: made safely, opened for as little as is needed, and checked.
enum VaultFile {
    /// A connection to the file at `path`; in it there may be a vault, nothing yet, or something else.
    static func connect(
        _ path: String, _ files: any FileStore, _ access: VaultAccess
    ) throws(VaultFailure) -> Connection {
        if access == .create { try createEmpty(path, files) }
        try checkMode(path, files)
        guard access != .readOnly else { return try Connection(.readOnly(uri: try readOnlyURI(path, files))) }
        let connection = try Connection(.readWrite(path: path))
        try connection.keepSideFiles()
        try connection.execute(settings)
        return connection
    }

    /// Of what each connection needs to be told. Full synchronization: a token that a server has rotated must survive
    /// a power failure. Deleted rows are overwritten. Temporary tables stay in memory. Triggers and views that
    /// somebody put into the file may call nothing that has side effects.
    private static let settings = """
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA journal_size_limit = 1048576;
        """

    /// SQLite would make the file readable for others; its helper files get the mode that this one has.
    private static func createEmpty(_ path: String, _ files: any FileStore) throws(VaultFailure) {
        do throws(FileFailure) {
            guard try files.mode(path) == nil else { return }
            if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
                try files.createDirectory(String(path[..<slash]))
            }
            try files.create(path, with: [])
        } catch {
            // Another process has just made it; which of the two fills it is settled by a transaction.
            guard error.code != .exists else { return }
            throw failure(error)
        }
    }

    private static func checkMode(_ path: String, _ files: any FileStore) throws(VaultFailure) {
        let mode: UInt32?
        do throws(FileFailure) { mode = try files.mode(path) } catch { throw failure(error) }
        guard let mode else { throw missing(path) }
        guard mode & 0o077 == 0 else {
            throw VaultFailure(.tooOpen, "others may read or write \(path); run `chmod 600` on it")
        }
    }

    /// The URI by which SQLite reads a database in WAL mode and writes nothing.
    ///
    /// With `readonly_shm` it uses the `-shm` file of a living writer, and after a killed one reads the log by itself.
    /// Both helper files must exist for that (we never remove them); it would make them otherwise. Where they are not
    /// and nothing waits in the log, as in a restored backup, the database is complete and read as `immutable`.
    private static func readOnlyURI(_ path: String, _ files: any FileStore) throws(VaultFailure) -> String {
        let location = (path.hasPrefix("/") ? "file://" : "file:") + percentEncoded(path)
        let log: Log
        let hasIndex: Bool
        do throws(FileFailure) {
            log = try self.log(of: path, files)
            hasIndex = try files.mode(path + "-shm") != nil
        } catch {
            throw failure(error)
        }
        switch (log, hasIndex) {
        case (.empty, true), (.filled, true): return location + "?mode=ro&readonly_shm=1"
        case (.absent, _), (.empty, false): return location + "?mode=ro&immutable=1"
        case (.filled, false):
            throw VaultFailure(
                .needsRecovery,
                "\(path)-shm is missing, and \(path)-wal holds changes; any command that writes to the vault mends this"
            )
        }
    }

    /// What there is of changes that are not in the database file yet.
    private enum Log { case absent, empty, filled }

    private static func log(of path: String, _ files: any FileStore) throws(FileFailure) -> Log {
        do throws(FileFailure) {
            return try files.read(path + "-wal", limit: 0) == nil ? .absent : .empty
        } catch  where error.code == .tooLarge {
            return .filled
        }
    }

    private static func percentEncoded(_ path: String) -> String {
        path.utf8.map { byte in
            let plain = Character(Unicode.Scalar(byte))
            return plain.isASCII && (plain.isLetter || plain.isNumber || "/-._~".contains(plain))
                ? String(plain) : "%" + Hexadecimal.text([byte])
        }.joined()
    }

    static func missing(_ path: String) -> VaultFailure { VaultFailure(.missing, "there is none at \(path)") }

    private static func failure(_ failure: FileFailure) -> VaultFailure {
        let code: VaultFailure.Code =
            switch failure.code {
            case .noSpace: .full
            case .readOnly, .permissionDenied: .readOnly
            default: .io
            }
        return VaultFailure(code, failure.description)
    }
}

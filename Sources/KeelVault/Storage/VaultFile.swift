import KeelBase

/// How a vault is opened.
package enum VaultAccess: Sendable {
    /// Writes nothing at all, not even a helper file.
    case readOnly
    case readWrite
    /// Like `readWrite`; like `readOnly` where the disk is full or cannot be written. Writing says why then.
    case readWriteIfPossible
    /// Like `readWrite`; makes the vault first if there is none.
    case create
}

/// The database file: made safely, opened for as little as is needed, and checked.
enum VaultFile {
    /// A connection to the file at `path`; in it there may be a vault, nothing yet, or something else.
    static func connect(
        _ path: String, _ files: any FileStore, _ access: VaultAccess
    ) throws(VaultFailure) -> Connection {
        try checkIsNoDirectory(path, files)
        if access == .create { try createEmpty(path, files) }
        try checkMode(path, files)
        let log = try log(of: path, files)
        try checkHead(path, log)
        guard access != .readOnly else {
            return try Connection(.readOnly(uri: try readOnlyURI(path, files, log)), path: path)
        }
        let connection = try Connection(.readWrite(path: path), path: path)
        try connection.keepSideFiles()
        try connection.execute(settings)
        return connection
    }

    /// Of what each connection needs to be told. Full synchronization: a token that a server has rotated must survive
    /// a power failure. Deleted rows are overwritten. Temporary tables stay in memory. Triggers and views that
    /// somebody put into the file may call nothing that has side effects.
    static let settings = """
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
        // The log first: whoever makes a vault at this moment fills the database before the log.
        let log = try log(of: path, files)
        do throws(FileFailure) {
            guard try files.mode(path) == nil else { return }
        } catch {
            throw failure(error)
        }
        guard log != .filled else { throw headless(path, "gone") }
        do throws(FileFailure) {
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

    /// Asked without opening the file: closing it again would take away the locks that SQLite has on it.
    private static func checkIsNoDirectory(_ path: String, _ files: any FileStore) throws(VaultFailure) {
        guard (try? files.list(path)) == nil else {
            throw VaultFailure(.notAVault, "a directory is in the place of \(path)", path: path)
        }
    }

    private static func checkMode(_ path: String, _ files: any FileStore) throws(VaultFailure) {
        let mode: UInt32?
        do throws(FileFailure) { mode = try files.mode(path) } catch { throw failure(error) }
        guard let mode else { throw missing(path) }
        guard mode & 0o077 == 0 else {
            throw VaultFailure(.tooOpen, "others may read or write \(path)", path: path)
        }
    }

    // MARK: A database without its head

    /// Throws unless changes in the log have a database to belong to: SQLite deletes the log of an empty one as soon as it
    /// opens that, even for reading.
    private static func checkHead(_ path: String, _ log: Log) throws(VaultFailure) {
        guard log == .filled, let pages = try pages(of: path) else { return }
        guard pages > 0 else { throw headless(path, "empty") }
    }

    /// How many pages the database has, without its log; nil if that cannot be told without the log.
    private static func pages(of path: String) throws(VaultFailure) -> Int? {
        do throws(VaultFailure) {
            let connection = try Connection(.readOnly(uri: location(path) + "?mode=ro&immutable=1"), path: path)
            return try connection.first("PRAGMA page_count") { row throws(VaultFailure) in try row.integer(0) }
        } catch {
            // Other damage may be what a killed writer left, which the log mends.
            guard error.isOfNoDatabase else { return nil }
            throw error
        }
    }

    /// Keeps the log of a database that is gone or empty under another name, and returns that.
    static func setAsideLog(
        _ path: String, _ files: any FileStore, _ now: Timestamp
    ) throws(VaultFailure) -> String? {
        guard try log(of: path, files) == .filled else { return nil }
        do throws(FileFailure) {
            let other = try asideName(for: path + "-wal", files, now)
            if try files.mode(path) != nil {
                guard let pages = try? pages(of: path), pages == 0 else { return nil }
            }
            try files.preserve(path + "-wal", as: other)
            for suffix in ["-wal", "-shm"] { try files.remove(path + suffix) }
            return other
        } catch {
            throw failure(error)
        }
    }

    /// A name under which a file can be kept that another takes the place of: no two that were replaced in one second share it.
    static func asideName(for path: String, _ files: any FileStore, _ now: Timestamp) throws(FileFailure) -> String {
        let name = "\(path).aside-\(now.seconds)"
        var candidate = name
        var number = 1
        while try files.mode(candidate) != nil {
            number += 1
            candidate = "\(name)-\(number)"
        }
        return candidate
    }

    private static func headless(_ path: String, _ state: String) -> VaultFailure {
        VaultFailure(
            .headless, "\(path) is damaged: it is \(state), and \(path)-wal holds changes of it", path: path)
    }

    // MARK: Reading without writing

    /// The URI by which SQLite reads a database in WAL mode and writes nothing.
    ///
    /// With `readonly_shm` it uses the `-shm` file of a living writer, and after a killed one reads the log by itself.
    /// Both helper files must exist for that (we never remove them); it would make them otherwise. Where they are not
    /// and nothing waits in the log, as in a restored backup, the database is complete and read as `immutable`.
    private static func readOnlyURI(_ path: String, _ files: any FileStore, _ log: Log) throws(VaultFailure) -> String {
        let hasIndex: Bool
        do throws(FileFailure) { hasIndex = try files.mode(path + "-shm") != nil } catch { throw failure(error) }
        switch (log, hasIndex) {
        case (.empty, true), (.filled, true): return location(path) + "?mode=ro&readonly_shm=1"
        case (.absent, _), (.empty, false): return location(path) + "?mode=ro&immutable=1"
        case (.filled, false):
            throw VaultFailure(
                .needsRecovery,
                "\(path)-shm is missing, and \(path)-wal holds changes; any command that writes to the vault mends this",
                path: path)
        }
    }

    private static func location(_ path: String) -> String {
        (path.hasPrefix("/") ? "file://" : "file:") + percentEncoded(path)
    }

    /// What there is of changes that are not in the database file yet.
    private enum Log { case absent, empty, filled }

    private static func log(of path: String, _ files: any FileStore) throws(VaultFailure) -> Log {
        do throws(FileFailure) {
            return try files.read(path + "-wal", limit: 0) == nil ? .absent : .empty
        } catch {
            guard error.code == .tooLarge else { throw failure(error) }
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

    static func missing(_ path: String) -> VaultFailure {
        VaultFailure(.missing, "there is no vault at \(path)", path: path)
    }

    static func gone(_ path: String) -> FileFailure {
        FileFailure(code: .other, path: path, operation: "read", reason: "somebody removed it")
    }

    static func failure(_ failure: FileFailure) -> VaultFailure {
        let code: VaultFailure.Code =
            switch failure.code {
            case .noSpace: .full
            case .readOnly, .permissionDenied: .readOnly
            case .exists: .exists
            default: .io
            }
        let words = code == .exists ? "there is a file at \(failure.path) already" : failure.description
        return VaultFailure(code, words, path: failure.path)
    }
}

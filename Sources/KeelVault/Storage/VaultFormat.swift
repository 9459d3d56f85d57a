import KeelBase
import KeelCrypto

/// What tells a vault from another database, one format from another, and the right key from a wrong one.
enum VaultFormat {
    /// Makes the tables of a new vault, unless there are some.
    static func prepare(
        _ connection: Connection, _ keys: VaultKeys?, _ now: Timestamp
    ) throws(VaultFailure) {
        guard try isEmpty(connection) else { return }
        guard let keys else { throw VaultFailure(.keyNeeded, "a new vault needs a key") }
        try keepLog(connection)
        try connection.transaction { () throws(VaultFailure) in
            // Another process may have done it meanwhile.
            guard try isEmpty(connection) else { return }
            let id = RandomIdentifier.make()
            try connection.execute(VaultSchema.creation + VaultSchema.marks)
            try connection.run("INSERT INTO meta VALUES ('vault', ?1), ('created', ?2)", .text(id), .text(now))
            try KeyTable(vault: id, connection: connection).insert(keys.current, .current, now)
        }
    }

    /// Makes the tables of a vault whose content is about to come from a backup, unless there are some.
    static func makeTables(_ connection: Connection) throws(VaultFailure) {
        try keepLog(connection)
        try connection.transaction { () throws(VaultFailure) in
            guard try isEmpty(connection) else { return }
            try connection.execute(VaultSchema.creation + VaultSchema.marks)
        }
    }

    /// Sees to it that changes go into a log, beside which others read on. (A copy has none until it is opened to be changed.)
    static func keepLog(_ connection: Connection) throws(VaultFailure) {
        let mode = try connection.first("PRAGMA journal_mode = WAL") { row throws(VaultFailure) in try row.text(0) }
        guard mode == "wal" else {
            throw VaultFailure(.io, "the file system has no shared memory (a network share?), which the vault needs")
        }
    }

    /// Brings the tables of a vault of an older format to the one known here, in one transaction. Readers read older ones as
    /// they are.
    static func upgrade(_ connection: Connection) throws(VaultFailure) {
        guard try format(of: connection) < VaultSchema.format else { return }
        try connection.transaction { () throws(VaultFailure) in
            // Another process may have done it meanwhile.
            let format = try format(of: connection)
            guard format < VaultSchema.format else { return }
            try connection.execute(((format < 2 ? VaultSchema.second : []) + VaultSchema.third).joined())
            try connection.execute("PRAGMA user_version = \(VaultSchema.format)")
        }
    }

    /// Whether the vault has the tables of a format: a reader may have opened it before a writer upgraded it.
    static func isAtLeast(_ number: Int, _ connection: Connection) throws(VaultFailure) -> Bool {
        try format(of: connection) >= number
    }

    static func format(of connection: Connection) throws(VaultFailure) -> Int {
        try number("PRAGMA user_version", connection)
    }

    /// The vault's id, after a look at whether this is a vault and of a format known here.
    static func identify(_ connection: Connection, _ path: String) throws(VaultFailure) -> String {
        guard try !isEmpty(connection) else { throw VaultFile.missing(path) }
        guard try number("PRAGMA application_id", connection) == VaultSchema.applicationID else {
            throw VaultFailure(.notAVault, "\(path) is a database, but not a vault of Mailkeel")
        }
        let format = try format(of: connection)
        guard format <= VaultSchema.format else {
            throw VaultFailure(
                .newerFormat,
                "\(path) has format \(format), this version knows \(VaultSchema.format); install a newer Mailkeel")
        }
        let id = try connection.first("SELECT value FROM meta WHERE name = 'vault'") { row throws(VaultFailure) in
            try row.text(0)
        }
        guard let id else { throw VaultFailure(.corrupt, "\(path) has lost its id") }
        return id
    }

    private static func isEmpty(_ connection: Connection) throws(VaultFailure) -> Bool {
        try number("SELECT count(*) FROM sqlite_schema", connection) == 0
    }

    private static func number(_ query: String, _ connection: Connection) throws(VaultFailure) -> Int {
        try connection.first(query) { row throws(VaultFailure) in try row.integer(0) } ?? 0
    }
}

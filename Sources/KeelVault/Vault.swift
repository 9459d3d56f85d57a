import KeelBase

/// The grants of one project, sealed, with their recipes, the index from accounts to them, and what was observed.
///
/// One actor owns one SQLite connection. Its calls block a thread for as long as SQLite takes: microseconds to read,
/// one synchronization of the disk to write. No transaction spans I/O of ours; waits for other processes are polled
/// between transactions, never inside one.
package actor Vault {
    /// The vault's random id; another vault at the same path has another.
    package nonisolated let id: String
    /// How long another process may keep the vault busy.
    static let patience = Duration.seconds(10)

    let keys: VaultKeys?
    let time: any TimeSource
    /// Nil once closed.
    private var connection: Connection?

    /// Opens the vault, or makes it.
    ///
    /// Without a key whatever is sealed or must be authenticated answers `.keyNeeded`; the rest works. Throws
    /// `.missing`, `.wrongKey`, `.newerFormat`, `.notAVault`, `.tooOpen`, `.needsRecovery`, `.locked`, `.corrupt`
    /// and failures of the system.
    package static func open(
        path: String, files: any FileStore, key: Secret?, access: VaultAccess,
        time: any TimeSource = SystemTimeSource()
    ) async throws(VaultFailure) -> Vault {
        let keys = key.map { VaultKeys($0) }
        return try await BusyRetry.run(for: patience) { () throws(VaultFailure) in
            try Vault(path, files, keys, access, time)
        }
    }

    private init(
        _ path: String, _ files: any FileStore, _ keys: VaultKeys?, _ access: VaultAccess, _ time: any TimeSource
    ) throws(VaultFailure) {
        let connection = try VaultFile.connect(path, files, access)
        if access == .create { try VaultFormat.prepare(connection, keys, time.now) }
        let id = try VaultFormat.identify(connection, path)
        if let keys { try VaultFormat.verify(keys, connection, vault: id) }
        self.id = id
        self.keys = keys
        self.time = time
        self.connection = connection
    }

    /// Closes the file; whatever comes later throws `.closed`.
    package func close() { connection = nil }

    /// Reads in one unchanging view.
    func reading<Result>(
        _ body: (Connection) throws(VaultFailure) -> Result
    ) async throws(VaultFailure) -> Result {
        try await BusyRetry.run(for: Self.patience) { () throws(VaultFailure) in
            let connection = try open()
            return try connection.snapshot { () throws(VaultFailure) in try body(connection) }
        }
    }

    /// Changes durably, or not at all.
    func writing<Result>(
        _ body: (Connection) throws(VaultFailure) -> Result
    ) async throws(VaultFailure) -> Result {
        try await BusyRetry.run(for: Self.patience) { () throws(VaultFailure) in
            let connection = try open()
            return try connection.transaction { () throws(VaultFailure) in try body(connection) }
        }
    }

    /// The keys, for what cannot be done without.
    func needKeys() throws(VaultFailure) -> VaultKeys {
        guard let keys else { throw VaultFailure(.keyNeeded, "this needs the vault's key") }
        return keys
    }

    private func open() throws(VaultFailure) -> Connection {
        guard let connection else { throw VaultFailure(.closed, "it was closed") }
        return connection
    }
}

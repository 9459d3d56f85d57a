import KeelBase
import KeelCrypto

/// The grants of one project, sealed, with their recipes, the index from accounts to them, and what was observed.
///
/// One actor owns one SQLite connection. Its calls block a thread for as long as SQLite takes: microseconds to read,
/// one synchronization of the disk to write. No transaction spans I/O of ours; waits for other processes are polled
/// between transactions, never inside one.
package actor Vault {
    /// The vault's random id; another vault at the same path has another.
    package nonisolated let id: String
    /// The vault's file.
    package nonisolated let path: String
    /// How long another process may keep the vault busy.
    static let patience = Duration.seconds(10)

    let keys: VaultKeys?
    let time: any TimeSource
    /// Nil once closed.
    private var connection: Connection?
    /// Why nothing can be written, where that turned out at opening.
    private let obstacle: VaultFailure?

    /// Opens the vault, or makes it.
    ///
    /// Without a key whatever is sealed or must be authenticated answers `.keyNeeded`; the rest works. `keyFile` is
    /// where the key is from, for messages. Throws `.missing`, `.headless`, `.wrongKey`, `.newerFormat`, `.notAVault`,
    /// `.tooOpen`, `.needsRecovery`, `.locked`, `.corrupt` and failures of the system.
    package static func open(
        path: String, files: any FileStore, key: Secret?, keyFile: String? = nil, access: VaultAccess,
        time: any TimeSource = SystemTimeSource()
    ) async throws(VaultFailure) -> Vault {
        try await open(
            path: path, files: files, keys: key.map { [$0] } ?? [], keyFile: keyFile, access: access, time: time)
    }

    /// Opens the vault with whichever of `keys` are its own; a new one gets the first, and notes how that follows from a
    /// passphrase (`derivation`).
    package static func open(
        path: String, files: any FileStore, keys: [Secret], derivation: PassphraseDerivation? = nil,
        keyFile: String? = nil, access: VaultAccess, time: any TimeSource = SystemTimeSource()
    ) async throws(VaultFailure) -> Vault {
        let ring = KeyRing(
            keys: keys.prefix(1).map { VaultKey($0, derivation) } + keys.dropFirst().map { VaultKey($0) },
            source: keyFile)
        do throws(VaultFailure) {
            return try await BusyRetry.run(for: patience) { () throws(VaultFailure) in
                guard access == .readWriteIfPossible else { return try Vault(path, files, ring, access, time) }
                return try openedIfPossible(path, files, ring, time)
            }
        } catch {
            throw error.at(path)
        }
    }

    /// For writing; else, where that is what fails, for reading.
    private static func openedIfPossible(
        _ path: String, _ files: any FileStore, _ ring: KeyRing, _ time: any TimeSource
    ) throws(VaultFailure) -> Vault {
        do throws(VaultFailure) {
            return try Vault(path, files, ring, .readWrite, time)
        } catch {
            guard [.full, .readOnly, .io].contains(error.code) else { throw error }
            guard let reader = try? Vault(path, files, ring, .readOnly, time, obstacle: error) else { throw error }
            return reader
        }
    }

    private init(
        _ path: String, _ files: any FileStore, _ ring: KeyRing, _ access: VaultAccess, _ time: any TimeSource,
        obstacle: VaultFailure? = nil
    ) throws(VaultFailure) {
        let connection = try VaultFile.connect(path, files, access)
        let keys = ring.keys.first.map { VaultKeys($0, Array(ring.keys.dropFirst()), from: ring.source) }
        if access == .create { try VaultFormat.prepare(connection, keys, time.now) }
        let id = try VaultFormat.identify(connection, path)
        var isComplete = true
        if let keys {
            let table = KeyTable(vault: id, connection: connection)
            try table.choose(for: keys, path)
            isComplete = try table.verify(keys)
        }
        if access != .readOnly {
            try VaultFormat.keepLog(connection)
            try VaultFormat.upgrade(connection)
            // The second half of an upgrade, which needs a key.
            if let keys, !isComplete {
                let codes = GrantCodes(vault: id, keys: keys, connection: connection)
                try connection.transaction { () throws(VaultFailure) in try codes.complete() }
            }
        }
        self.id = id
        self.path = path
        self.keys = keys
        self.time = time
        self.connection = connection
        self.obstacle = obstacle
    }

    /// Puts the log of a database that is gone or empty out of the way of a new one, which would take its changes for its
    /// own; returns where it is kept, nil if there is none. The caller sees to it that nobody else makes the vault.
    package static func setAsideLog(
        of path: String, files: any FileStore, at now: Timestamp
    ) throws(VaultFailure) -> String? {
        try VaultFile.setAsideLog(path, files, now)
    }

    /// Closes the file; whatever comes later throws `.closed`.
    package func close() { connection = nil }

    /// Reads in one unchanging view.
    func reading<Result>(
        _ body: (Connection) throws(VaultFailure) -> Result
    ) async throws(VaultFailure) -> Result {
        do throws(VaultFailure) {
            return try await BusyRetry.run(for: Self.patience) { () throws(VaultFailure) in
                let connection = try open()
                return try connection.snapshot { () throws(VaultFailure) in try body(connection) }
            }
        } catch {
            throw error.at(path)
        }
    }

    /// Changes durably, or not at all.
    func writing<Result>(
        _ body: (Connection) throws(VaultFailure) -> Result
    ) async throws(VaultFailure) -> Result {
        do throws(VaultFailure) {
            return try await BusyRetry.run(for: Self.patience) { () throws(VaultFailure) in
                let connection = try open()
                if let obstacle { throw obstacle }
                return try connection.transaction { () throws(VaultFailure) in
                    if let keys { try KeyTable(vault: id, connection: connection).follow(keys, time.now) }
                    return try body(connection)
                }
            }
        } catch {
            throw error.at(path)
        }
    }

    /// Does what SQLite refuses to do inside a transaction.
    func outsideTransactions(_ body: (Connection) throws(VaultFailure) -> Void) async throws(VaultFailure) {
        do throws(VaultFailure) {
            try await BusyRetry.run(for: Self.patience) { () throws(VaultFailure) in try body(try open()) }
        } catch {
            throw error.at(path)
        }
    }

    /// The keys, for what cannot be done without.
    func needKeys() throws(VaultFailure) -> VaultKeys {
        guard let keys else { throw VaultFailure(.keyNeeded, "this needs the vault's key", path: path) }
        return keys
    }

    /// Keys as they are given.
    private struct KeyRing: Sendable {
        let keys: [VaultKey]
        let source: String?
    }

    private func open() throws(VaultFailure) -> Connection {
        guard let connection else { throw VaultFailure(.closed, "it was closed") }
        return connection
    }
}

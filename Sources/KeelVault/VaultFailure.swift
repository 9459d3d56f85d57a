/// Why the vault could not do what was asked.
package struct VaultFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// There is no vault at the path.
        case missing = "vault.missing"
        /// Another process kept it busy for longer than we wait.
        case locked = "vault.locked"
        /// The key is not the one it was made with.
        case wrongKey = "vault.wrong-key"
        /// What was asked needs the key, and the vault was opened without.
        case keyNeeded = "vault.key-needed"
        /// The file is damaged.
        case corrupt = "vault.corrupt"
        /// The database is gone or empty, and the log of its changes is still there.
        case headless = "vault.headless"
        /// A row was changed or moved by somebody who does not have the key.
        case notAuthentic = "vault.not-authentic"
        /// A later version of Mailkeel wrote it.
        case newerFormat = "vault.newer-format"
        /// A sound vault, but not the one that the state names.
        case foreign = "vault.foreign"
        /// A copy that was put into place, and that nobody has accepted yet.
        case quarantined = "vault.quarantined"
        /// There is a file already where one was to be made.
        case exists = "vault.exists"
        /// Something else than a vault: another database, a directory.
        case notAVault = "vault.not-a-vault"
        /// Others than the owner may read or write the file.
        case tooOpen = "vault.too-open"
        /// No space is left.
        case full = "vault.full"
        /// It was opened for reading, or lies where nothing can be written.
        case readOnly = "vault.read-only"
        /// It cannot be read without writing, because a helper file is missing.
        case needsRecovery = "vault.needs-recovery"
        /// The system failed to read or write.
        case io = "vault.io"
        /// No such grant, recipe or intent.
        case notFound = "vault.not-found"
        /// Another writer was faster.
        case conflict = "vault.conflict"
        /// An account still points to the grant.
        case inUse = "vault.in-use"
        /// The task was cancelled while it waited.
        case interrupted = "vault.interrupted"
        /// The vault was closed.
        case closed = "vault.closed"
    }

    package let code: Code
    /// What is wrong. Never holds a stored value.
    package let reason: String
    /// The vault's file, where it is known.
    package let path: String?
    /// SQLite's result code, where it was SQLite that failed.
    let result: Int32?

    package init(_ code: Code, _ reason: String, path: String? = nil) {
        self.init(code, reason, path: path, result: nil)
    }

    init(_ code: Code, _ reason: String, path: String?, result: Int32?) {
        self.code = code
        self.reason = reason
        self.path = path
        self.result = result
    }

    /// The same, of the vault at `path`.
    func at(_ path: String) -> VaultFailure {
        VaultFailure(code, reason, path: self.path ?? path, result: result)
    }

    package var description: String {
        guard let path else { return "vault: \(reason)" }
        return reason.contains(path) ? reason : "\(path): \(reason)"
    }
}

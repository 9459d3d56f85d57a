/// Why the vault could not do what was asked.
package struct VaultFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// There is no vault at the path.
        case missing = "vault_missing"
        /// Another process kept it busy for longer than we wait.
        case locked = "vault_locked"
        /// The key is not the one it was made with.
        case wrongKey = "vault_wrong_key"
        /// What was asked needs the key, and the vault was opened without.
        case keyNeeded = "vault_key_needed"
        /// The file is damaged.
        case corrupt = "vault_corrupt"
        /// The database is gone or empty, and the log of its changes is still there.
        case headless = "vault_headless"
        /// A row was changed or moved by somebody who does not have the key.
        case notAuthentic = "vault_not_authentic"
        /// A later version of Mailkeel wrote it.
        case newerFormat = "vault_newer_format"
        /// A sound vault, but not the one that the state names.
        case foreign = "vault_foreign"
        /// A copy that was put into place, and that nobody has accepted yet.
        case quarantined = "vault_quarantined"
        /// There is a file already where one was to be made.
        case exists = "vault_exists"
        /// Something else than a vault: another database, a directory.
        case notAVault = "vault_not_a_vault"
        /// Others than the owner may read or write the file.
        case tooOpen = "vault_too_open"
        /// No space is left.
        case full = "vault_full"
        /// It was opened for reading, or lies where nothing can be written.
        case readOnly = "vault_read_only"
        /// It cannot be read without writing, because a helper file is missing.
        case needsRecovery = "vault_needs_recovery"
        /// The system failed to read or write.
        case io = "vault_io"
        /// No such grant, recipe or intent.
        case notFound = "vault_not_found"
        /// Another writer was faster.
        case conflict = "vault_conflict"
        /// An account still points to the grant.
        case inUse = "vault_in_use"
        /// The task was cancelled while it waited.
        case interrupted = "vault_interrupted"
        /// The vault was closed.
        case closed = "vault_closed"
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

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
        /// A row was changed or moved by somebody who does not have the key.
        case notAuthentic = "vault_not_authentic"
        /// A later version of Mailkeel wrote it.
        case newerFormat = "vault_newer_format"
        /// A database, but not a vault.
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
    /// What is wrong and, where something does, what mends it. Never holds a stored value.
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { "vault: \(reason)" }
}

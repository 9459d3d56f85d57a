import ArgumentParser
import KeelBase
import KeelEngine

/// `mailkeel vault`
struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract:
            "Look after the vault: what is in it, its copies, its key, and secrets for manifests that say fromVault.",
        subcommands: [
            VaultStatusCommand.self, VaultBackupCommand.self, VaultRestoreCommand.self, VaultAcceptRestoreCommand.self,
            VaultRekeyCommand.self, VaultPurgeCommand.self, VaultSetCommand.self, VaultListCommand.self,
            VaultUnsetCommand.self,
        ])
}

extension CommandContext {
    /// What looks after the project's vault.
    func vaultMaintenance(_ operation: String, lockTimeout: Duration = .zero) -> VaultMaintenance {
        var options = runOptions(operation)
        options.lockTimeout = lockTimeout
        var maintenance = VaultMaintenance(paths: paths, files: files, time: time, options: options)
        maintenance.waitsForLock = { holder in try? sayWaiting(for: holder) }
        return maintenance
    }
}

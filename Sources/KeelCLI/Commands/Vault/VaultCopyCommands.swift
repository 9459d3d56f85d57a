import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelVault

/// `mailkeel vault backup`
struct VaultBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the vault into a file, while it is in use. The key is not in it.",
        discussion: """
            The copy is consistent and has mode 0600. Back up the key apart from it: without the key nobody can open it, with both \
            anybody can. Wherever the copy is put into place it is quarantined; see mailkeel vault restore.
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Replace the file if there is one.")
    var force = false

    @Argument(help: ArgumentHelp("The file to make.", valueName: "file"))
    var file: String

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        let (target, force) = (context.located(file: file), force)
        let size = try await context.reporting {
            try await context.vaultMaintenance("vault backup").backUp(to: target, replacing: force)
        }
        if global.json {
            return try context.console.output(
                .object([
                    .init("type", "vault_backup"), .init("file", .string(target)), .init("size", .integer(size)),
                ]))
        }
        try context.console.output(
            "Copied \(context.paths.vault) to \(ForeignText(target)), \(counted(size, "byte")).\n")
        let isPassphrases = await context.vaultMaintenance("vault backup").followsFromPassphrase()
        context.console.remark(
            isPassphrases
                ? "The passphrase is not in it, and opens it: keep that elsewhere."
                : "The key is not in it: it is in \(context.paths.vaultKeySource.place). Keep a copy of that elsewhere."
        )
    }
}

/// `mailkeel vault restore`
struct VaultRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the vault. The vault that is there is kept.",
        discussion: """
            The backup must be sound, open with the key that is here, and be of this project's vault. Its refresh tokens may be older \
            than what the providers know, so none is used before mailkeel vault accept-restore.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var lock: LockOption

    @Flag(help: "Also if it is a backup of another vault than the state names.")
    var force = false

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
    var file: String

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        let (backup, force, lockTimeout) = (context.located(file: file), force, lock.lockTimeout)
        let restored = try await context.reporting {
            try await context.vaultMaintenance("vault restore", lockTimeout: lockTimeout)
                .restore(backup, allowsOther: force)
        }
        let behind = restored.quarantine.behind
        if global.json {
            return try context.console.output(
                .present(
                    ("type", "vault_restore"), ("id", .string(restored.vault)), ("grants", .integer(restored.grants)),
                    ("aside", restored.aside.map(JSON.string)),
                    ("copied", .string(restored.quarantine.copied.description)),
                    ("behind", .array(behind.map { .string($0.text) }))))
        }
        try context.console.output(
            "Restored \(context.paths.vault) as of \(restored.quarantine.copied), with \(counted(restored.grants, "grant")).\n"
        )
        if let aside = restored.aside { context.console.remark("The vault that was there is kept as \(aside).") }
        if !behind.isEmpty {
            context.console.remark(
                "That one had newer tokens of \(counted(behind.count, "grant")), or was alone to have them; vault status names them."
            )
        }
        context.console.remark(
            "It is quarantined: no refresh token in it is used before \(context.commandLine("vault", "accept-restore")), which says what happens then."
        )
    }
}

/// `mailkeel vault accept-restore`
struct VaultAcceptRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-restore", abstract: "Let the refresh tokens of a restored vault be used.",
        discussion: """
            Where a provider gave a newer token since the backup was made, the one in the backup may have ended: then the next refresh \
            says so, and the consent must be given again. A provider that detects the use of old tokens may end the newer one as \
            well; so accept a backup only if the vault that it replaces is not in use anywhere any more.
            """)

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        let accepted = try await context.reporting {
            try await context.vaultMaintenance("vault accept-restore").acceptRestored()
        }
        if global.json {
            return try context.console.output(
                .object([
                    .init("type", "vault_accept_restore"), .init("accepted", .boolean(accepted != nil)),
                ]))
        }
        guard let snapshot = accepted else {
            return try context.console.output(
                "The vault at \(context.paths.vault) is in no quarantine: nothing to accept.\n")
        }
        let live = snapshot.grants.values.count { $0.status != .retired }
        try context.console.output("Accepted \(context.paths.vault); \(counted(live, "grant")) may be renewed again.\n")
        for grant in (snapshot.quarantine?.behind ?? []).prefix(20) {
            let slot = snapshot.grants[grant].map { "\($0.profile):\($0.subject)" } ?? "of the former vault alone"
            context.console.remark("May have to be authorized again: \(TerminalText.clean(slot)) (grant \(grant)).")
        }
        context.console.remark(
            "Consents that waited for a person are gone. See with \(context.commandLine("plan")) what is lacking.")
    }
}

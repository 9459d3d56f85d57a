import ArgumentParser
import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelEngine
import KeelVault

/// `mailkeel vault rekey`
struct VaultRekeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey", abstract: "Seal the vault under another key. May be interrupted anywhere and run again.",
        discussion: """
            A new key is made and becomes the first line of the key file; the former one stays below it, for old backups and for other \
            vaults. With --new-key it is made in, or taken from, a file of its own; with --new-passphrase it follows from a passphrase, \
            which is asked for twice. Others go on working meanwhile.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The file with the new key; made where there is none.", valueName: "file"))
    var newKey: String?

    @Flag(help: "Put the vault under a key that follows from a passphrase, which is asked for.")
    var newPassphrase = false

    @Option(
        help: ArgumentHelp(
            "The same, with the passphrase in this file, which must be yours alone (mode 0600).", valueName: "file"))
    var newPassphraseFile: String?

    func validate() throws {
        let given = [newKey != nil, newPassphrase, newPassphraseFile != nil]
        guard given.count(where: \.self) <= 1 else {
            throw ValidationError("a vault has one key: give one of --new-key, --new-passphrase, --new-passphrase-file")
        }
    }

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        let target = try await target(context)
        let report = try await context.reporting {
            try await context.vaultMaintenance("vault rekey").rekey(to: target)
        }
        if global.json {
            return try context.console.output(
                .present(
                    ("type", "vault_rekey"), ("changed", .boolean(report != nil)),
                    ("key", report.map { .string($0.key.description) }), ("file", report?.file.map(JSON.string)),
                    ("passphrase", report?.derivation.map { .string($0.words) }),
                    ("continued", report.map { .boolean($0.isContinued) }),
                    ("renewed", report.map { .integer($0.renewed) }),
                    ("damaged", report.map { .array($0.damaged.map(JSON.string)) })))
        }
        guard let report else {
            return try context.console.output("The vault is under the key in that file already: nothing to do.\n")
        }
        try show(report, context)
    }

    private func target(_ context: CommandContext) async throws -> RekeyTarget {
        if let newKey { return .file(context.located(file: newKey)) }
        if newPassphrase { return .passphrase(try await context.readNewPassphrase()) }
        guard let newPassphraseFile else { return .keyFile }
        return .passphrase(try context.readSecretFile(newPassphraseFile, code: "key.passphrase-file"))
    }

    private func show(_ report: RekeyReport, _ context: CommandContext) throws {
        if report.isContinued { context.console.remark("Went on with a change of the key that had been broken off.") }
        try context.console.output(
            "\(context.paths.vault) is sealed under the key \(report.key); \(counted(report.renewed, "value")) made anew.\n"
        )
        for line in report.damaged.prefix(20) {
            context.console.remark("Damaged before, and left as it was: \(line).")
        }
        if let derivation = report.derivation {
            context.console.remark(
                "Its key follows from the passphrase (\(derivation.words)). Nobody can open the vault without it. Where nobody can be asked, give it in MAILKEEL_VAULT_PASSPHRASE_FILE; `mailkeel token` works with a key in a file only. Backups from before need the former key."
            )
        } else if let newKey, let file = report.file {
            let how = report.madeFile ? "Made a new key at \(file). Back it up." : "The key is in \(file)."
            context.console.remark(
                "\(how) From now on it is the vault's: set MAILKEEL_VAULT_KEY_FILE to \(ShellWord(newKey)), or put its line where the key is taken from."
            )
        } else if let file = report.file {
            context.console.remark(
                "The new key is the first line of \(file): back that up. The former one stays below it; once no backup and no other vault needs it, remove its line."
            )
        }
    }
}

/// `mailkeel vault purge`
struct VaultPurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete grants that were retired a while ago. Refresh and apply do so too, after 30 days.",
        discussion: "Never one that an account uses, a candidate, or one that is still to be revoked at its provider.")

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("How long ago they must have been retired: 30d, 12h, 0d for all.", valueName: "age"),
        transform: Age.parse)
    var olderThan = Age(seconds: Vault.retention)

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        let seconds = olderThan.seconds
        let gone = try await context.reporting {
            try await context.vaultMaintenance("vault purge").purge(olderThan: seconds)
        }
        if global.json {
            return try context.console.output(
                .object([
                    .init("type", "vault_purge"), .init("grants", .array(gone.map { .string($0.text) })),
                ]))
        }
        try context.console.output(
            gone.isEmpty
                ? "No grant was retired that long ago: nothing was deleted.\n"
                : "Deleted \(counted(gone.count, "retired grant")) from \(context.paths.vault).\n")
    }
}

/// How long ago: `30d`, `12h`, `0d`.
struct Age: Sendable {
    let seconds: Int64

    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    static func parse(_ text: String) throws -> Age {
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (0...36_500).contains(number)
        else { throw ValidationError("an age is a number with its unit: 30d, 12h") }
        return Age(seconds: number * unit)
    }
}

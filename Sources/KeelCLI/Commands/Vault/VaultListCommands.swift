import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState
import KeelVault

/// `mailkeel vault list`
struct VaultListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the secrets in the vault: names and times, never what they hold.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let context = try CommandContext(global)
        let found = try await context.reporting { try await context.namedSecrets.list() }
        guard let secrets = found else {
            return context.console.remark(
                "There is no vault at \(context.paths.vault) yet; mailkeel vault set makes it.")
        }
        if global.json {
            let objects = secrets.map { secret in
                JSON.object([
                    .init("name", .string(secret.name)), .init("revision", .integer(secret.revision)),
                    .init("updated", .string(secret.updated.description)),
                ])
            }
            return try context.console.output(lines: objects)
        }
        guard !secrets.isEmpty else {
            return context.console.remark("The vault at \(context.paths.vault) holds no secret.")
        }
        try context.console.output(NamedSecretTable.text(secrets, context.console.outputStyle))
    }
}

/// `mailkeel vault unset`
struct VaultUnsetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset", abstract: "Remove a secret from the vault. Refused while what was applied needs it.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Also if a committed profile or account needs it.")
    var force = false

    @Argument(help: ArgumentHelp("The name of the secret.", valueName: "name"))
    var name: String

    func run() async throws {
        let context = try CommandContext(global)
        let isRemoved = try await context.reporting {
            let users = try NamedSecrets.users(of: name, in: try context.readState().document)
            return try await context.namedSecrets.unset(name, usedBy: users, force: force)
        }
        if global.json {
            return try context.console.output(
                .object([
                    .init("type", "vault_unset"), .init("name", .string(name)), .init("removed", .boolean(isRemoved)),
                ]))
        }
        let shown = ForeignText(name)
        try context.console.output(
            isRemoved
                ? "Removed \(shown) from \(context.paths.vault).\n"
                : "The vault at \(context.paths.vault) holds no secret \(shown): nothing to remove.\n")
    }
}

import ArgumentParser

/// `mailkeel vault`
struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "Keep secrets in the vault, for manifests that say fromVault.",
        subcommands: [VaultSetCommand.self, VaultListCommand.self, VaultUnsetCommand.self])
}

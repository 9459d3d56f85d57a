import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelVault

/// `mailkeel token`
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract:
            "Print a fresh access token of an account, for a mail client's password command. Reads the vault only.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The account, as EmailAccount/NAME or NAME.")
    var account: String

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        let address = try context.address(account)
        let handout = try await context.withPorts { ports in
            try await context.reporting {
                let accessor = VaultAccessor(paths: context.paths, files: context.files, time: context.time)
                try await accessor.requireNoPassphrase(for: "token")
                let vault = try await accessor.open()
                let grants = GrantTokens(
                    paths: context.paths, ports: ports, secrets: context.secrets,
                    explanation: FailureExplanation(ofService: { _ in true }))
                let handout = try await grants.accessToken(of: address, in: vault, actor: context.who)
                await vault.close()
                return handout
            }
        }
        for remark in handout.remarks { context.console.remark(remark) }
        let token = handout.token
        // The one command whose data is a secret: a user asked for it.
        if global.json {
            try context.console.output(
                .object([
                    .init("type", "token"), .init("address", .string(address.description)),
                    .init("accessToken", .string(token.revealText())),
                ]))
        } else {
            try context.console.output(token.revealText() + "\n")
        }
    }
}

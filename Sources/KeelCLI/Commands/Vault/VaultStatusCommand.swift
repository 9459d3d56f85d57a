import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelVault

/// `mailkeel vault status`
struct VaultStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is in the vault and how it is doing. Needs no key and writes nothing.",
        discussion: "With --verify it opens every sealed value with the key; the exit code is 1 if one was changed.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Open every sealed value and check every code and the audit. Needs the key.")
    var verify = false

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        let verifies = verify
        let found = try await context.reporting {
            try await context.vaultMaintenance("vault status").status(verifying: verifies)
        }
        guard let status = found else {
            return context.console.remark("There is no vault at \(context.paths.vault) yet.")
        }
        if global.json {
            try context.console.output(status.json)
        } else {
            try context.console.output(VaultStatusText(status, context.console.outputStyle).text)
        }
        guard status.verification?.findings.isEmpty ?? true else { throw ExitStatus.failed.exit }
    }
}

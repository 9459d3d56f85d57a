import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState
import KeelSystem
import KeelVault

/// `mailkeel vault set`
struct VaultSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Seal a secret in the vault under a name, or replace the one there.",
        discussion: """
            The secret comes from standard input, from a file, or on a terminal from a prompt that does not show it; one line end \
            after it is dropped. A manifest takes it by `{ fromVault: NAME }`. The vault and its key are made where there is none.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("Read the secret from this file, which must be yours alone (mode 0600).", valueName: "file"))
    var fromFile: String?

    @Argument(help: ArgumentHelp("The name by which manifests call it.", valueName: "name"))
    var name: String

    func run() async throws {
        let context = try CommandContext(global)
        let secret = try await read(context)
        var findings: [String] = []
        let (sealed, users) = try await context.reporting {
            let users = try NamedSecrets.users(of: name, in: try context.readState().document)
            return (try await context.namedSecrets.set(secret, named: name, &findings), users)
        }
        if global.json {
            return try context.console.output(
                .present(
                    ("type", "vault_set"), ("name", .string(sealed.name)), ("revision", .integer(sealed.revision)),
                    ("updated", .string(sealed.updated.description)),
                    ("usedBy", .array(users.map { .string($0.description) })),
                    ("findings", .array(findings.map(JSON.string)))))
        }
        for finding in findings { context.console.remark(finding) }
        let place = context.paths.vault
        guard sealed.revision > 1 else {
            try context.console.output("Sealed \(sealed.name) in \(place).\n")
            return context.console.remark("A manifest takes it by { fromVault: \(sealed.name) }.")
        }
        try context.console.output("Replaced \(sealed.name) in \(place); it has revision \(sealed.revision) now.\n")
        guard !users.isEmpty else { return }
        context.console.remark(
            "\(NamedSecrets.words(users)): accounts keep the tokens that they have, and the next renewal takes the new secret. Change version beside fromVault in the manifest: then the plan shows it, and apply proves it."
        )
    }

    // MARK: The secret

    private func read(_ context: CommandContext) async throws -> Secret {
        if let fromFile { return try context.readSecretFile(fromFile, code: "vault.secret-file") }
        return try await context.readSecret(asking: "Secret \(ForeignText(name))")
    }
}

extension CommandContext {
    /// A secret in a file that the command line names.
    func readSecretFile(_ file: String, code: String) throws -> Secret {
        do throws(SecretFileFailure) {
            return try SecretFile.read(located(file: file))
        } catch {
            try fail(
                Diagnostic(
                    .error, code, error.description, help: "name a file that holds the secret alone",
                    responsible: .operatorHere))
        }
    }

    /// The secrets in the project's vault.
    var namedSecrets: NamedSecrets { NamedSecrets(paths: paths, files: files, time: time, actor: who) }
}

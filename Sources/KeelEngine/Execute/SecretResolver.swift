import KeelBase
import KeelDiagnostics
import KeelSystem
import KeelVault

/// Reads secrets from where manifests say they are. One belongs to one run: what a command gave counts to its end.
package struct SecretResolver: Sendable {
    private let environment: ProcessEnvironment
    private let commands: SecretCommands
    private let place: ProjectPlace
    private let located: @Sendable (String) -> String

    /// `located` turns a path that is relative to the project's directory into one that this process can open.
    package init(
        environment: ProcessEnvironment, processes: any ProcessRunner, place: ProjectPlace,
        located: @escaping @Sendable (String) -> String
    ) {
        self.environment = environment
        commands = SecretCommands(processes, environment: environment.variables, directory: place.directory)
        self.place = place
        self.located = located
    }

    /// The secret; `vault` is the open one, where there is one.
    package func resolve(_ source: SecretSource, in vault: Vault?) async throws(SecretFailure) -> Secret {
        switch source.location {
        case .environment(let name):
            guard let secret = environment.secret(name) else {
                throw SecretFailure(
                    code: .variableNotSet, reason: "the environment variable \(ForeignText(name)) is not set",
                    remedy: "export it for this command, or store it in your CI's secret settings")
            }
            guard !secret.isEmpty else {
                throw SecretFailure(
                    code: .empty, reason: "the environment variable \(ForeignText(name)) is empty",
                    remedy: "set it to the secret; in CI, check that the job may see it")
            }
            return secret
        case .file(let path):
            do throws(SecretFileFailure) {
                return try SecretFile.read(located(path))
            } catch {
                throw SecretFailure(error)
            }
        case .command(let words): return try await commands.secret(words)
        case .vault(let name): return try await secret(named: name, in: vault)
        }
    }

    /// The credentials of a profile's client, all of them or the first that is missing.
    package func credentials(
        _ sources: [CredentialField: SecretSource], in vault: Vault?, of profile: ResourceAddress,
        _ explanation: FailureExplanation
    ) async throws(StepFailure) -> ClientCredentials {
        var secrets: [CredentialField: Secret] = [:]
        for (field, source) in sources.sorted(by: { $0.key < $1.key }) {
            do throws(SecretFailure) {
                secrets[field] = try await resolve(source, in: vault)
            } catch {
                throw StepFailure(explanation.secretMissing(error, profile, field: field.rawValue))
            }
        }
        return ClientCredentials(secrets)
    }

    private func secret(named name: String, in vault: Vault?) async throws(SecretFailure) -> Secret {
        let command = ProjectCommand(["vault", "set", name], in: place)
        guard let vault else {
            throw SecretFailure(
                code: .notInVault, reason: "there is no vault, so it holds no secret \(ForeignText(name))",
                remedy: "`\(command)` makes it and asks for the secret")
        }
        let known: [String]
        do throws(VaultFailure) {
            if let secret = try await vault.secret(named: name) { return secret }
            known = try await vault.secrets().map(\.name)
        } catch {
            throw SecretFailure(
                code: .vaultUnusable, reason: error.description,
                remedy: VaultRemedy(place: place)(error) ?? "look at the vault at \(vault.path)")
        }
        let near = Suggestion.nearest(to: name, among: known).map { "did you mean \(ForeignText($0))? Else " } ?? ""
        throw SecretFailure(
            code: .notInVault, reason: "the vault holds no secret \(ForeignText(name))",
            remedy: "\(near)`\(command)` asks for it")
    }
}

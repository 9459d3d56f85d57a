import KeelBase
import KeelModel
import KeelState
import KeelSystem

/// Where everything of a project stands on this machine.
package struct ProjectPaths: Sendable {
    /// The directory with the manifests.
    package let directory: String
    /// The environment, if the project has any.
    package let selected: String?
    /// The directory in which Mailkeel keeps what is nowhere else, `.mailkeel`.
    package let hidden: String
    package let state: StatePaths
    package let vault: String
    /// What was approved and waits for a person.
    package let pending: String
    /// The directory of what was said in tests, for accounts that say `debug: true`.
    package let transcripts: String
    /// The file with the vault's key, where it is from a file.
    package let vaultKey: String
    package let vaultKeySource: KeySource
    /// Whether a variable says where the vault's key is.
    let namesVaultKey: Bool
    /// The passphrase that the vault's key may follow from instead.
    package let passphrase: VaultPassphrase
    /// The key under which fingerprints of secrets are made; not the vault's.
    package let projectKey: String
    package let projectKeySource: KeySource

    /// The hidden directory beside the manifests that holds state and vault.
    package static let hiddenDirectory = ".mailkeel"

    /// The paths of the project in `directory`. Keys stand outside of it, where no version control tracks them.
    ///
    /// `selected` is the environment that `--env` names: it has a state, a vault and pending work of its own. The keys are the
    /// user's, for all projects and environments.
    ///
    /// Variables: `MAILKEEL_VAULT_KEY_FILE`, `MAILKEEL_VAULT_KEY` and `MAILKEEL_VAULT_KEY_COMMAND`, and the same with
    /// `PROJECT`; and those of `passphrase`, nil for one that nobody is asked for.
    package init(
        directory: String, selected: DeclaredEnvironment? = nil, environment: ProcessEnvironment, configuration: String,
        passphrase: VaultPassphrase? = nil
    ) {
        self.directory = directory
        self.selected = selected?.name.value
        let hidden = Self.join(directory, Self.hiddenDirectory)
        self.hidden = hidden
        if let selected {
            state = StatePaths(state: Self.join(directory, selected.statePath))
            vault = Self.join(directory, selected.vaultPath)
            pending = "\(hidden)/\(selected.name.value)/pending.json"
            transcripts = "\(hidden)/\(selected.name.value)/transcripts"
        } else {
            state = StatePaths(state: "\(hidden)/state.json")
            vault = "\(hidden)/vault.db"
            pending = "\(hidden)/pending.json"
            transcripts = "\(hidden)/transcripts"
        }
        vaultKey = environment.nonEmpty("MAILKEEL_VAULT_KEY_FILE") ?? "\(configuration)/mailkeel/vault.key"
        vaultKeySource = KeySource("MAILKEEL_VAULT_KEY", in: environment, otherwise: vaultKey)
        namesVaultKey = KeySource.isNamed("MAILKEEL_VAULT_KEY", in: environment)
        self.passphrase = passphrase ?? VaultPassphrase(environment)
        projectKey = environment.nonEmpty("MAILKEEL_PROJECT_KEY_FILE") ?? "\(configuration)/mailkeel/project.key"
        projectKeySource = KeySource("MAILKEEL_PROJECT_KEY", in: environment, otherwise: projectKey)
    }

    /// For commands that are to be copied from the screen.
    package var place: ProjectPlace { ProjectPlace(directory, environment: selected) }

    /// A path that is relative to the project, as seen from this process.
    package func located(_ path: String) -> String { Self.join(directory, path) }

    /// Trust as a manifest names it, as seen from this process.
    package func located(_ trust: Trust) -> Trust { Trust(caFile: trust.caFile.map(located), pin: trust.pin) }

    static func join(_ directory: String, _ path: String) -> String {
        if path.hasPrefix("/") || directory == "." || directory.isEmpty { return path }
        return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }
}

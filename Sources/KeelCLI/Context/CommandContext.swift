import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelNet
import KeelPlan
import KeelSystem
import Synchronization

/// Everything that a command reaches the world through: put together here and nowhere else.
struct CommandContext: Sendable {
    /// What goes around the ports over the network; set once, before a command runs. (A task-local of a function type
    /// crashes optimised builds of Swift 6.3.)
    static let wrapping = Mutex<@Sendable (EnginePorts) -> EnginePorts>({ $0 })

    let console: Console
    let environment: ProcessEnvironment
    let files: any FileStore
    let time: any TimeSource
    /// What the command line and the process say about values of variables.
    let choices: ProjectChoices
    /// The directory that `--chdir` names.
    let chdir: String?
    private(set) var paths: ProjectPaths
    /// The project's directory and file; nil for a command that works in no project.
    private(set) var head: ProjectHead?
    /// The environment that the command works in, if the project has any.
    private(set) var selected: DeclaredEnvironment?
    /// Where the user's own files are.
    private let configuration: String
    private let passphrase: VaultPassphrase

    /// For a command that works in the project: in one of its environments, if it has any.
    ///
    /// `readsManifests`: whether a directory is a project if it holds nothing of one but manifests.
    init(_ options: GlobalOptions, _ variables: VariableOptions? = nil, readsManifests: Bool = true) throws {
        self.init(unselected: options, variables, readsManifests: readsManifests)
        guard let head else { return }
        if head.hasErrors { try conclude(DiagnosticReport(head.diagnostics), head.sources) }
        do throws(EngineFailure) {
            select(try head.environment(options.env))
        } catch {
            try console.show(error.diagnostics, sources: head.sources)
            throw ExitStatus.failed.exit
        }
    }

    /// For a command that looks at the project, whichever of its environments is meant.
    init(unselected options: GlobalOptions, _ variables: VariableOptions? = nil, readsManifests: Bool = true) {
        self.init(withoutProject: options, variables)
        let directory = ProjectDirectory(
            chdir: chdir, variable: environment.nonEmpty("MAILKEEL_PROJECT"),
            system: "\(UserDirectories.systemConfiguration)/mailkeel", readsManifests: readsManifests, files: files)
        if directory.isSystems, !console.isJSON {
            console.remark("Working in the project of this machine, \(directory.path).")
        }
        head = ProjectHead(directory.path, files: files)
        paths = ProjectPaths(
            directory: directory.path, environment: environment, configuration: configuration, passphrase: passphrase)
    }

    /// For a command that works in no project.
    init(withoutProject options: GlobalOptions, _ variables: VariableOptions? = nil) {
        let environment = ProcessEnvironment.current()
        let chdir = options.chdir
        self.environment = environment
        self.chdir = chdir
        console = Console(environment: environment, noColor: options.noColor, json: options.json)
        files = SystemFileStore()
        time = SystemTimeSource()
        choices = ProjectChoices(
            process: environment,
            variableFiles: (variables?.files ?? []).map { .init(name: $0, path: Self.located($0, from: chdir)) },
            assignments: variables?.assignments ?? [])
        configuration = UserDirectories(environment).configuration ?? UserDirectories.systemConfiguration
        passphrase = VaultPassphrase(environment, ask: Self.askingPassphrase(environment))
        paths = ProjectPaths(
            directory: chdir ?? environment.nonEmpty("MAILKEEL_PROJECT") ?? ".", environment: environment,
            configuration: configuration, passphrase: passphrase)
    }

    private mutating func select(_ declared: DeclaredEnvironment?) {
        selected = declared
        paths = ProjectPaths(
            directory: paths.directory, selected: declared, environment: environment, configuration: configuration,
            passphrase: passphrase)
    }

    /// Secrets as manifests name them.
    var secrets: SecretResolver {
        let paths = paths
        return SecretResolver(
            environment: environment, processes: SystemProcessRunner(), place: paths.place
        ) { paths.located($0) }
    }

    /// Gives `body` the ports over the network, and closes them after it.
    func withPorts<Result>(_ body: (EnginePorts) async throws -> Result) async throws -> Result {
        let roots = TrustRoots(
            systemCAFile: environment.nonEmpty("SSL_CERT_FILE"),
            additionalCAFile: environment.nonEmpty("MAILKEEL_CA_FILE"))
        let transport = NetworkHTTPTransport(
            roots: roots, proxies: ProxyRules { environment.secret($0) }, version: MailkeelVersion.current)
        let dialer = NetworkDialer(roots: roots, proxies: .mail { environment.secret($0) })
        let ports = EnginePorts(files: files, time: time, transport: transport, dialer: dialer)
        do {
            let result = try await body(Self.wrapping.withLock { $0 }(ports))
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// What can keep records besides this machine, as planning sees it, which contacts nobody.
    var keepers: [any Keeper] {
        let ports = EnginePorts(files: files, time: time, transport: Unplugged(), dialer: Unplugged())
        return Self.wrapping.withLock { $0 }(ports).keepers.map(\.keeper)
    }

    /// Asks for the vault's passphrase, if it has one: before the work begins that must not wait for a person.
    func preparePassphrase() async throws {
        try await reporting {
            try await VaultAccessor(paths: paths, files: files, time: time).preparePassphrase()
        }
    }

    /// A file that the command line names: as in Terraform, relative to `--chdir`.
    func located(file: String) -> String { Self.located(file, from: chdir) }

    private static func located(_ file: String, from directory: String?) -> String {
        guard let directory, !file.hasPrefix("/") else { return file }
        return directory.hasSuffix("/") ? directory + file : "\(directory)/\(file)"
    }

    /// A command of Mailkeel for this project, to be copied from the screen.
    func commandLine(_ words: String...) -> String { commandLine(words) }

    func commandLine(_ words: [String]) -> String {
        let project = chdir.map { ["--chdir", $0] } ?? []
        let environment = selected.map { ["--env", $0.name.value] } ?? []
        return (["mailkeel"] + words + project + environment).map { ShellWord($0).description }.joined(separator: " ")
    }

    /// How a run names itself in lock records, in the state and in the audit.
    func runOptions(_ operation: String) -> RunOptions {
        RunOptions(
            operation: operation, who: who, version: MailkeelVersion.current,
            info: RunInfo.text(environment, process: HostIdentity.processID))
    }

    /// Who runs this, for lock records.
    var who: String {
        let user =
            environment.nonEmpty("USER") ?? environment.nonEmpty("LOGNAME") ?? HostIdentity.userName
            ?? "user \(HostIdentity.userID)"
        return "\(user)@\(HostIdentity.hostName)"
    }
}

import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
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
    let paths: ProjectPaths
    /// The directory that `--chdir` names.
    let chdir: String?

    init(_ options: GlobalOptions) {
        let environment = ProcessEnvironment.current()
        self.environment = environment
        console = Console(environment: environment, noColor: options.noColor, json: options.json)
        files = SystemFileStore()
        time = SystemTimeSource()
        chdir = options.chdir
        let directories = UserDirectories(environment)
        paths = ProjectPaths(
            directory: options.chdir ?? environment.nonEmpty("MAILKEEL_PROJECT") ?? ".", environment: environment,
            configuration: directories.configuration ?? UserDirectories.systemConfiguration)
    }

    /// Secrets as manifests name them.
    var secrets: SecretResolver {
        let paths = paths
        return SecretResolver(
            environment: environment, processes: SystemProcessRunner(), directory: paths.directory
        ) { paths.located($0) }
    }

    /// Gives `body` the ports over the network, and closes them after it.
    func withPorts<Result>(_ body: (EnginePorts) async throws -> Result) async throws -> Result {
        let roots = TrustRoots(
            systemCAFile: environment.nonEmpty("SSL_CERT_FILE"),
            additionalCAFile: environment.nonEmpty("MAILKEEL_CA_FILE"))
        let transport = NetworkHTTPTransport(roots: roots, version: MailkeelVersion.current)
        let ports = EnginePorts(files: files, time: time, transport: transport, dialer: NetworkDialer(roots: roots))
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

    /// A file that the command line names: as in Terraform, relative to `--chdir`.
    func located(file: String) -> String {
        guard let chdir, !file.hasPrefix("/") else { return file }
        return chdir.hasSuffix("/") ? chdir + file : "\(chdir)/\(file)"
    }

    /// A command of Mailkeel for this project, to be copied from the screen.
    func commandLine(_ words: String...) -> String {
        let project = chdir.map { ["--chdir", $0] } ?? []
        return (["mailkeel"] + words + project).map { ShellWord($0).description }.joined(separator: " ")
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

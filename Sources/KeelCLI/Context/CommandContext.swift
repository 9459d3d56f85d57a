import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelNet
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

    init(_ options: GlobalOptions) {
        let environment = ProcessEnvironment.current()
        self.environment = environment
        console = Console(environment: environment, noColor: options.noColor, json: options.json)
        files = SystemFileStore()
        time = SystemTimeSource()
        let directories = UserDirectories(environment)
        paths = ProjectPaths(
            directory: options.chdir ?? environment.nonEmpty("MAILKEEL_PROJECT") ?? ".", environment: environment,
            configuration: directories.configuration ?? UserDirectories.systemConfiguration)
    }

    /// Secrets as manifests name them.
    var secrets: SecretResolver {
        let paths = paths
        return SecretResolver(environment: environment) { paths.located($0) }
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

    /// Who runs this, for lock records.
    var who: String {
        let user = environment.nonEmpty("USER") ?? environment.nonEmpty("LOGNAME") ?? "user \(HostIdentity.userID)"
        return "\(user)@\(HostIdentity.hostName)"
    }
}

import KeelBase
import KeelCrypto
import KeelHTTPServer
import KeelNet
import Synchronization

/// An OAuth provider and mail servers on loopback, which trust each other and nobody else.
package final class Sandbox: Sendable {
    package let providerEndpoint: HostPort
    /// The issuer identifier, such as `https://127.0.0.1:8443`.
    package let issuer: String
    /// The certificate authority that clients must trust, as PEM; a new one in each run.
    package let authorityPEM: String
    /// The registered application that may open the example's mailboxes.
    package let client: SandboxClient
    /// What runs where and what to type next, for people, one line each.
    package let summary: [String]

    /// Nil when the order was that nothing listens.
    private let providerServer: LoopbackHTTPServer?
    private let heldPort: HeldPort?
    private let mailServers: [MailPlace: StreamListener]
    private let provider: Provider
    private let log: SandboxLog
    private let logFile: (any AppendingFile)?
    private let isStopped = Mutex(false)

    private init(_ servers: Servers, _ parts: Parts, _ options: SandboxOptions) {
        providerEndpoint = servers.providerEndpoint
        issuer = parts.provider.issuer
        authorityPEM = parts.certificates.authorityPEM
        client = parts.client
        summary = SandboxSummary.lines(
            issuer: issuer, mail: servers.mail.mapValues(\.endpoint), password: parts.shownPassword, options: options,
            logPath: parts.logPath)
        providerServer = servers.provider
        heldPort = servers.heldPort
        mailServers = servers.mail
        provider = parts.provider
        log = parts.log
        logFile = parts.logFile
    }

    /// Where a mail server listens.
    package func endpoint(_ service: MailProtocol, _ security: ConnectionSecurity) -> HostPort {
        mailServers[MailPlace(service, security)]?.endpoint ?? HostPort(host: "", port: 0)
    }

    /// Starts all servers, and writes the example project if a directory is given.
    ///
    /// Throws `SandboxFailure`; nothing runs then.
    package static func start(
        _ options: SandboxOptions, files: any FileStore, time: any TimeSource
    ) async throws(SandboxFailure) -> Sandbox {
        let options = try options.reading(files)
        if let name = options.approvesAs, UserDirectory(users: options.users).user(name) == nil {
            throw .unknownUser(name)
        }
        let project = options.directory.map {
            ExampleProject(
                directory: $0, hasPeople: options.hasPeople, hasAllProtocols: options.hasAllProtocols, files: files)
        }
        let parts = try Parts(options, project, files, time)
        let servers = try await Servers(parts, options)
        do throws(SandboxFailure) {
            try project?.write(
                ExampleProject.Setting(
                    issuer: parts.provider.issuer, mail: servers.mail.mapValues(\.endpoint),
                    authorityPEM: parts.certificates.authorityPEM))
        } catch {
            await servers.stop()
            parts.logFile?.close()
            throw error
        }
        parts.log.record(SandboxEvent(.started))
        return Sandbox(servers, parts, options)
    }

    /// Orders a fault while the sandbox runs; throws if it must be ordered at the start.
    package func order(_ order: FaultOrder) throws(FaultOrderFailure) { try provider.faults.add(order) }

    /// Calls all faults off that were ordered for running servers.
    package func calm() { provider.faults.clear() }

    /// How often each event happened so far, as `SandboxLog.counts`.
    package var counts: [String: Int] { log.counts }

    /// The provider alone, without a server: a request in, a response out. It says that it is `https` at `endpoint`, and knows
    /// the options' clients.
    package static func provider(
        _ options: SandboxOptions, at endpoint: HostPort, time: any TimeSource, log: SandboxLog
    ) -> any HTTPHandler {
        let provider = Provider(options, clients: options.clients, time: time, log: log)
        provider.listens(at: endpoint)
        return provider
    }

    /// Stops all servers and closes the log; returns when nothing runs any more. A second call does nothing.
    package func stop() async {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        for server in mailServers.values { await server.stop() }
        await providerServer?.stop()
        log.record(SandboxEvent(.stopped))
        logFile?.close()
    }
}

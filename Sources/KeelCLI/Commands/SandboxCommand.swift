import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelSandbox
import KeelSystem

/// `mailkeel sandbox`
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run an OAuth provider and mail servers on loopback, with an example project to try everything on.",
        discussion: "It stops at Ctrl-C. The log names every token and every login, and holds no secret.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Where to write the example project.")
    var directory = "mailkeel-sandbox"

    @OptionGroup var ports: SandboxPortOptions

    @OptionGroup var provider: SandboxProviderOptions

    @Flag(help: "Write people.yaml as well: accounts that need a person's consent.")
    var withPeople = false

    @Flag(help: "Write protocols.yaml as well: accounts for SMTP and POP3, and one with a password.")
    var allProtocols = false

    @Option(
        help: ArgumentHelp(
            "A mishap to order, as name, name=value, or with :times behind; may be given more than once.",
            valueName: "order"),
        transform: { try FaultOrder(parsing: $0) })
    var fault: [FaultOrder] = []

    func run() async throws {
        let context = CommandContext(withoutProject: global)
        // Before the servers start, so that no signal finds them unwatched.
        guard let watcher = SignalWatcher() else {
            try context.fail(.error("sandbox.signals", "signals cannot be watched"))
        }
        let sandbox = try await start(context)
        try announce(sandbox, context.console)
        for await _ in watcher.signals { break }
        await sandbox.stop()
        watcher.stop()
        if !global.json { context.console.remark("The sandbox has stopped.") }
    }

    /// Starts on the first set of ports that can be had.
    private func start(_ context: CommandContext) async throws -> Sandbox {
        var options = provider.options { WorkingDirectory.absolute(context.paths.located($0)) }
        options.directory = WorkingDirectory.absolute(context.paths.located(directory))
        options.hasPeople = withPeople
        options.hasAllProtocols = allProtocols
        options.faults = fault
        let attempts = ports.attempts
        for (index, attempt) in attempts.enumerated() {
            options.oauthPort = attempt.oauth
            options.mailPorts = attempt.mail
            do {
                return try await Sandbox.start(options, files: context.files, time: context.time)
            } catch {
                if index < attempts.count - 1, error.isPortTaken { continue }
                try context.fail(.error(error.code, error.description))
            }
        }
        throw ExitStatus.failed.exit
    }

    private func announce(_ sandbox: Sandbox, _ console: Console) throws {
        guard console.isJSON else {
            return try console.output(sandbox.summary.joined(separator: "\n") + "\n\nCtrl-C stops it.\n")
        }
        let servers = MailPlace.allCases.map { place in
            JSON.Member(
                place.service.rawValue + (place.security == .tls ? "" : "_starttls"),
                .string(sandbox.endpoint(place.service, place.security).description))
        }
        try console.output(
            .object(
                [.init("type", "sandbox"), .init("issuer", .string(sandbox.issuer))] + servers
                    + [.init("directory", .string(directory))]))
    }
}

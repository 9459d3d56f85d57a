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
        abstract: "Run an OAuth provider and an IMAP server on loopback, with an example project to try everything on.",
        discussion: "It stops at Ctrl-C. The log names every token and every login, and holds no secret.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Where to write the example project.")
    var directory = "mailkeel-sandbox"

    @Option(help: "The port of the OAuth provider; 0 for any free one. 18443 if that is free.")
    var oauthPort: Int?

    @Option(help: "The port of the IMAP server; 0 for any free one. 18993 if that is free.")
    var imapPort: Int?

    @OptionGroup var provider: SandboxProviderOptions

    @Flag(help: "Write people.yaml as well: accounts that need a person's consent.")
    var withPeople = false

    @Option(
        help: ArgumentHelp(
            "A mishap to order, as name, name=value, or with :times behind; may be given more than once.",
            valueName: "order"),
        transform: { try FaultOrder(parsing: $0) })
    var fault: [FaultOrder] = []

    func validate() throws {
        for port in [oauthPort, imapPort].compactMap({ $0 }) where !(0...65535).contains(port) {
            throw ValidationError("a port is a number from 0 to 65535")
        }
    }

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

    /// Starts on the usual ports, so that a project goes on working after a restart; on any free ones if those are taken.
    private func start(_ context: CommandContext) async throws -> Sandbox {
        var options = provider.options { WorkingDirectory.absolute(context.paths.located($0)) }
        options.directory = WorkingDirectory.absolute(context.paths.located(directory))
        options.hasPeople = withPeople
        options.faults = fault
        for (oauth, imap) in [(18443, 18993), (0, 0)] {
            options.oauthPort = oauthPort ?? oauth
            options.imapPort = imapPort ?? imap
            do {
                return try await Sandbox.start(options, files: context.files, time: context.time)
            } catch {
                if oauth != 0, oauthPort == nil || imapPort == nil, error.isPortTaken { continue }
                try context.fail(.error(error.code, error.description))
            }
        }
        throw ExitStatus.failed.exit
    }

    private func announce(_ sandbox: Sandbox, _ console: Console) throws {
        guard console.isJSON else {
            return try console.output(sandbox.summary.joined(separator: "\n") + "\n\nCtrl-C stops it.\n")
        }
        try console.output(
            .object([
                .init("type", "sandbox"), .init("issuer", .string(sandbox.issuer)),
                .init("imap", .string(sandbox.imapEndpoint.description)), .init("directory", .string(directory)),
            ]))
    }
}

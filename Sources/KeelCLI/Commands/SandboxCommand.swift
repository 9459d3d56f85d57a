import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelSandbox
import KeelSystem

extension SandboxFault: ExpressibleByArgument {}

/// `mailkeel sandbox`
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run an OAuth provider and an IMAP server on loopback, with an example project to try everything on.",
        discussion: "It stops at Ctrl-C. The log names every token and every login, and holds no secret.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Where to write the example project.")
    var directory = "mailkeel-sandbox"

    @Option(help: "The port of the OAuth provider; 0 for any free one.")
    var oauthPort = 0

    @Option(help: "The port of the IMAP server; 0 for any free one.")
    var imapPort = 0

    @Option(help: "How long access tokens live, in seconds.")
    var tokenLifetime = 3600

    @Option(help: ArgumentHelp("A mishap to order; may be given more than once.", valueName: "name"))
    var fault: [SandboxFault] = []

    func validate() throws {
        for port in [oauthPort, imapPort] where !(0...65535).contains(port) {
            throw ValidationError("a port is a number from 0 to 65535")
        }
        guard tokenLifetime > 0 else { throw ValidationError("--token-lifetime must be positive") }
    }

    func run() async throws {
        let context = CommandContext(global)
        // Before the servers start, so that no signal finds them unwatched.
        guard let watcher = SignalWatcher() else {
            try context.fail(.error("sandbox.signals", "signals cannot be watched"))
        }
        let sandbox: Sandbox
        do {
            sandbox = try await Sandbox.start(options(context), files: context.files, time: context.time)
        } catch {
            try context.fail(.error("sandbox.start", error.description))
        }
        try announce(sandbox, context.console)
        for await _ in watcher.signals { break }
        await sandbox.stop()
        watcher.stop()
        if !global.json { context.console.remark("The sandbox has stopped.") }
    }

    private func options(_ context: CommandContext) -> SandboxOptions {
        var options = SandboxOptions()
        options.directory = context.paths.located(directory)
        options.oauthPort = oauthPort
        options.imapPort = imapPort
        options.tokenLifetime = tokenLifetime
        options.faults = Set(fault)
        return options
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

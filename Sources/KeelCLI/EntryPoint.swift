import ArgumentParser
import KeelBase
import KeelEngine
import KeelSystem
import Synchronization

/// The program's face, as the executable calls it.
package enum EntryPoint {
    /// Runs the command that the arguments name, and ends the process with its exit code.
    ///
    /// `wrapping` goes around the ports over the network; tests put listeners there.
    package static func main(
        _ arguments: [String], wrapping: @escaping @Sendable (EnginePorts) -> EnginePorts = { $0 }
    ) async -> Never {
        SignalWatcher.surviveBrokenPipes()
        CoreDumps.turnOff()
        do {
            let arguments = TerraformSpelling.normalized(arguments)
            let refusal = TerraformSpelling.refusal(of: arguments) ?? CommandSpelling.refusal(of: arguments)
            if let refusal { throw ValidationError(refusal) }
            var command = try Mailkeel.parseAsRoot(arguments)
            CommandContext.wrapping.withLock { $0 = wrapping }
            do {
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch let error as ValidationError {
                refuse(error, by: type(of: command))
            }
        } catch {
            leave(error)
        }
        Mailkeel.exit()
    }

    /// Ends the process for arguments that a command could not use once it ran. The parser would name the help of the program
    /// instead of the command's.
    private static func refuse(_ error: ValidationError, by command: any ParsableCommand.Type) -> Never {
        let usage = Mailkeel.usageString(for: command)
        let name = usage.split(separator: " ").prefix { !$0.hasPrefix("[") && !$0.hasPrefix("<") && !$0.hasPrefix("-") }
        StandardStream.error.write(
            "Error: \(error.message)\nUsage: \(usage)\n  See '\(name.joined(separator: " ")) --help' for more information.\n"
        )
        Mailkeel.exit(withError: ExitCode.validationFailure)
    }

    /// Ends the process as the error asks. Help and versions are data that may meet a full disk.
    private static func leave(_ error: any Error) -> Never {
        let text = Mailkeel.fullMessage(for: error)
        guard Mailkeel.exitCode(for: error).isSuccess, !text.isEmpty else { Mailkeel.exit(withError: error) }
        if case .failed(let reason) = StandardStream.output.write(text + "\n") {
            StandardStream.error.write("standard output: \(reason)\n")
            Mailkeel.exit(withError: ExitStatus.failed.exit)
        }
        Mailkeel.exit()
    }
}

/// The root command.
struct Mailkeel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mailkeel",
        abstract: "Keeps mail accounts and their OAuth 2.0 grants exactly as YAML manifests say, and proves it.",
        discussion: """
            Start with `mailkeel sandbox`, which makes an OAuth provider, a mail server and an example project on this machine.
            """,
        version: "mailkeel \(MailkeelVersion.current)",
        subcommands: [
            InitCommand.self, ValidateCommand.self, FmtCommand.self, PlanCommand.self, ApplyCommand.self,
            DestroyCommand.self, TestCommand.self,
            AuthorizeCommand.self, TokenCommand.self, RefreshCommand.self, ShowCommand.self, StateCommand.self,
            UnlockCommand.self, GraphCommand.self,
            SchemaCommand.self, ExplainCommand.self, ProvidersCommand.self,
            VaultCommand.self,
            SandboxCommand.self,
        ])
}

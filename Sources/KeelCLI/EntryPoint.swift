import ArgumentParser
import KeelBase
import KeelSystem

/// The program's face, as the executable calls it.
package enum EntryPoint {
    /// Runs the command that the arguments name, and ends the process with its exit code.
    package static func main(_ arguments: [String]) async -> Never {
        SignalWatcher.surviveBrokenPipes()
        do {
            var command = try Mailkeel.parseAsRoot(OneDash.normalized(arguments))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Mailkeel.exit(withError: error)
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
            ValidateCommand.self, PlanCommand.self, ApplyCommand.self, DestroyCommand.self, TestCommand.self,
            TokenCommand.self, ShowCommand.self, StateCommand.self, SchemaCommand.self, SandboxCommand.self,
        ])
}

/// Terraform writes long options with one dash, and fingers remember.
enum OneDash {
    private static let options = [
        "auto-approve", "chdir", "detailed-exitcode", "help", "json", "no-color", "parallelism", "replace", "version",
    ]

    static func normalized(_ arguments: [String]) -> [String] {
        arguments.map { argument in
            guard argument.hasPrefix("-"), !argument.hasPrefix("--") else { return argument }
            let name = argument.dropFirst().prefix { $0 != "=" }
            return options.contains(String(name)) ? "-" + argument : argument
        }
    }
}

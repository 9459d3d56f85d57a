import ArgumentParser
import KeelBase
import KeelDiagnostics

/// Says which command a mistyped one was meant to be; the parser says only that it did not expect it.
package enum CommandSpelling {
    /// Why the arguments name no command of `root`; nil if they do, or if the parser has the better words.
    static func refusal(of arguments: [String], in root: any ParsableCommand.Type) -> String? {
        var command = root
        for argument in arguments {
            let commands = command.configuration.subcommands
            // Behind the last command stand its own arguments; an option before is the parser's.
            guard !commands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            guard let next = commands.first(where: { $0.configuration.commandName == argument }) else {
                let names = commands.compactMap { $0.configuration.commandName }
                let meant = Suggestion.nearest(to: argument, among: names).map { "; did you mean \($0)?" } ?? ""
                return "there is no command \"\(ForeignText(argument))\"\(meant)"
            }
            command = next
        }
        return nil
    }

    /// The same, for the commands of Mailkeel.
    package static func refusal(of arguments: [String]) -> String? { refusal(of: arguments, in: Mailkeel.self) }
}

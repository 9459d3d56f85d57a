import ArgumentParser

/// `mailkeel state`
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Look at what was committed, and put right what no manifest can.",
        subcommands: [
            StateListCommand.self, StateShowCommand.self, StateMoveCommand.self, StateRemoveCommand.self,
            StatePullCommand.self, StatePushCommand.self, StateHistoryCommand.self,
        ])
}

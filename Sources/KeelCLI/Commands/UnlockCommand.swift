import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState

/// `mailkeel unlock`
struct UnlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Show who holds the state lock, or remove what a killed run left of it.",
        discussion: """
            Without an id it shows the lock and changes nothing: exit code 5 if a run holds it, 0 if not. The kernel owns the lock and \
            frees it when the run that holds it ends, however that happens; so what a killed run leaves is a record only, which is \
            in nobody's way.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The id of the lock, as the record says.")
    var id: String?

    func run() throws {
        let context = try CommandContext(global)
        let store = StateStore(context.paths.state, files: context.files)
        if let id { try unlock(id, store, context) } else { try show(store, context) }
    }

    // MARK: Showing

    private func show(_ store: StateStore, _ context: CommandContext) throws {
        let status = try context.reading { try store.holder() }
        let (name, record): (String, LockRecord?) =
            switch status {
            case .free: ("free", nil)
            case .held(let record): ("held", record)
            case .leftover(let record): ("leftover", record)
            }
        if global.json {
            try context.console.output(
                .present(("type", "lock"), ("status", .string(name)), ("lock", record?.json)))
        } else {
            try context.console.output(words(status, context))
        }
        if case .held = status { throw ExitStatus.lockHeld.exit }
    }

    private func words(_ status: LockStatus, _ context: CommandContext) -> String {
        let path = context.paths.state.state
        switch status {
        case .free: return "Nobody holds the lock of \(path).\n"
        case .held(let record?): return "A run holds the lock of \(path).\n\n" + LockText.block(record)
        case .held(nil): return "A run holds the lock of \(path), and has not said which.\n"
        case .leftover(let record):
            let command = context.commandLine("unlock", record.id)
            return
                "Nobody holds the lock of \(path). A run that was killed left its record, which is in nobody's way.\n\n\(LockText.block(record))\n\(command) removes it.\n"
        }
    }

    // MARK: Removing

    private func unlock(_ id: String, _ store: StateStore, _ context: CommandContext) throws {
        let outcome: UnlockOutcome
        do throws(StateFailure) {
            outcome = try store.unlock(id: id)
        } catch {
            try context.console.show(LockText.refusal(error), holder: error.holder)
            throw (error.code == .locked ? ExitStatus.lockHeld : .failed).exit
        }
        if global.json {
            return try context.console.output(
                .object([.init("type", "unlock"), .init("removed", .boolean(outcome == .removed))]))
        }
        switch outcome {
        case .removed: try context.console.output("Mailkeel state has been successfully unlocked!\n")
        case .nothing:
            try context.console.output("Nobody holds the lock, and there is no record of one: nothing to unlock.\n")
        }
    }
}

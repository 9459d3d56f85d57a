import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState

/// `mailkeel state pull`
struct StatePullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Print the state as it would be stored now. Takes no lock and writes nothing.",
        discussion: "`mailkeel state pull >backup.json` keeps it; `mailkeel state push backup.json` puts it back.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let context = try CommandContext(global)
        let document = try context.requireState()
        try context.console.output(String(decoding: document.bytes(), as: UTF8.self))
    }
}

/// `mailkeel state push`
struct StatePushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Replace the state by a file. The state as it was is kept: mailkeel state history.",
        discussion: "The vault is left as it is: what the state names and the vault lacks, the next plan obtains again."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var lock: LockOption

    @Flag(help: "Also if it is another state, an older one, or if the state in service cannot be read.")
    var force = false

    @Argument(help: ArgumentHelp("The file, or - for standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        let context = try CommandContext(global)
        let bytes = try context.reading { try read(context) }
        let force = force
        let outcome = try await context.editingState("state push", lock.lockTimeout) { editor throws(EngineFailure) in
            try await editor.push(bytes, force: force)
        }
        try show(outcome, context)
    }

    private static let sizeLimit = 256 << 20

    private func read(_ context: CommandContext) throws -> [UInt8] {
        do {
            if file == "-" { return try context.files.read("/dev/stdin", limit: Self.sizeLimit) ?? [] }
            // Relative to --chdir, as in Terraform; but the paths that this program prints are good as they stand.
            for path in [context.located(file: file), file] {
                guard let bytes = try context.files.read(path, limit: Self.sizeLimit) else { continue }
                try checkProject(of: path, context)
                return bytes
            }
        } catch let error as FileFailure {
            throw Self.failure(
                "file.\(error.code.rawValue)", error.description, help: "check the path and its permissions")
        }
        throw Self.failure(
            "state.no-file", "there is no file \(ForeignText(file))",
            help: "mailkeel state history lists the states that are kept, with their files")
    }

    /// Whoever copies a path of another project's history, and forgets to name that project, would make a second one here.
    private func checkProject(of path: String, _ context: CommandContext) throws {
        let state = context.paths.state
        guard let hidden = path.ranges(of: "/\(ProjectPaths.hiddenDirectory)/history/").last,
            !path.hasPrefix(state.history + "/"), try context.files.mode(state.state) == nil
        else { return }
        let project = String(path[..<hidden.lowerBound])
        throw Self.failure(
            "state.other-project", "there is no state at \(state.state), and \(path) is of the project in \(project)",
            help:
                "name that project too: --chdir \(ShellWord(project)); or push a copy of the file that stands elsewhere"
        )
    }

    private static func failure(_ code: String, _ message: String, help: String) -> EngineFailure {
        EngineFailure([Diagnostic(.error, code, message, help: help, responsible: .operatorHere)])
    }

    private func show(_ outcome: PushOutcome, _ context: CommandContext) throws {
        let (serial, isReplaced) =
            switch outcome {
            case .unchanged(let serial): (serial, false)
            case .replaced(let serial): (serial, true)
            }
        if global.json {
            return try context.console.output(
                .object([
                    .init("type", "state_push"), .init("replaced", .boolean(isReplaced)),
                    .init("serial", .integer(serial)),
                ]))
        }
        try context.console.output(
            isReplaced
                ? "Replaced \(context.paths.state.state); it has serial \(serial) now.\n"
                : "The state holds that already, with serial \(serial); nothing was written.\n")
        guard isReplaced else { return }
        context.console.remark(
            "Run mailkeel plan to see how it differs from the manifests; mailkeel apply lets the vault follow.")
    }
}

/// `mailkeel state history`
struct StateHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the state and those before it: when, by whom and by what they were written.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let context = try CommandContext(global)
        let entries = try context.reading {
            do throws(StateFailure) {
                return try StateStore(context.paths.state, files: context.files).history()
            } catch {
                throw EngineFailure(error)
            }
        }
        let table = HistoryTable(entries)
        if global.json { return try context.console.output(lines: table.objects) }
        guard !entries.isEmpty else {
            return context.console.remark(
                "There is no state at \(context.paths.state.state) yet; mailkeel apply makes it.")
        }
        try context.console.output(table.text(context.console.outputStyle))
        guard let path = entries.first(where: { !$0.isCurrent && $0.damage == nil })?.path else { return }
        let command = context.commandLine("state", "push", "--force", context.relative(path))
        context.console.remark("To go back to one of them, name its file, such as: \(command)")
    }
}

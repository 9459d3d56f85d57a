import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel

/// `mailkeel validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the manifests: every mistake at once, nothing contacted.")

    /// How the diagnostics are written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sarif
    }

    @OptionGroup var global: GlobalOptions

    @Option(help: "text, json (as --json), or sarif for code review tools.")
    var format: Format?

    func run() throws {
        var global = global
        global.json = global.json || format == .json
        let context = CommandContext(global)
        if format == .sarif { return try writeSARIF(context) }
        let project = try context.loadProject()
        let accounts = project.set.accounts.count
        let profiles = project.set.profiles.count
        guard !global.json else {
            try context.console.show(project.report.sorted(in: project.sources), sources: project.sources)
            return try context.console.output(
                .object([
                    .init("type", "summary"), .init("valid", true), .init("accounts", .integer(accounts)),
                    .init("profiles", .integer(profiles)),
                ]))
        }
        let style = context.console.outputStyle
        try context.console.output(
            "\(style.green("Success!")) The manifests are valid: \(counted(profiles, "OAuth profile")), \(counted(accounts, "email account")).\n"
        )
    }

    private func writeSARIF(_ context: CommandContext) throws {
        let project = Project.load(context.paths, files: context.files)
        let log = SARIFLog(project.report, in: project.sources, toolVersion: MailkeelVersion.current)
        try context.console.output(try log.json() + "\n")
        if project.report.hasErrors { throw ExitStatus.failed.exit }
    }
}

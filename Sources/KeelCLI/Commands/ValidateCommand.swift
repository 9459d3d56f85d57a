import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelSystem

/// `mailkeel validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the manifests: every mistake at once, nothing contacted.")

    /// How the diagnostics are written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sarif, junit, github, gitlab

        /// Whether the format is made for a tool that shows mistakes beside the lines of a change.
        var isReview: Bool {
            switch self {
            case .text, .json: false
            case .sarif, .junit, .github, .gitlab: true
            }
        }
    }

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "text; json (as --json); sarif for code scanning; junit for CI servers; github for workflow annotations; gitlab for a Code Quality report.",
            valueName: "format"))
    var format: Format?

    func run() throws {
        var global = global
        global.json = global.json || format == .json
        let context = CommandContext(global)
        if let format, format.isReview { return try review(format, context) }
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

    /// Writes the whole report in a format for a review tool; the words for people go to standard error.
    private func review(_ format: Format, _ context: CommandContext) throws {
        let project = Project.load(
            context.paths, files: context.files, now: context.time.now, keepers: context.keepers)
        let paths = context.paths
        // Such tools name files from the repository's root, where their jobs begin.
        let report = ReviewReport(project.report, in: project.sources) { WorkingDirectory.relative(paths.located($0)) }
        try context.console.output(Self.text(report, format))
        if let summary = project.report.summary { context.console.remark(summary) }
        if project.report.hasErrors { throw ExitStatus.failed.exit }
    }

    private static func text(_ report: ReviewReport, _ format: Format) -> String {
        switch format {
        case .sarif: SARIFLog(report, toolVersion: MailkeelVersion.current).json.text(.pretty)
        case .junit: JUnitReport(report).text
        case .github: WorkflowCommands(report).text
        case .gitlab: CodeQualityReport(report, projectFile: "mailkeel.yaml").json.text(.pretty)
        case .text, .json: ""
        }
    }
}

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
    @OptionGroup var variables: VariableOptions

    @Flag(help: "Check every environment of the project. What only some of them have names them.")
    var allEnvironments = false

    @Option(
        help: ArgumentHelp(
            "text; json (as --json); sarif for code scanning; junit for CI servers; github for workflow annotations; gitlab for a Code Quality report.",
            valueName: "format"))
    var format: Format?

    func validate() throws {
        if allEnvironments, global.env != nil {
            throw ValidationError("--all-environments checks each of them; leave --env out")
        }
    }

    func run() throws {
        var global = global
        global.json = global.json || format == .json
        let context = CommandContext(unselected: global, variables)
        let checked = CheckedManifests(try environments(context), context)
        if let format, format.isReview { return try review(checked, format, context) }
        try context.conclude(checked.report, checked.sources, showsNotes: true)
        guard !global.json else {
            try context.console.show(checked.report.sorted(in: checked.sources), sources: checked.sources)
            return try context.console.output(checked.json)
        }
        try context.console.output("\(context.console.outputStyle.green("Success!")) \(checked.summary)\n")
    }

    /// What is to be checked; nil stands for a project without environments, and for one whose file has mistakes.
    private func environments(_ context: CommandContext) throws -> [DeclaredEnvironment?] {
        guard let head = context.head, !head.hasErrors else { return [nil] }
        do throws(EngineFailure) {
            guard allEnvironments, !head.environments.isEmpty else { return [try head.environment(global.env)] }
            var all: [DeclaredEnvironment?] = []
            for name in head.environments { all.append(try head.environment(name)) }
            return all
        } catch {
            let diagnostics = error.diagnostics.map { diagnostic in
                var diagnostic = diagnostic
                if diagnostic.code == "project.environment-needed", let help = diagnostic.help {
                    diagnostic.help = "\(help); or check all of them: --all-environments"
                }
                return diagnostic
            }
            try context.console.show(diagnostics, sources: head.sources)
            throw ExitStatus.failed.exit
        }
    }

    /// Writes the whole report in a format for a review tool; the words for people go to standard error.
    private func review(_ checked: CheckedManifests, _ format: Format, _ context: CommandContext) throws {
        let paths = context.paths
        // Such tools name files from the repository's root, where their jobs begin.
        let report = ReviewReport(checked.report, in: checked.sources) { WorkingDirectory.relative(paths.located($0)) }
        try context.console.output(Self.text(report, format))
        if let summary = checked.report.summary { context.console.remark(summary) }
        if checked.report.hasErrors { throw ExitStatus.failed.exit }
    }

    private static func text(_ report: ReviewReport, _ format: Format) -> String {
        switch format {
        case .sarif:
            SARIFLog(report, toolVersion: MailkeelVersion.current) { ExplanationCatalogue.explanation(of: $0)?.title }
                .json.text(.pretty)
        case .junit: JUnitReport(report).text
        case .github: WorkflowCommands(report).text
        case .gitlab: CodeQualityReport(report, projectFile: "mailkeel.yaml").json.text(.pretty)
        case .text, .json: ""
        }
    }
}

/// The manifests as some environments see them, and what is wrong with them.
private struct CheckedManifests {
    let sources: SourceMap
    let report: DiagnosticReport
    /// For each environment, or for the project that has none.
    private let counts: [(environment: String?, accounts: Int, profiles: Int)]

    init(_ environments: [DeclaredEnvironment?], _ context: CommandContext) {
        let projects = context.readProjects(environments)
        let names = environments.map { $0?.name.value }
        let told = EnvironmentsReport(zip(names, projects).map { (environment: $0 ?? "", project: $1) })
        sources = told.sources
        report = told.report
        counts = zip(names, projects).map { ($0, $1.set.accounts.count, $1.set.profiles.count) }
    }

    /// `The manifests are valid: 1 OAuth profile, 2 email accounts.`
    var summary: String {
        let parts = counts.map { count in
            let words = "\(counted(count.profiles, "OAuth profile")), \(counted(count.accounts, "email account"))"
            return counts.count == 1 ? words : "\(count.environment ?? "") has \(words)"
        }
        let all = counts.count == 1 ? "" : " in \(counts.count) environments"
        return "The manifests are valid\(all): \(parts.joined(separator: "; "))."
    }

    /// The last object of `--json`; the numbers of several environments stand in `environments`.
    var json: JSON {
        let each = counts.map { count in
            JSON.present(
                ("name", count.environment.map(JSON.string)), ("accounts", .integer(count.accounts)),
                ("profiles", .integer(count.profiles)))
        }
        let alone = counts.count == 1 ? counts.first : nil
        return .present(
            ("type", "summary"), ("valid", true), ("accounts", (alone?.accounts).map(JSON.integer)),
            ("profiles", (alone?.profiles).map(JSON.integer)), ("environments", alone == nil ? .array(each) : nil))
    }
}

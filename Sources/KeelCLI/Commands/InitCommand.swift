import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelSystem

/// `mailkeel init`
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first project: asks on a terminal, or takes the answers as options.",
        discussion: """
            Writes mailkeel.yaml, profiles.yaml and accounts.yaml, a schema for editors and .gitignore, and makes the keys outside of the project. Overwrites nothing.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var given: StarterOptions

    @Flag(help: "Never ask: take what is usual for what no option answers.")
    var noInput = false

    func run() async throws {
        let context = CommandContext(withoutProject: global)
        let writer = StarterWriter(paths: context.paths, files: context.files)
        try await context.reporting { try writer.checkIsFree(["mailkeel.yaml", "profiles.yaml", "accounts.yaml"]) }
        var interview = StarterInterview()
        for (question, texts) in given.answers where !texts.isEmpty { try take(texts, question, &interview) }
        let asks = !noInput && !global.json && Terminal.isTerminal(0) && Terminal.isTerminal(2)
        if asks {
            try await ask(&interview, context.console)
        } else {
            let missing = interview.missing
            guard missing.isEmpty else {
                throw ValidationError(
                    "nobody can be asked here; give \(missing.map { "\($0.option) \($0.rawValue.uppercased())" }.joined(separator: ", "))"
                )
            }
            interview = interview.completed
        }
        guard let project = StarterProject(interview) else { throw ExitStatus.failed.exit }
        try await finish(project, writer, context)
    }

    private func take(
        _ texts: [String], _ question: StarterQuestion, _ interview: inout StarterInterview
    ) throws {
        do throws(StarterMistake) {
            try interview.answer(question, texts)
        } catch {
            throw ValidationError("\(question.option): \(error.words)")
        }
    }

    // MARK: Asking

    private func ask(_ interview: inout StarterInterview, _ console: Console) async throws {
        while let question = interview.next {
            console.remark(Self.text(of: question, in: interview, console.errorStyle))
            guard let line = await Terminal.readLine() else {
                console.remark("\nNothing was written.")
                throw ExitStatus.failed.exit
            }
            do throws(StarterMistake) {
                try interview.answer(question, [Self.chosen(line, interview.choices(question))])
            } catch {
                console.remark("  \(error.words)")
            }
        }
    }

    private static func text(of question: StarterQuestion, in interview: StarterInterview, _ style: TextStyle) -> String
    {
        let choices = interview.choices(question)
        let width = choices.map(\.value.count).max() ?? 0
        var lines = ["", style.bold(question.prompt)]
        for (number, choice) in choices.enumerated() {
            let padding = String(repeating: " ", count: width - choice.value.count)
            let indent = choices.count > 9 && number < 9 ? "   " : "  "
            lines.append("\(indent)\(number + 1). \(choice.value)\(padding)  \(choice.title)")
        }
        let usual = interview.usual(question).map { " [\($0.joined(separator: ","))]" } ?? ""
        return (lines + ["\(question.rawValue)\(usual):"]).joined(separator: "\n")
    }

    /// A choice may be answered by its number.
    private static func chosen(_ line: String, _ choices: [StarterChoice]) -> String {
        guard let number = DecimalNumber.parse(line), choices.indices.contains(number - 1) else { return line }
        return choices[number - 1].value
    }

    // MARK: Writing

    private func finish(_ project: StarterProject, _ writer: StarterWriter, _ context: CommandContext) async throws {
        var findings: [String] = []
        let written = try await context.reporting {
            let written = try writer.write(project)
            try VaultAccessor(paths: context.paths, files: context.files, time: context.time).makeKeys(&findings)
            return written
        }
        if global.json {
            return try context.console.output(
                .object([
                    .init("type", "init"), .init("files", .array(written.map(JSON.string))),
                    .init("findings", .array(findings.map(JSON.string))),
                    .init("variables", .array(project.variables.map { .string($0.name) })),
                ]))
        }
        let style = context.console.outputStyle
        var lines = written.map { "\(style.green("wrote")) \($0)" }
        lines += findings
        lines.append("")
        for variable in project.variables {
            lines.append("Before the first apply, export \(variable.name): \(variable.meaning).")
        }
        for file in project.secretFiles {
            lines.append("Before the first apply, put \(file.meaning), at \(file.path).")
        }
        lines.append("Next: \(context.commandLine("validate")), then \(context.commandLine("plan")).")
        try context.console.output(lines.joined(separator: "\n") + "\n")
    }
}

/// The answers that a command line can give.
struct StarterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The preset, as `mailkeel providers` lists them, or generic.", valueName: "name"))
    var provider: String?

    @Option(help: ArgumentHelp("The provider's national cloud or region.", valueName: "name"))
    var cloud: String?

    @Option(help: ArgumentHelp("The issuer, for a generic provider.", valueName: "url"))
    var issuer: String?

    @Option(help: ArgumentHelp("The mail server, for a generic provider.", valueName: "host"))
    var server: String?

    @Option(help: ArgumentHelp("The tenant's id or domain.", valueName: "tenant"))
    var tenant: String?

    @Option(help: ArgumentHelp("How tokens are obtained.", valueName: "grant"))
    var grant: String?

    @Option(help: ArgumentHelp("The client id of the registered application.", valueName: "id"))
    var clientID: String?

    @Option(
        name: .customLong("protocol"), help: ArgumentHelp("imap, smtp or pop3; may be repeated.", valueName: "type"))
    var protocols: [String] = []

    @Option(name: .customLong("mailbox"), help: ArgumentHelp("A mailbox; may be repeated.", valueName: "name"))
    var mailboxes: [String] = []

    @Option(help: ArgumentHelp("What the project is called.", valueName: "name"))
    var name: String?

    /// In the order in which they are asked.
    var answers: [(StarterQuestion, [String])] {
        StarterQuestion.allCases.map { question in
            switch question {
            case .provider: (question, provider.map { [$0] } ?? [])
            case .cloud: (question, cloud.map { [$0] } ?? [])
            case .issuer: (question, issuer.map { [$0] } ?? [])
            case .server: (question, server.map { [$0] } ?? [])
            case .tenant: (question, tenant.map { [$0] } ?? [])
            case .grant: (question, grant.map { [$0] } ?? [])
            case .clientID: (question, clientID.map { [$0] } ?? [])
            case .protocols: (question, protocols)
            case .mailboxes: (question, mailboxes)
            case .name: (question, name.map { [$0] } ?? [])
            }
        }
    }
}

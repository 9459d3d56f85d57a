import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan

/// `mailkeel plan`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract:
            "Show what apply would do. Takes no lock, reads no secret, contacts nobody; writes --out, and nothing else."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var selection: SelectorOption
    @OptionGroup var revocation: RevokeOption

    @Flag(help: "Exit with 2 when there are changes, with 0 when there are none.")
    var detailedExitcode = false

    @Flag(help: "Plan what `mailkeel destroy` would do.")
    var destroy = false

    @Option(help: ArgumentHelp("Obtain this authorization again.", valueName: "address"))
    var replace: [String] = []

    @Option(help: ArgumentHelp("Save the plan, for `mailkeel apply FILE` to apply exactly it.", valueName: "file"))
    var out: String?

    func validate() throws {
        try ApplyChoice(destroy: destroy, replace: !replace.isEmpty).check()
        if out == "" { throw ValidationError("--out names the file for the plan") }
    }

    func run() async throws {
        let context = try CommandContext(global, variables)
        let project = destroy ? Project.empty : try context.loadProject()
        var proposal = try await context.plan(
            project, destroying: destroy, replacing: try Set(replace.map(context.address)),
            revoking: revocation.revoke)
        if let selector = selection.selector {
            proposal = try context.select(selector, proposal, of: project.set)
        }
        let json = global.json || out != nil ? proposal.plan.json { $0.json(in: project.sources) } : .null
        if global.json {
            try context.console.output(json)
        } else {
            try context.console.output(PlanText(style: context.console.outputStyle).render(proposal.plan))
        }
        if let out {
            try await save(
                proposal, json, SavedPlan(name: out, path: context.located(file: out), files: context.files), context)
        } else if !global.json, !proposal.plan.isEmpty {
            try context.console.output(
                Self.note(
                    context.commandLine(applying(["--plan-hash", proposal.approval.intent], selects: true)),
                    isDestroying: destroy, context.console.outputStyle))
        }
        if detailedExitcode, !proposal.plan.isEmpty { throw ExitStatus.changes.exit }
    }

    private func save(_ proposal: Proposal, _ json: JSON, _ file: SavedPlan, _ context: CommandContext) async throws {
        let approval = proposal.approval
        try await context.reporting { try file.write(approval, showing: json) }
        if global.json {
            return try context.console.output(
                .object([
                    .init("type", "saved"), .init("file", .string(file.name)),
                    .init("intent", .string(approval.intent)),
                ]))
        }
        try context.console.output(
            """

            Saved the plan to: \(file.name)
            Its intent is: \(approval.intent)

            To perform exactly these actions, run the following command to apply:
                \(context.commandLine(applying([file.name], selects: false)))

            """)
    }

    /// The words of the apply that does exactly this: it plans again, so it needs what the plan was made with.
    private func applying(_ approval: [String], selects: Bool) -> [String] {
        var words = ["apply"] + approval + variables.words
        // A saved plan says itself what is destroyed, replaced, revoked and selected.
        guard selects else { return words }
        if destroy { words.append("--destroy") }
        if revocation.revoke { words.append("--revoke") }
        words += replace.flatMap { ["--replace", $0] }
        if let selector = selection.selector { words += ["--selector", selector.text] }
        return words
    }

    /// In the words of Terraform's, as far as they are true here.
    private static func note(_ command: String, isDestroying: Bool, _ style: TextStyle) -> String {
        """

        \(style.bold("Note:")) You didn't use the --out option to save this plan, so Mailkeel can't promise to take exactly these
        actions if you run "mailkeel \(isDestroying ? "destroy" : "apply")" now. This does, or refuses:
            \(command)

        """
    }
}

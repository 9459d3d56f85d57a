import ArgumentParser
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// `mailkeel plan`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would do. Takes no lock, writes nothing, reads no secret, contacts nobody.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Exit with 2 when there are changes, with 0 when there are none.")
    var detailedExitcode = false

    @Option(help: ArgumentHelp("Obtain this authorization again.", valueName: "address"))
    var replace: [String] = []

    func run() async throws {
        let context = CommandContext(global)
        let project = try context.loadProject()
        let plan = try await context.plan(project, replacing: replace).plan
        if global.json {
            try context.console.output(plan.json { $0.json(in: project.sources) })
        } else {
            try context.console.output(PlanText(style: context.console.outputStyle).render(plan))
        }
        if detailedExitcode, !plan.isEmpty { throw ExitStatus.changes.exit }
    }
}

import ArgumentParser
import KeelBase
import KeelEngine
import KeelPlan

extension GraphFormat: ExpressibleByArgument {}

/// `mailkeel graph`
struct GraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Show what depends on what, and the steps that apply would do in which order. Writes nothing.",
        discussion: "`mailkeel graph --format dot | dot -Tsvg > graph.svg` draws it; Markdown pages show mermaid.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var variables: VariableOptions

    @Option(help: "text, dot (Graphviz), mermaid, or json (as --json).")
    var format: GraphFormat?

    func validate() throws {
        if global.json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) ask for two things; give one of them")
        }
    }

    func run() async throws {
        let context = try CommandContext(global, variables)
        let project = try context.loadProject()
        let proposal = try await context.plan(project)
        let graph = ResourceGraph(project.set, proposal.plan)
        try context.console.output(graph.rendered(format ?? (global.json ? .json : .text)))
    }
}

import ArgumentParser
import KeelEngine

/// `mailkeel apply`
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make it so: authorize, prove each login, then commit.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var parallelism: ParallelismOption

    @Flag(help: "Do not ask before changing anything.")
    var autoApprove = false

    @Option(help: ArgumentHelp("Obtain this authorization again.", valueName: "address"))
    var replace: [String] = []

    func run() async throws {
        let context = CommandContext(global)
        let project = try context.loadProject()
        try await ApplySession(
            context: context, project: project, operation: .apply, parallelism: parallelism.parallelism,
            autoApprove: autoApprove, replacing: replace
        ).run()
    }
}

/// `mailkeel destroy`
struct DestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Forget all accounts and retire their grants here. Nothing is revoked at the provider.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var parallelism: ParallelismOption

    @Flag(help: "Do not ask before destroying anything.")
    var autoApprove = false

    func run() async throws {
        let context = CommandContext(global)
        try await ApplySession(
            context: context, project: .empty, operation: .destroy, parallelism: parallelism.parallelism,
            autoApprove: autoApprove, replacing: []
        ).run()
    }
}

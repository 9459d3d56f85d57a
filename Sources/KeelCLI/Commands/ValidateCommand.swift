import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel

/// `mailkeel validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the manifests: every mistake at once, nothing contacted.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let context = CommandContext(global)
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
}

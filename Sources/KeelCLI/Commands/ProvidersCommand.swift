import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelModel
import KeelProviders

/// `mailkeel providers`
struct ProvidersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "providers",
        abstract: "Show what is known of a provider, with a manifest to start from; without a name, list all.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The name in provider: microsoft365, google.")
    var name: String?

    func run() throws {
        let console = CommandContext(withoutProject: global).console
        let text = ProviderText(style: console.outputStyle)
        guard let name else {
            guard global.json else { return try console.output(text.table(ProviderPreset.all)) }
            for preset in ProviderPreset.all { try console.output(preset.json) }
            return
        }
        guard let preset = ProviderPreset.named(name) else {
            let meant = Suggestion.nearest(to: name, among: ProviderPreset.names).map { "did you mean \($0)?" }
            throw ValidationError(
                "there is no provider \"\(ForeignText(name))\"; \(meant ?? "mailkeel providers lists them")")
        }
        if global.json { return try console.output(preset.json) }
        try console.output(text.render(preset))
    }
}
